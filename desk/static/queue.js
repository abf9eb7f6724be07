// The live part of the desk: what changed is heard from one connection, and fetched by the parts of the page.
// Also the keys, dialogs and forms that the agents' pages share.

import { toast } from "./desk.js";

const HERE_EVERY_MS = 20_000;
const SEEN = "shopclerk.desk.seen";
const bench = document.querySelector(".bench");
const title = document.title;

export const headers = { ...JSON.parse(document.body.getAttribute("hx-headers") || "{}"), "HX-Request": "true" };
export const tell = (name) => htmx.trigger(document.body, `desk:${name}`);

// --- what a morph leaves alone: what somebody opened, chose or typed -----------------------------------
Idiomorph.defaults.callbacks.beforeAttributeUpdated = (name, node) =>
  !(name === "open" && node.matches("details, dialog")) &&
  !(["value", "checked"].includes(name) && node.matches("input, textarea, option")) &&
  !(name === "class" && node.matches(".panel"));

// --- news ----------------------------------------------------------------------------------------------
const listened = new WeakSet();
document.addEventListener("htmx:sseOpen", ({ detail: { source } }) => {
  if (listened.has(source)) return;
  listened.add(source);
  source.addEventListener("queue", ({ data }) => {
    attend(JSON.parse(data).news);
    tell("queue");
  });
  for (const name of ["story", "holder", "side"]) source.addEventListener(name, () => tell(name));
  source.addEventListener("out", () => expired());
});

// What wants attention, against what this tab has seen: any touch of the page makes all of it seen, and what was
// there when its first page was made is no news.
let news = null; // until the first is heard
let seen = JSON.parse(sessionStorage.getItem(SEEN) || bench?.dataset.news || "{}");

function attend(now) {
  const fresh = Object.entries(now).filter(([id, since]) => seen[id] !== since && news?.[id] !== since);
  news = now;
  if (fresh.length) ring();
  show();
}

function show() {
  const count = Object.entries(news).filter(([id, since]) => seen[id] !== since).length;
  document.title = count ? `(${count}) ${title}` : title;
}

function look() {
  if (!news) return; // who has heard nothing has seen nothing: all that waits would count as new
  seen = { ...news };
  sessionStorage.setItem(SEEN, JSON.stringify(seen));
  show();
}
for (const touch of ["pointerdown", "keydown", "focus"]) window.addEventListener(touch, look);

// --- a short tone, once somebody has touched the page ----------------------------------------------------
let audio = null;
for (const touch of ["pointerdown", "keydown"]) {
  window.addEventListener(touch, () => (audio ??= new AudioContext()), { once: true });
}

function ring() {
  if (!audio || localStorage.getItem("shopclerk.desk.sound") === "off") return;
  const tone = audio.createOscillator();
  const volume = audio.createGain();
  const now = audio.currentTime;
  tone.frequency.setValueAtTime(660, now);
  tone.frequency.setValueAtTime(880, now + 0.11);
  volume.gain.setValueAtTime(0.0001, now);
  volume.gain.exponentialRampToValueAtTime(0.12, now + 0.02);
  volume.gain.exponentialRampToValueAtTime(0.0001, now + 0.32);
  tone.connect(volume).connect(audio.destination);
  tone.start(now);
  tone.stop(now + 0.34);
}

// --- I am there ------------------------------------------------------------------------------------------
async function here() {
  const answer = await fetch("/desk/here", { method: "POST", headers }).catch(() => null);
  if (answer?.status === 401) expired(answer.headers.get("HX-Redirect"));
}
if (bench) {
  here();
  setInterval(here, HERE_EVERY_MS);
}

// Signed out in the middle of something: say so and stay, with every word that was typed.
function expired(address = "") {
  if (document.querySelector(".expired")) return;
  const link = document.createElement("a");
  link.href = address || `/desk/sign-in?then=${encodeURIComponent(location.pathname)}`;
  link.textContent = bench.dataset.signIn;
  const notice = document.createElement("p");
  notice.className = "problem expired";
  notice.setAttribute("role", "alert");
  notice.append(bench.dataset.expired, " ", link);
  document.getElementById("main").prepend(notice);
}
document.addEventListener("htmx:beforeOnLoad", (event) => {
  const { xhr } = event.detail;
  if (!bench || xhr.status !== 401) return;
  event.preventDefault();
  expired(`/desk/sign-in?then=${encodeURIComponent(location.pathname)}`);
});

// --- keys named in the markup, dialogs, forms ------------------------------------------------------------
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (event.target.closest("input, textarea, select") || document.querySelector("dialog[open]")) return;
  const action = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
  if (!action) return;
  event.preventDefault();
  action.click();
});

document.addEventListener("click", ({ target }) => {
  const opens = target.closest("[data-open]");
  if (opens) document.getElementById(opens.dataset.open).showModal();
  if (target.closest("[data-close]")) target.closest("dialog").close();
});
document.addEventListener("htmx:afterRequest", ({ detail }) => {
  if (!detail.successful) return;
  if (detail.elt.dataset.shows) document.getElementById(detail.elt.dataset.shows).showModal();
  if (detail.elt.matches("form[data-clears]")) detail.elt.reset();
  if (detail.elt.matches("form[data-closes]")) document.getElementById(detail.elt.dataset.closes).close();
});

// The list keeps its place when another conversation is opened.
const list = document.querySelector(".queue");
if (list) {
  list.scrollTop = Number(sessionStorage.getItem("shopclerk.desk.scroll") || 0);
  list.addEventListener("scroll", () => sessionStorage.setItem("shopclerk.desk.scroll", list.scrollTop), { passive: true });
}

export { toast };
