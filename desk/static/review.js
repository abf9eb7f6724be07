// Review: filters that leave empty fields out of the address, choosing several, the picker, better answers, the keys.

const UNDO_STAYS_MS = 10_000;
const at = (selector) => document.querySelector(selector);
const all = (selector) => [...document.querySelectorAll(selector)];
function press(selector, within = document) {
  const button = selector && within.querySelector(selector);
  button?.click();
  return Boolean(button);
}

// On a phone the tab of this page may lie outside of the screen.
at(".subtabs [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });

// --- the filter's form -------------------------------------------------------------------------------
document.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-sparse]")) return;
  const empty = [...event.target.elements].filter((field) => field.name && !field.value && !field.disabled);
  empty.forEach((field) => (field.disabled = true));
  // Who comes back finds the fields as they were.
  setTimeout(() => empty.forEach((field) => (field.disabled = false)));
});
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-regex]")) at("[data-words]").name = event.target.checked ? "regex" : "text";
  else if (event.target.name === "chosen") showChosen();
});

function showChosen() {
  const bar = at("[data-several]");
  if (!bar) return;
  const count = all("[name=chosen]:checked").length;
  bar.hidden = !count;
  bar.querySelector("[data-chosen]").textContent = count || "";
}
document.addEventListener("htmx:afterSettle", showChosen);
showChosen();

// --- acts and their undo -----------------------------------------------------------------------------
document.addEventListener("htmx:oobAfterSwap", () => {
  for (const one of all("#toasts [data-goes]")) {
    one.removeAttribute("data-goes");
    stayAWhile(one);
  }
});
const stayAWhile = (toast) => setTimeout(() => toast.hidden || toast.remove(), UNDO_STAYS_MS);
// Out of sight at once, but there until the answer has come: what an answer sets off begins at the button.
document.addEventListener("click", (event) => {
  const undo = event.target.closest("[data-undo]");
  if (undo) setTimeout(() => showUndo(undo, false));
});
function showUndo(undo, shown) {
  undo.closest(".toast").hidden = !shown;
  undo.toggleAttribute("data-undo", shown);
}
document.addEventListener("htmx:afterRequest", ({ detail }) => {
  if (detail.successful && detail.elt.matches("[data-empties]")) detail.elt.reset();
  const toast = detail.elt.closest(".toast[hidden]");
  if (toast && detail.successful) setTimeout(() => toast.remove());
  else if (toast) {
    showUndo(detail.elt, true);
    stayAWhile(toast);
  }
});

// Each with an element of its own to begin at: of several that begin at one, htmx drops all but the last.
async function request(method, address, options) {
  const source = document.createElement("i");
  source.hidden = true;
  document.body.append(source);
  try {
    await htmx.ajax(method, address, { ...options, source });
  } finally {
    setTimeout(() => source.remove(), 1_000);
  }
}

// --- the picker --------------------------------------------------------------------------------------
const picker = at("#picker");
let picking;

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-pick]");
  if (opener) open(opener);
  const intent = event.target.closest("[data-intent]");
  if (intent) choose(intent.dataset.intent);
  const flag = event.target.closest("[data-flag]");
  if (flag) askWhy(flag.dataset.flag);
  const better = event.target.closest("[data-better]");
  if (better) writeBetter(better);
});

async function open(opener) {
  picking = opener;
  at("[data-picked]").textContent = opener.dataset.text;
  at("[data-pick-example-row]").hidden = opener.hasAttribute("data-example-only");
  at("[data-pick-example]").checked = at(opener.dataset.exampleAs || "none")?.checked ?? true;
  picker.showModal();
  const search = at("[data-pick-search]");
  search.value = "";
  search.focus();
  if (!picker.querySelector("[data-intent]")) await request("GET", picker.dataset.list, { target: "[data-intents]" });
  narrow(search.value);
}

function narrow(words) {
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
  for (const line of picker.querySelectorAll("[data-intents] li")) {
    const text = line.textContent.toLowerCase();
    line.hidden = !wanted.every((word) => text.includes(word));
  }
}

function choose(intent) {
  const values = { intent, example: at("[data-pick-example]").checked, ...JSON.parse(picking.dataset.values || "{}") };
  picker.close();
  request("POST", picking.dataset.pick, { values, swap: "none" });
}

picker?.addEventListener("input", (event) => {
  if (event.target.matches("[data-pick-search]")) narrow(event.target.value);
});
picker?.addEventListener("keydown", (event) => {
  const lines = [...picker.querySelectorAll("[data-intents] li:not([hidden]) button")];
  const now = lines.indexOf(document.activeElement);
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    lines[Math.max(0, Math.min(lines.length - 1, now + (event.key === "ArrowDown" ? 1 : -1)))]?.focus();
  } else if (event.key === "Enter" && event.target.matches("[data-pick-search]")) {
    event.preventDefault();
    lines[0]?.click();
  }
});

