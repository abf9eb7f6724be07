// What every page of the desk has: refusals and confirmations as toasts, keys, theme, copying, large pictures.

const here = document.body.dataset;

// --- toasts ------------------------------------------------------------------------------------------
export function toast(text, kind = "good", stays = 4000) {
  const one = document.createElement("p");
  one.className = `toast ${kind}`;
  one.textContent = text;
  document.getElementById("toasts").append(one);
  setTimeout(() => one.remove(), stays);
}

function wordsOf(answer) {
  // Our own refusals are text, the gateway's JSON with both languages.
  try {
    const error = JSON.parse(answer).error;
    return document.documentElement.lang.startsWith("zh") ? error.message_zh : error.message;
  } catch {
    const page = document.createElement("template");
    page.innerHTML = answer;
    return page.content.textContent.trim().slice(0, 400) || here.failed;
  }
}

document.addEventListener("htmx:responseError", ({ detail }) => toast(wordsOf(detail.xhr.responseText), "bad", 8000));
document.addEventListener("htmx:sendError", () => toast(here.failed, "bad", 8000));
document.addEventListener("htmx:afterRequest", ({ detail }) => {
  const done = detail.successful && detail.requestConfig.verb !== "get" && detail.elt.dataset.done;
  if (done) toast(done);
});

let lost = false;
document.addEventListener("htmx:sseError", () => {
  if (!lost) toast(here.offline, "bad");
  lost = true;
});
document.addEventListener("htmx:sseOpen", () => {
  if (lost) toast(here.online);
  lost = false;
});

// --- keys --------------------------------------------------------------------------------------------
const PLACES = { q: "/desk", r: "/desk/review", i: "/desk/review/inbox", a: "/desk/analytics", m: "/desk/models" };
let prefix = "";

function typing(target) {
  return target.closest("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]");
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || document.querySelector("dialog[open]")) return;
  const key = event.key;
  if (prefix === "g" && PLACES[key]) location.assign(PLACES[key]);
  else if (key === "?") document.getElementById("shortcuts").showModal();
  else if (key === "/") focusFirst("[data-search]", event);
  else if (key === "j" || key === "k") move(key === "j" ? 1 : -1, event);
  prefix = key === "g" ? "g" : "";
});

function focusFirst(selector, event) {
  const field = document.querySelector(selector);
  if (!field) return;
  event.preventDefault();
  field.focus();
}

// Lists mark their lines with data-line; a line is a link or holds one.
function move(step, event) {
  const lines = [...document.querySelectorAll("[data-line]")];
  if (!lines.length) return;
  event.preventDefault();
  const now = lines.findIndex((line) => line.contains(document.activeElement));
  const next = lines[Math.min(lines.length - 1, Math.max(0, now + step))];
  (next.matches("a") ? next : next.querySelector("a, button")).focus();
}

// --- small helpers named in the markup ---------------------------------------------------------------
document.addEventListener("click", async (event) => {
  const copied = event.target.closest("[data-copy]");
  if (copied) {
    await navigator.clipboard?.writeText(copied.dataset.copy);
    toast(copied.dataset.done);
  }
  const picture = event.target.closest("[data-large]");
  if (picture) {
    event.preventDefault();
    const box = document.getElementById("lightbox");
    const image = box.querySelector("img");
    image.src = picture.dataset.large;
    image.alt = picture.getAttribute("aria-label") || picture.querySelector("img")?.alt || "";
    box.showModal();
  }
});
document.addEventListener("focusin", (event) => {
  if (event.target.matches("[data-select]")) event.target.select();
});

// --- this device's choices ---------------------------------------------------------------------------
for (const choice of document.querySelectorAll("[data-theme-choice] input")) {
  choice.checked = choice.value === (localStorage.getItem("shopclerk.desk.theme") || "auto");
  choice.addEventListener("change", () => {
    localStorage.setItem("shopclerk.desk.theme", choice.value);
    if (choice.value === "auto") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = choice.value;
  });
}
const sound = document.querySelector("[data-sound-choice]");
if (sound) {
  sound.checked = localStorage.getItem("shopclerk.desk.sound") !== "off";
  sound.addEventListener("change", () => localStorage.setItem("shopclerk.desk.sound", sound.checked ? "on" : "off"));
}
