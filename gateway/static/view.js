// Builds what stands in the conversation: bubbles, products, sources, quick replies, stars, notes.

import * as api from "./api.js";
import { byId, icon, make } from "./dom.js";
import { rich } from "./text.js";
import { language, word } from "./words.js";

const SILENCE_MS = 10 * 60_000; // after which the time is shown
const NEAR_THE_END_PX = 120;

const scroller = byId("scroller");
const log = byId("log");
// Below the newest of the customer's messages that a person has seen.
const seen = make("p", { className: "seen" });
let lastAt = 0;
let following = true; // the newest message is kept in sight, unless the customer has scrolled up to read

let top = 0;
scroller.addEventListener("scroll", () => {
  const atEnd = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < NEAR_THE_END_PX;
  // What has grown below since is no sign that somebody reads further up.
  following = atEnd || (following && scroller.scrollTop >= top);
  top = scroller.scrollTop;
});
// Messages come, pictures load, the field grows, a keyboard opens: all change one of these two.
const watcher = new ResizeObserver(() => following && toEnd());
watcher.observe(scroller);
watcher.observe(log);
watcher.observe(byId("draft"));

export function clear() {
  log.replaceChildren();
  seen.remove();
  lastAt = 0;
}

export function toEnd() {
  following = true;
  scroller.scrollTop = scroller.scrollHeight;
}

function add(node, at = new Date()) {
  if (at - lastAt > SILENCE_MS) log.append(time(at));
  lastAt = Number(at);
  log.append(node);
  return node;
}

function time(at) {
  const clock = at.toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" });
  const days = Math.round((new Date().setHours(0, 0, 0, 0) - new Date(at).setHours(0, 0, 0, 0)) / 86_400_000);
  const day = days === 0 ? word("today") : days === 1 ? word("yesterday") : at.toLocaleDateString(document.documentElement.lang);
  return make("time", { className: "time", dateTime: at.toISOString() }, `${day} ${clock}`);
}

export const note = (text, at) => add(make("p", { className: "event" }, text), at);

/** The customer's own message. `sending()`, `sent()` and `failed(...)` show what becomes of it. */
export function customer({ id, text, pictures = [], at }) {
  const failed = make("p", { className: "failed", hidden: true });
  const images = pictures.map((one, i) => picture(one, word("pictureOf", i + 1)));
  const bubble = text ? make("p", { className: "bubble" }, text) : null;
  const node = make("article", { className: "message mine" }, ...images, bubble, failed);
  node.dataset.id = id;
  add(node, at);
  if (!at) toEnd();
  return {
    sending: () => show(node, failed, "sending"),
    sent: () => show(node, failed, ""),
    failed: (trouble, again) => {
      show(node, failed, "unsent", trouble.message || word("notSent"), again && sendAgain(again));
    },
  };
}

function show(node, line, state, text = "", action = null) {
  node.dataset.state = state;
  line.hidden = !text;
  line.replaceChildren(text, ...(action ? [" ", action] : []));
}

const sendAgain = (again) =>
  make("button", { type: "button", className: "again", onclick: again }, icon("again"), word("sendAgain"));

/** A person has seen the customer's messages up to this one. */
export function readUpTo(id) {
  const node = log.querySelector(`.mine[data-id="${CSS.escape(id)}"]`);
  if (!node) return;
  seen.textContent = word("read");
  node.append(seen);
}

const face = (person) =>
  make("span", { className: person ? "face small human" : "face small", "aria-hidden": "true" }, icon(person ? "person" : "clerk"));

// A source's number while it is not known which sources there will be.
const plainMark = (n) => make("span", { className: "mark" }, String(n));

/** The assistant's words so far, in `place`. */
export function draft(place, text) {
  // Bold that is not closed yet will be: without this, two stars would come and go.
  const half = text.split("**").length % 2 === 0;
  const shown = half ? text.replace(/\*\*(?!.*\*\*)/s, "") : text;
  const bubble = make("p", { className: "bubble" }, rich(shown, plainMark));
  place.replaceChildren(make("article", { className: "message" }, face(), make("div", { className: "body" }, bubble)));
  place.hidden = false;
}

/** Words that were shown and do not stand; what the documents say comes after. */
export function withdrawn(text) {
  const words = make("del", { className: "bubble", "aria-hidden": "true" }, rich(text, plainMark));
  const body = make("div", { className: "body" }, words, make("p", { className: "withdrawn" }, word("withdrawn")));
  add(make("article", { className: "message in-place" }, face(), body));
}

/**
 * One message of the assistant's or a person's. `say(text)` sends what a button stands for, `judge(verdict)`
 * keeps what the customer thinks of an answer from the documents. `inPlace`: it was on the page already, as a
 * draft, of which `withdrawn` did not stand.
 */
