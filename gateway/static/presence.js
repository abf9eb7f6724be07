// Who is at work below the conversation: the assistant, with what it does, or a person who is typing.

import { byId } from "./dom.js";
import { toEnd } from "./view.js";
import { word } from "./words.js";

// A person's typing is told again every few seconds while it lasts.
const PERSON_TYPES_MS = 6_000;

let assistant = null; // null, or the state that it is in
let person = null;
let timer;

/** `state`: "thinking", "searching", "picture", or null when it is done or its words appear. */
export function assistantIs(state) {
  assistant = state;
  show();
}

export function personTypes(name) {
  person = name || word("colleague");
  clearTimeout(timer);
  timer = setTimeout(personStops, PERSON_TYPES_MS);
  show();
}

export function personStops() {
  clearTimeout(timer);
  person = null;
  show();
}

function show() {
  const line = byId("typing");
  const wasHidden = line.hidden;
  line.hidden = assistant === null && person === null;
  const doing = person ? word("personTypes", person) : (word("doing")[assistant] ?? "");
  byId("doing").textContent = doing;
  // Spoken once by a screen reader; the dots alone are not worth saying.
  byId("doing-spoken").textContent = line.hidden ? "" : doing;
  byId("typing-face").classList.toggle("human", Boolean(person));
  byId("typing-icon").setAttribute("href", person ? "#i-person" : "#i-clerk");
  if (wasHidden && !line.hidden) toEnd();
}
