// The page's side of the HTTP interface (see /docs). Failures are `Trouble`, worded for the customer.

import { guest } from "./memory.js";
import { createParser } from "./vendor/eventsource-parser/index.js";
import { language, word } from "./words.js";

const SEND_WITHIN_MS = 60_000;
// The server sends a sign of life every five seconds.
const SILENCE_MS = 15_000;
const FIRST_RETRY_MS = 300;
const LAST_RETRY_MS = 8_000;
const MOST_RETRIES = 7;

/** `again`: whether sending the same thing later may help; `soon`: the page may do that by itself. */
export class Trouble extends Error {
  constructor(message, again = true, soon = false) {
    super(message);
    this.again = again;
    this.soon = soon;
  }
}

async function troubleOf(response) {
  const body = await response.json().catch(() => null);
  return wordsOf(body?.error, response.status);
}

function wordsOf(error, status) {
  const again = status === 429 || status >= 500;
  if (!error) return new Trouble(word("serverTrouble"), again);
  return new Trouble(language() === "zh" ? error.message_zh : error.message, again, error.code === "unavailable");
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

// A tester's messages say whose link they came by.
const HEADERS = { "Content-Type": "application/json", ...(guest && { "X-Shopclerk-Guest": guest }) };

const post = (path, body) => call(path, { method: "POST", headers: HEADERS, body: JSON.stringify(body) });

const conversation = (id) => `/api/chat/conversations/${encodeURIComponent(id)}`;

export const shop = () => call("/api/chat/shop");
export const history = (id) => call(`${conversation(id)}/messages`);
export const state = (id) => call(conversation(id));
export const passage = (id) => call(`/api/chat/citations/${id.split("/").map(encodeURIComponent).join("/")}`);
export const read = (id, upTo) => post(`${conversation(id)}/read`, { up_to: upTo });
export const judge = (id, messageId, verdict) =>
  post(`/api/chat/messages/${encodeURIComponent(messageId)}/verdict`, { conversation_id: id, verdict });
export const rate = (rating) => post("/api/chat/ratings", rating);
export const events = (id, after) => new EventSource(`${conversation(id)}/events?after=${after}`);
/** A picture's address, which is good for a quarter of an hour; null when it is there no more. */
export const pictureAddress = async (id, conversationId) =>
  (await post("/api/chat/attachments/links", { conversation_id: conversationId, ids: [id] }))[0]?.url ?? null;

/**
 * Send a message; the answer is { messages, holder }, and `hear(kind, data)` gets what is said of it before.
 *
 * A connection that is lost on the way is made again and goes on where it was: the server keeps the turn
 * running. One that was never made is the caller's matter.
 */
export async function send(message, hear) {
  const turn = { messages: [], holder: null, begun: false, lastId: "", retries: 0 };
  for (;;) {
    try {
      await follow(message, turn, hear);
      if (turn.holder) return turn;
    } catch (trouble) {
      if (!turn.begun || !trouble.again || turn.retries >= MOST_RETRIES) throw trouble;
    }
    if (turn.retries >= MOST_RETRIES) throw new Trouble(word("noConnection"));
    await new Promise((resolve) => setTimeout(resolve, Math.min(FIRST_RETRY_MS * 2 ** turn.retries, LAST_RETRY_MS)));
    turn.retries += 1;
  }
}

async function follow(message, turn, hear) {
  const connection = new AbortController();
  let timer;
  const alive = () => {
    clearTimeout(timer);
    timer = setTimeout(() => connection.abort(), SILENCE_MS);
  };
  alive();
  try {
    const response = await fetch("/api/chat/messages", {
      method: "POST",
      headers: {
        ...HEADERS,
        Accept: "text/event-stream",
        ...(turn.lastId && { "Last-Event-ID": turn.lastId }),
      },
      body: JSON.stringify(message),
      signal: connection.signal,
    });
    if (!response.ok) throw await troubleOf(response);
    turn.begun = true;
    const parser = createParser({ onEvent: (event) => take(event, turn, hear) });
    const pieces = response.body.pipeThrough(new TextDecoderStream()).getReader();
    for (let piece = await pieces.read(); !piece.done; piece = await pieces.read()) {
      alive();
      parser.feed(piece.value);
    }
  } catch (error) {
    throw error instanceof Trouble ? error : new Trouble(word("noConnection"));
  } finally {
    clearTimeout(timer);
    connection.abort();
  }
}

/** The turn is over without an answer: sending again begins another one, which is the customer's to decide. */
function ended(turn, trouble) {
  turn.begun = false;
  return trouble;
}

function take(event, turn, hear) {
  const data = JSON.parse(event.data);
  if (event.id) turn.lastId = event.id;
  turn.retries = 0;
  if (event.event === "message") turn.messages.push(data);
  else if (event.event === "done") turn.holder = data.holder;
  else if (event.event === "error") throw ended(turn, wordsOf(data.error, 503));
  else hear(event.event, data);
}

/** What is said in a recording: { text }. */
export function transcribe(conversationId, recording, signal) {
  const body = new FormData();
  body.append("conversation_id", conversationId);
  body.append("file", recording, "speech.wav");
  return call("/api/chat/transcriptions", { method: "POST", body, signal });
}

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
