// The open conversation: writing to the customer and to colleagues, canned replies, and staying at the end.
// What somebody has typed is kept in this tab until it was sent, whatever happens to the page.

import { headers, tell } from "./queue.js";

const TYPING_EVERY_MS = 2_500;
const NEAR_THE_END_PX = 140;
const talk = document.getElementById("talk");
const { address } = talk.dataset;
const byId = (id) => document.getElementById(id);
const post = (what) => fetch(`${address}/${what}`, { method: "POST", headers }).catch(() => null);

// --- who has it has changed: everything but the words being typed is fetched anew -------------------------
document.body.addEventListener("desk:holder", () => ["bar", "story", "side", "queue"].forEach(tell));
// The composer only where it is another one: this is heard twice by who changed it, and words, a list of
// canned replies and the cursor would be lost the second time.
const standing = ({ dataset }) => `${dataset.standing} ${dataset.with}`;
document.addEventListener("htmx:afterSettle", ({ target }) => {
  if (target.id === "bar" && standing(byId("bar")) !== standing(byId("composer"))) tell("composer");
});

// --- the end of the story stays in sight, unless somebody has scrolled up to read --------------------------
const scroller = byId("scroller");
let following = true;
let top = 0;
scroller.addEventListener("scroll", () => {
  const atEnd = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < NEAR_THE_END_PX;
  // What has grown below since is no sign that somebody reads further up.
  following = atEnd || (following && scroller.scrollTop >= top);
  top = scroller.scrollTop;
});
const toEnd = () => following && (scroller.scrollTop = scroller.scrollHeight);
const watcher = new ResizeObserver(toEnd);
watcher.observe(scroller);
watcher.observe(byId("story"));
toEnd();

// --- what I have seen ------------------------------------------------------------------------------------
const mine = () => byId("bar").dataset.standing === "mine";
const seen = () => mine() && !document.hidden && post("read");
document.addEventListener("visibilitychange", seen);
document.body.addEventListener("desk:story", seen);
seen();

// --- words that are not sent yet -------------------------------------------------------------------------
const place = (field) => `shopclerk.desk.${field.dataset.keep}.${address}`;
const fields = () => document.querySelectorAll("[data-keep]");

function restore() {
  for (const field of fields()) if (!field.value) field.value = sessionStorage.getItem(place(field)) ?? "";
}
restore();
document.addEventListener("htmx:afterSettle", ({ target }) => target.id === "composer" && restore());

talk.addEventListener("input", ({ target }) => {
  if (!target.matches("[data-keep]")) return;
  sessionStorage.setItem(place(target), target.value);
  trouble(target.form, "");
  if (target.id === "reply-text") replyChanged(target);
});

let typedAt = 0;
function replyChanged(field) {
  if (!field.value.trim()) sessionStorage.removeItem(drafted);
  if (field.value.startsWith("/")) openPicker();
  else closePicker();
  if (!field.value.trim() || Date.now() - typedAt < TYPING_EVERY_MS) return;
  typedAt = Date.now();
  post("typing");
}

// What is sent after the draft was taken tells what the draft was worth, unless the field was emptied meanwhile.
const drafted = `shopclerk.desk.drafted.${address}`;

function put(field, words) {
  field.value = words;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.focus();
}

// --- sending ---------------------------------------------------------------------------------------------
// The same words sent again after a failure have the same id, so that they reach the customer once.
let attempt = { id: "", text: "" };

