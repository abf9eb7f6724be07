// The page's side of the HTTP interface (see /docs). Failures are `Trouble`, worded for the customer.

import { language, word } from "./words.js";

const SEND_WITHIN_MS = 60_000;

/** `again`: whether sending the same thing later may help. */
export class Trouble extends Error {
  constructor(message, again = true) {
    super(message);
    this.again = again;
  }
}

async function troubleOf(response) {
  const body = await response.json().catch(() => null);
  return wordsOf(body?.error, response.status);
}

function wordsOf(error, status) {
  const again = status === 429 || status >= 500;
  if (!error) return new Trouble(word("serverTrouble"), again);
  return new Trouble(language() === "zh" ? error.message_zh : error.message, again);
}

async function call(path, options = {}) {
  let response;
  try {
    response = await fetch(path, { signal: AbortSignal.timeout(SEND_WITHIN_MS), ...options });
  } catch {
    throw new Trouble(word("noConnection"));
  }
  if (!response.ok) throw await troubleOf(response);
  return response.status === 204 ? null : response.json();
}

const post = (path, body) =>
  call(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });

const conversation = (id) => `/api/chat/conversations/${encodeURIComponent(id)}`;

export const shop = () => call("/api/chat/shop");
export const send = (message) => post("/api/chat/messages", message);
export const history = (id) => call(`${conversation(id)}/messages`);
export const state = (id) => call(conversation(id));
export const passage = (id) => call(`/api/chat/citations/${id.split("/").map(encodeURIComponent).join("/")}`);
export const rate = (rating) => post("/api/chat/ratings", rating);
export const events = (id, after) => new EventSource(`${conversation(id)}/events?after=${after}`);
export const pictureAddress = (id, conversationId) =>
  `/api/chat/attachments/${id}?conversation_id=${encodeURIComponent(conversationId)}`;

/** Upload one picture. `fetch` reports no progress of uploads, so this is an XMLHttpRequest. */
export function upload(conversationId, file, onProgress) {
  const request = new XMLHttpRequest();
  const form = new FormData();
  form.append("conversation_id", conversationId);
  form.append("file", file);
  const done = new Promise((resolve, reject) => {
    request.upload.onprogress = (event) => event.lengthComputable && onProgress(event.loaded / event.total);
    request.onload = () => {
      if (request.status === 200) resolve(request.response);
      else reject(wordsOf(request.response?.error, request.status));
    };
    request.onerror = request.ontimeout = () => reject(new Trouble(word("noConnection")));
    request.onabort = () => reject(new Trouble(""));
  });
  request.open("POST", "/api/chat/attachments");
  request.responseType = "json";
  request.timeout = SEND_WITHIN_MS;
  request.send(form);
  return { done, abort: () => request.abort() };
}
