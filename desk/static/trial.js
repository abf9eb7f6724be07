// Talk to your bot: sends by the customer's own door, then fetches the page's parts again.
import { toast } from "/desk/static/desk.js";

const trial = document.querySelector(".trial");
const form = document.querySelector("[data-trial]");
const field = form.elements.text;
let busy = false;

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const text = field.value.trim();
  if (text) say(text);
});
document.addEventListener("click", (event) => {
  const quick = event.target.closest("[data-say]");
  if (quick) say(quick.dataset.say);
});

async function say(text) {
  if (busy) return;
  busy = true;
  field.value = "";
  show(text);
  try {
    await send(text);
    await follow();
  } catch (error) {
    // Nothing typed is lost.
    field.value = text;
    document.querySelector(".pending")?.remove();
    toast(error.message || document.body.dataset.failed, "bad", 8000);
  } finally {
    busy = false;
    field.focus();
  }
}

function show(text) {
  document.querySelector("#log .empty")?.remove();
  const bubble = document.createElement("div");
  bubble.className = "bubble customer pending";
  bubble.textContent = text;
  document.getElementById("log").append(bubble);
  end();
}

async function send(text) {
  const answer = await fetch("/api/chat/messages", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ conversation_id: trial.dataset.conversation, message_id: crypto.randomUUID(), text, channel: "test" }),
  });
  if (answer.ok) return;
  const { error } = await answer.json();
  throw new Error(trial.dataset.language === "zh" ? error.message_zh : error.message);
}

async function follow() {
  const answer = await fetch(location.pathname);
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const id of ["log", "quick", "tracker"]) {
    const part = fresh.getElementById(id);
    if (part) document.getElementById(id).replaceWith(part);
  }
  htmx.process(trial);
  end();
}

function end() {
  const log = document.getElementById("log");
  log.scrollTop = log.scrollHeight;
}
end();