function newId() {
  return [...crypto.getRandomValues(new Uint8Array(12))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

const fieldOf = (form) => form.querySelector("[data-keep]");
const filledIn = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);

function trouble(form, text) {
  const line = form.querySelector(".trouble");
  line.hidden = !text;
  line.textContent = text;
}

function problemOf(form) {
  const { value } = fieldOf(form);
  const limit = Number(form.dataset.limit);
  const length = [...value.trim()].length;
  if (length > limit) return filledIn(form.dataset.tooLong, { length, limit });
  const names = form.id === "reply" && [...new Set(value.match(/\{(?:name|order_id|agent|shop)\}/g) ?? [])];
  return names?.length ? filledIn(form.dataset.unfilled, { names: names.join(", ") }) : "";
}

talk.addEventListener("htmx:confirm", (event) => {
  const form = event.target;
  if (!form.matches(".write")) return;
  const problem = problemOf(form);
  trouble(form, problem);
  if (problem || !fieldOf(form).value.trim()) {
    event.preventDefault();
    fieldOf(form).focus();
  }
});
talk.addEventListener("htmx:configRequest", ({ target, detail }) => {
  if (target.id !== "reply") return;
  const text = fieldOf(target).value;
  if (attempt.text !== text || !attempt.id) attempt = { id: newId(), text };
  detail.parameters.set("message_id", attempt.id);
  detail.parameters.set("drafted", String(sessionStorage.getItem(drafted) !== null));
});
// Not by htmx:afterRequest, which nobody hears when the form was fetched anew while its words were on their way.
talk.addEventListener("htmx:beforeSend", ({ target, detail: { xhr } }) => {
  if (!target.matches(".write")) return;
  const sent = fieldOf(target).value;
  xhr.addEventListener("load", () => xhr.status < 400 && wasSent(target.id, sent));
});

function wasSent(what, sent) {
  attempt = { id: "", text: "" };
  following = true;
  const field = byId(`${what}-text`);
  // Who has typed on meanwhile keeps that.
  if (field?.value.startsWith(sent)) put(field, field.value.slice(sent.length).trimStart());
  if (field && !field.value) sessionStorage.removeItem(place(field));
  if (what === "reply") sessionStorage.removeItem(drafted);
  if (what === "note" && mine()) write("reply");
}

function write(what) {
  for (const form of talk.querySelectorAll(".write")) form.hidden = form.id !== what && mine();
  byId(`${what}-text`)?.focus();
}

// --- canned replies --------------------------------------------------------------------------------------
const picker = () => byId("picker");

async function openPicker() {
  const box = picker();
  if (box.hidden) {
    box.hidden = false;
    box.coming ??= list(box).finally(() => (box.coming = null));
  }
  await box.coming;
  if (!box.isConnected || box.hidden) return;
  // Whatever was typed while they were on their way.
  const { value } = byId("reply-text");
  const wanted = value.startsWith("/") ? value.slice(1).toLowerCase().trim() : "";
  const all = [...box.querySelectorAll("[role=option]")];
  for (const one of all) one.hidden = !one.dataset.search.includes(wanted);
  // Who types a shortcut means it, whatever else holds the same letters.
  const meant = (one) => Number(Boolean(wanted) && one.dataset.search.startsWith(wanted));
  all.sort((one, other) => meant(other) - meant(one)).forEach((one) => one.parentElement.append(one));
  choose(0);
}

// Asked for again the next time when it did not come.
function list(box) {
  return htmx.ajax("GET", `${address}/replies`, { source: box, target: box, swap: "innerHTML" }).catch(() => (box.hidden = true));
}

function closePicker() {
  const box = picker();
  if (box) box.hidden = true;
}

const options = () => [...picker().querySelectorAll("[role=option]:not([hidden])")];

function choose(number) {
  const chosen = options()[number];
  // Those that the search has hidden too: one of them may have been the chosen one.
  for (const one of picker().querySelectorAll("[role=option]")) one.setAttribute("aria-selected", String(one === chosen));
  chosen?.scrollIntoView({ block: "nearest" });
}

function use(option) {
  closePicker();
  put(byId("reply-text"), option.dataset.words);
  const problem = problemOf(byId("reply"));
  trouble(byId("reply"), problem);
}

function pickerKey(event) {
  const all = options();
  const now = all.findIndex((one) => one.getAttribute("aria-selected") === "true");
  if (event.key === "ArrowDown") choose(Math.min(now + 1, all.length - 1));
  else if (event.key === "ArrowUp") choose(Math.max(now - 1, 0));
  else if (event.key === "Enter" && all[now]) use(all[now]);
  else if (event.key === "Escape") closePicker();
  else return;
  event.preventDefault();
  event.stopPropagation();
}

// --- keys and clicks -------------------------------------------------------------------------------------
document.addEventListener("keydown", (event) => {
  const { target, key } = event;
  if (target.id === "reply-text" && picker() && !picker().hidden && !event.ctrlKey && !event.metaKey) return pickerKey(event);
  if (target.matches("[data-keep]")) {
    if (key === "Enter" && (event.ctrlKey || event.metaKey)) target.form.requestSubmit();
    if (key === "Escape") target.blur();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || target.closest("input, textarea, select")) return;
  if (document.querySelector("dialog[open]") || !["r", "n"].includes(key)) return;
  const what = key === "r" ? "reply" : "note";
  if (!byId(`${what}-text`)) return;
  event.preventDefault();
  write(what);
});

document.addEventListener("click", ({ target }) => {
  const draft = target.closest("[data-draft]");
  if (draft) {
    const field = byId("reply-text");
    put(field, field.value.trim() ? `${field.value.trim()}\n${draft.dataset.draft}` : draft.dataset.draft);
    sessionStorage.setItem(drafted, "yes");
  }
  const switches = target.closest("[data-write]");
  if (switches) write(switches.dataset.write);
  const option = target.closest("#picker [role=option]");
  if (option) use(option);
  else if (target.closest("[data-picker]")) picker().hidden ? openPicker() : closePicker();
  else if (!target.closest("#picker, #reply-text")) closePicker();
  if (target.closest("[data-panel]")) showPanel();
});

function showPanel() {
  const open = byId("side").classList.toggle("open");
  document.querySelector(".panel-button").setAttribute("aria-expanded", String(open));
}
