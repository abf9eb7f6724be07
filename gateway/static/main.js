// The chat page: restores the conversation, sends messages in order, listens for what comes later.

import * as api from "./api.js";
import { Composer } from "./composer.js";
import { byId, make } from "./dom.js";
import { Draft } from "./draft.js";
import * as memory from "./memory.js";
import { assistantIs, personStops, personTypes } from "./presence.js";
import { Microphone } from "./speech.js";
import * as view from "./view.js";
import * as words from "./words.js";

const PLACE_EVERY_MS = 15_000;
// A server that could not even keep a message is asked again for ten minutes; the customer may be quicker.
const AGAIN_MS = 3_000;
const MOST_AGAIN = 200;
const LOW_SCORE = 3;

let shop;
let composer;
let microphone;
let events = null;
let lastEventId = 0;
let unreported = 0; // the event with a person's newest words, until the server knows that they were seen
let who = { holder: "bot" };
let writing = null; // the draft of the answer on its way
let sending = Promise.resolve(); // messages go one after the other, in the order in which they were written
const unsent = new Map(); // message id -> resend
const triedAgain = new Map(); // message id -> how often the page has sent it again by itself

function setWho(next) {
  who = next;
  view.status({ ...who, offline: !navigator.onLine });
}

/** What a button stands for, as the customer's own words. */
const say = (text) => deliver({ text, pictures: [] });

function deliver({ text, pictures }) {
  const message = {
    conversation_id: memory.conversationId(),
    message_id: memory.freshId(),
    text,
    attachments: pictures.map(({ id }) => id),
    language: words.language(),
  };
  memory.keepUnsent(message);
  byId("welcome").hidden = true;
  view.dropQuickReplies();
  const line = view.customer({ id: message.message_id, text, pictures });
  enqueue(message, line);
}

function enqueue(message, line) {
  line.sending();
  unsent.delete(message.message_id);
  sending = sending.then(() => attempt(message, line));
}

async function attempt(message, line) {
  if (message.conversation_id !== memory.conversationId()) return;
  const here = () => message.conversation_id === memory.conversationId();
  const draft = (writing = new Draft());
  if (who.holder === "bot" || who.holder === "closed") assistantIs("thinking");
  try {
    const reply = await api.send(message, (kind, data) => {
      line.sent();
      if (here()) draft.hear(kind, data);
    });
    memory.forgetUnsent(message);
    line.sent();
    if (here()) receive(reply, draft, message.message_id);
  } catch (trouble) {
    if (!here()) return;
    draft.hide();
    if (!trouble.again) memory.forgetUnsent(message);
    const again = trouble.again ? () => enqueue(message, line) : null;
    if (again) unsent.set(message.message_id, again);
    line.failed(trouble, again);
    if (trouble.soon) sendSoon(message, again);
  } finally {
    if (here()) assistantIs(null);
  }
}

/** Unless the customer has done so meanwhile. */
function sendSoon(message, again) {
  const tries = (triedAgain.get(message.message_id) ?? 0) + 1;
  triedAgain.set(message.message_id, tries);
  if (tries > MOST_AGAIN) return;
  setTimeout(() => unsent.get(message.message_id) === again && again(), AGAIN_MS);
}

function receive(reply, draft, answered) {
  draft.settle(reply.messages, say, judging(answered));
  if (reply.holder !== who.holder) refreshWho();
  listen();
}

/** Keeps what the customer thinks of the answer to a message; false when that failed. */
const judging = (answered) => async (verdict) => {
  try {
    await api.judge(memory.conversationId(), answered, verdict);
    return true;
  } catch (trouble) {
    composer.notice(trouble.message);
    return false;
  }
};

async function refreshWho() {
  const known = who;
  try {
    const found = await api.state(memory.conversationId());
    if (who === known) setWho(found); // else an event has told something newer meanwhile
  } catch {
    // The header may be late; the next event or look puts it right.
  }
}

/** Events are wanted once there is a conversation to have them. */
function listen() {
  if (events) return;
  events = api.events(memory.conversationId(), lastEventId);
  events.addEventListener("message", (event) => {
    lastEventId = Number(event.lastEventId);
    const { from: person, at, ...message } = JSON.parse(event.data);
    if (person) {
      personStops();
      unreported = lastEventId;
    }
    view.answer({ ...message, person }, { say, at: new Date(at) });
    reportRead();
  });
  events.addEventListener("typing", (event) => personTypes(JSON.parse(event.data).name));
  events.addEventListener("read", (event) => view.readUpTo(JSON.parse(event.data).message_id));
  events.addEventListener("holder", (event) => {
    lastEventId = Number(event.lastEventId);
    const { holder, name } = JSON.parse(event.data);
    if (holder === who.holder && name === who.person) return;
    if (holder !== "person") personStops();
    view.note(words.word("holderNote")[holder](name));
    setWho({ holder, person: name });
    if (holder === "queue") refreshWho();
  });
}

/** Tell the server what the customer has seen of a person's words; a page in the background shows nothing. */
async function reportRead() {
  if (!unreported || document.hidden) return;
  const [conversation, upTo] = [memory.conversationId(), unreported];
  unreported = 0;
  try {
    await api.read(conversation, upTo);
  } catch {
    if (conversation === memory.conversationId()) unreported ||= upTo; // told a little later: with the next words, or when the page is looked at again
  }
}