export function answer(message, { say, judge, at, old = false, inPlace = false, withdrawn = "" }) {
  const sources = message.citations ?? [];
  const body = make("div", { className: "body" });
  if (message.person) body.append(make("p", { className: "name" }, message.person));
  if (message.text) {
    const marked = (n) => sources[n - 1] && sourceMark(sources[n - 1], n);
    body.append(make("p", { className: "bubble" }, rich(message.text, marked)));
  }
  if (withdrawn) {
    const words = make("del", { "aria-hidden": "true" }, rich(withdrawn));
    body.append(make("p", { className: "withdrawn" }, words, " ", word("sentenceWithdrawn")));
  }
  if (message.image) body.append(picture({ address: message.image }, word("productPicture")));
  if (message.cards) body.append(cards(message.cards, say));
  if (sources.length) body.append(citations(sources));
  if (sources.length && judge) body.append(thumbs(judge, message.verdict));
  if (message.buttons && !old) body.append(quickReplies(message.buttons, say));
  const kind = inPlace ? "message in-place" : "message";
  return add(make("article", { className: kind }, face(message.person), body), at);
}

/** Only the newest message's quick replies can be meant. */
export function dropQuickReplies() {
  for (const node of log.querySelectorAll(".replies")) node.remove();
}

function quickReplies(buttons, say) {
  const chips = buttons.map(({ title, payload }) =>
    make("button", { type: "button", className: "chip", onclick: () => say(payload) }, title),
  );
  return make("div", { className: "replies" }, ...chips);
}

function cards(products, say) {
  const items = products.map(({ title, line, image, payload }) =>
    make("li", {},
      image ? make("img", { src: image, alt: "", loading: "lazy" }) : null,
      make("div", {}, make("h3", {}, title), line ? make("p", { className: "line" }, line) : null),
      make("button", { type: "button", className: "chip", onclick: () => say(payload) }, word("choose")),
    ),
  );
  return make("ul", { className: "cards", tabIndex: 0 }, ...items);
}

function citations(sources) {
  const chips = sources.map((source, i) =>
    make("button", { type: "button", className: "source", "aria-label": word("openSource", source.title),
      onclick: () => openSource(source) }, icon("source"), `${i + 1}. ${source.title}`),
  );
  return make("div", { className: "sources", role: "group", "aria-label": word("sources") }, ...chips);
}

/** Up or down, or neither: pressing the one that is pressed takes it back. */
function thumbs(judge, verdict) {
  const button = (name, shape) =>
    make("button", { type: "button", className: "thumb", title: word(name), "aria-label": word(name),
      "aria-pressed": String(verdict === name), onclick: (event) => press(event.currentTarget, name) }, icon(shape));
  const buttons = [button("good", "up"), button("bad", "down")];
  async function press(pressed, name) {
    const wanted = pressed.getAttribute("aria-pressed") === "true" ? null : name;
    if (!(await judge(wanted))) return;
    for (const one of buttons) one.setAttribute("aria-pressed", String(one === pressed && wanted !== null));
  }
  return make("div", { className: "thumbs", role: "group", "aria-label": word("wasIt") }, ...buttons);
}

const sourceMark = (source, n) =>
  make("button", { type: "button", className: "mark", "aria-label": word("openSource", source.title),
    onclick: () => openSource(source) }, String(n));

let opened = null; // the source in the dialog: an earlier one's text may come later

async function openSource(source) {
  opened = source;
  const text = byId("passage-text");
  byId("passage-title").textContent = source.title;
  byId("passage-heading").textContent = "";
  text.replaceChildren("…");
  byId("passage").showModal();
  try {
    const passage = await api.passage(source.id);
    if (opened !== source) return;
    byId("passage-title").textContent = passage.title;
    byId("passage-heading").textContent = passage.heading;
    text.replaceChildren(rich(passage.text));
  } catch (trouble) {
    if (opened === source) text.replaceChildren(trouble.message);
  }
}

function picture(one, label) {
  const image = make("img", { alt: label });
  load(image, one);
  return make("button", { type: "button", className: "shot", "aria-label": label, onclick: () => {
    byId("picture-image").alt = label;
    load(byId("picture-image"), one);
    byId("picture").showModal();
  } }, image);
}

const shown = new WeakMap(); // by image element: the one in the lightbox shows one picture after the other

/** Show a picture; one without an address, or whose address has run out, gets a fresh one, once. */
function load(image, one) {
  shown.set(image, one);
  const renew = async () => {
    image.onerror = null;
    one.address = await one.fresh().catch(() => null);
    if (one.address && shown.get(image) === one) image.src = one.address;
  };
  image.onerror = one.fresh ? renew : null;
  if (one.address) image.src = one.address;
  else if (one.fresh) renew();
}

/** Five stars as one group of radio buttons: arrows move, the choice is spoken. */
export function stars(chosen) {
  const group = make("fieldset", { className: "stars", "aria-label": word("rate") });
  for (let score = 1; score <= 5; score += 1) {
    const input = make("input", { type: "radio", name: "score", value: score, "aria-label": word("stars", score),
      onchange: () => chosen(score) });
    group.append(make("label", { title: word("stars", score) }, input, icon("star")));
  }
  return group;
}

/** Who answers, in the header. */
export function status({ holder, place, person, offline }) {
  const text =
    offline ? word("offline")
    : holder === "person" ? word("person", person)
    : holder === "closed" ? word("closed")
    : holder === "queue" ? (place === 1 ? word("waitingNext") : place ? word("waitingPlace", place - 1) : word("waiting"))
    : word("assistant");
  byId("status").dataset.holder = offline ? "offline" : holder;
  byId("status-text").textContent = text;
}

export const shopName = (shop) => {
  const name = language() === "en" ? shop.name_en : shop.name;
  byId("shop-name").textContent = document.title = name;
};