// --- flagging ----------------------------------------------------------------------------------------
function askWhy(address) {
  const sheet = at("#flagging");
  const why = sheet.querySelector("[name=why]");
  why.value = "";
  sheet.returnValue = "";
  sheet.showModal();
  sheet.onclose = () => {
    if (sheet.returnValue === "flag") request("POST", address, { values: { why: why.value }, swap: "none" });
  };
}

// --- a better answer ---------------------------------------------------------------------------------
function writeBetter(opener) {
  const sheet = at("#bettering");
  const words = sheet.querySelector("[name=better]");
  words.value = opener.dataset.text;
  sheet.returnValue = "";
  sheet.showModal();
  words.focus();
  sheet.onclose = () => {
    if (!sheet.returnValue) return opener.focus();
    const better = sheet.returnValue === "unanswerable" ? sheet.dataset.noAnswer : words.value;
    request("POST", opener.dataset.better, { values: { verdict: "bad", better }, swap: "none" });
  };
}

document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || !event.target.matches("[name=better]")) return;
  event.target.form.querySelector("[value=better]").click();
});

function nextAnswer() {
  const answers = all("[data-answer]");
  const now = answers.indexOf(document.activeElement.closest("[data-answer]"));
  const next = answers[(now + 1) % answers.length];
  next?.querySelector("button").focus();
  next?.scrollIntoView({ block: "nearest" });
  return Boolean(next);
}

// --- the inbox: one message at a time ------------------------------------------------------------------
const cards = () => all("[data-unsure]");
let place = 0;

function focusCard(index, scroll = true) {
  const shown = cards();
  if (!shown.length) return false;
  place = Math.max(0, Math.min(shown.length - 1, index));
  shown.forEach((card, n) => (n === place ? card.setAttribute("aria-current", "true") : card.removeAttribute("aria-current")));
  if (scroll) shown[place].focus({ preventScroll: true });
  if (scroll) shown[place].scrollIntoView({ block: "nearest" });
  return true;
}

document.addEventListener("click", (event) => {
  const card = event.target.closest("[data-unsure]:not([aria-current])");
  if (card) focusCard(cards().indexOf(card));
});
document.addEventListener("htmx:afterSettle", ({ detail }) => {
  if (detail.target.id === "inbox") focusCard(place);
});
focusCard(0, false);

// --- keys --------------------------------------------------------------------------------------------
const IN_INBOX = { y: "[data-yes]", e: "[data-pick]", x: "[data-no]", c: "[data-context]", 1: "[data-guess='1']", 2: "[data-guess='2']", 3: "[data-guess='3']" };
const LEAVES_IT = new Set(["e", "c"]); // in the inbox: what opens something and deals with nothing yet
const AT_ANSWER = { y: "[data-verdict=good]", x: "[data-verdict=bad]", b: "[data-better]" };
const ANYWHERE = { n: "[data-older]", p: "[data-newer]", r: "[data-state=reviewed]", s: "[data-state=saved]", w: "[data-view]" };
let before = "";

document.addEventListener("keydown", (event) => {
  const key = event.key;
  const last = before;
  before = key;
  if (event.ctrlKey || event.metaKey || event.altKey || last === "g") return;
  if (event.target.closest("input:not([type=checkbox]):not([type=radio]), textarea, select") || at("dialog[open]")) return;
  if (act(key, at("[data-unsure][aria-current]"))) event.preventDefault();
});

// Whether the key meant something; then it must not end up in a field that it opens.
function act(key, card) {
  if (key === "u") return undoLast();
  if (card && (key === "s" || key === "j")) return focusCard(place + 1);
  if (card && key === "k") return focusCard(place - 1);
  if (card && IN_INBOX[key]) return actOn(card, key);
  const answer = document.activeElement.closest("[data-answer]");
  if (answer && AT_ANSWER[key]) return press(AT_ANSWER[key], answer);
  if (key === "a" && !card) return nextAnswer();
  return key === "x" ? tick() : press(ANYWHERE[key]);
}

// Until the list is fetched anew, its first card is the one that was just dealt with: a quick second key is not for it.
function actOn(card, key) {
  if ("dealt" in card.dataset) return true;
  const pressed = press(IN_INBOX[key], card);
  if (pressed && !LEAVES_IT.has(key)) card.dataset.dealt = "";
  return pressed;
}
for (const failure of ["htmx:responseError", "htmx:sendError"]) {
  document.addEventListener(failure, () => cards().forEach((card) => delete card.dataset.dealt));
}

// Each toast arrives in a wrapper of its own, so the last one is no last child.
function undoLast() {
  const last = all("#toasts [data-undo]").at(-1);
  last?.click();
  return Boolean(last);
}

function tick() {
  const line = document.activeElement.closest("[data-line]");
  return Boolean(line) && press("[name=chosen]", line);
}

// A session that ended while a sheet was open, and the like: the sheet must not hide why.
document.addEventListener("htmx:responseError", () => all("dialog[open]").forEach((one) => one.close()));