async function thank(score, text) {
  try {
    await api.rate({ conversation_id: memory.conversationId(), score, words: text });
  } catch (trouble) {
    return composer.notice(trouble.message);
  }
  if (score >= LOW_SCORE) return view.note(words.word("rateThanks"));
  const person = words.word("askForPerson");
  view.dropQuickReplies();
  view.answer({ text: words.word("rateSorry"), buttons: [{ title: person, payload: person }] }, { say });
}

async function restore() {
  const id = memory.conversationId();
  let past = { entries: [], holder: "bot", last_event_id: 0 };
  try {
    past = await api.history(id);
  } catch (trouble) {
    composer.notice(trouble.message);
  }
  lastEventId = past.last_event_id;
  if (past.entries.some((entry) => entry.sender === "person")) unreported = past.last_event_id;
  setWho({ holder: past.holder, place: past.place, person: past.person });
  past.entries.forEach((entry, i) => showPast(entry, i === past.entries.length - 1));
  const arrived = new Set(past.entries.map((entry) => entry.message_id));
  for (const message of memory.outbox()) {
    if (arrived.has(message.message_id)) memory.forgetUnsent(message);
    else showUnsent(message);
  }
  byId("welcome").hidden = past.entries.length + memory.outbox().length > 0;
  if (past.read_message_id) view.readUpTo(past.read_message_id);
  if (past.entries.length) listen();
  reportRead();
  view.toEnd();
}

function showPast(entry, newest) {
  const at = new Date(entry.at);
  if (entry.sender !== "customer") {
    view.answer(entry, { say, judge: entry.answers && judging(entry.answers), at, old: !newest });
    return;
  }
  const attachments = (entry.attachments ?? []).map(({ id }) => id);
  const { message_id, text } = entry;
  const pictures = (entry.attachments ?? []).map(shown);
  const line = view.customer({ id: message_id, text: withoutPlaceholder(entry), pictures, at });
  if (entry.answered) return;
  // It arrived, but its answer did not: the same id asks for that answer.
  enqueue({ conversation_id: memory.conversationId(), message_id, text, attachments, language: words.language() }, line);
}

function showUnsent(message) {
  const { message_id: id, text } = message;
  const line = view.customer({ id, text, pictures: message.attachments.map((id) => shown({ id })), at: new Date() });
  const again = () => enqueue(message, line);
  unsent.set(message.message_id, again);
  line.failed({ message: words.word("notSent") }, again);
}

// Addresses run out: `fresh` gets another one.
const shown = ({ id, url }) => ({ address: url, fresh: () => api.pictureAddress(id, memory.conversationId()) });
// The server gives a picture without words a text of its own.
const withoutPlaceholder = (entry) => (entry.attachments?.length && entry.text === "[图片]" ? "" : entry.text);

async function startAgain() {
  if (!byId("welcome").hidden || !confirm(words.word("newConversationSure"))) return;
  events?.close();
  events = null;
  memory.newConversation();
  unsent.clear();
  unreported = 0;
  writing?.hide();
  assistantIs(null);
  personStops();
  sending = Promise.resolve(); // nothing here waits for an answer there
  view.clear();
  composer.reset();
  composer.close();
  microphone.cancel();
  await restore();
  composer.open();
  byId("text").focus();
}

function setLanguage(name) {
  words.choose(name);
  words.label();
  byId("language").textContent = words.word("otherLanguageShort");
  view.shopName(shop);
  view.status({ ...who, offline: !navigator.onLine });
  byId("ideas").replaceChildren(
    ...words.word("ideas").map((idea) => make("button", { type: "button", className: "chip", onclick: () => say(idea) }, idea)),
  );
}

function openRating() {
  const send = byId("rating-form").querySelector("[type=submit]");
  send.disabled = true;
  byId("rating-words").value = "";
  let chosen = 0;
  byId("rating-stars").replaceChildren(view.stars((score) => {
    chosen = score;
    send.disabled = false;
  }));
  byId("rating-form").onsubmit = () => thank(chosen, byId("rating-words").value.trim());
  byId("rating").showModal();
}

function wire() {
  byId("language").addEventListener("click", () => {
    const other = words.language() === "zh" ? "en" : "zh";
    memory.keepLanguage(other);
    setLanguage(other);
  });
  byId("new").addEventListener("click", startAgain);
  byId("rate").addEventListener("click", openRating);
  for (const button of document.querySelectorAll("[data-close]")) {
    button.addEventListener("click", () => button.closest("dialog").close());
  }
  for (const dialog of document.querySelectorAll("dialog")) {
    dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  }
  document.addEventListener("visibilitychange", reportRead);
  window.addEventListener("offline", () => setWho(who));
  window.addEventListener("online", () => {
    setWho(who);
    for (const again of [...unsent.values()]) again();
  });
  setInterval(() => who.holder === "queue" && !document.hidden && refreshWho(), PLACE_EVERY_MS);
}

async function main() {
  composer = new Composer(memory.conversationId, deliver);
  shop = await api.shop().catch(() => ({ name: "", name_en: "", language: "zh", speech_seconds: 0 }));
  composer.shop = { ...composer.shop, ...shop };
  const browsers = ["zh", "en"].find((name) => navigator.language.toLowerCase().startsWith(name));
  microphone = new Microphone(shop.speech_seconds, memory.conversationId, (text) => composer.notice(text));
  setLanguage(memory.language() ?? browsers ?? shop.language);
  wire();
  composer.refresh();
  await restore();
  composer.open();
  byId("text").focus({ preventScroll: true });
}

main();
