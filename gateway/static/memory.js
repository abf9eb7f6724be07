// What this device remembers: the conversation's id, the language, and messages that did not get through.

/** The token of a tester's link, when this is the page behind one. */
export const guest = location.pathname.match(/^\/guest\/([\w-]+)$/)?.[1] ?? "";

// A tester's conversations are kept apart from those that the same browser has as a customer.
const OF_GUEST = guest && `.guest.${guest}`;
const CONVERSATION = `shopclerk${OF_GUEST}.conversation`;
const LANGUAGE = "shopclerk.language";
const OUTBOX = `shopclerk${OF_GUEST}.outbox`;

// A browser that keeps nothing (private windows may refuse) still has the page's own memory.
const kept = new Map();
const read = (key) => {
  try {
    return localStorage.getItem(key) ?? kept.get(key) ?? null;
  } catch {
    return kept.get(key) ?? null;
  }
};
const write = (key, value) => {
  kept.set(key, value);
  try {
    localStorage.setItem(key, value);
  } catch {
    // kept above
  }
};

/** Unguessable, also where crypto.randomUUID is missing (pages that are not served by https). */
export function freshId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export function conversationId() {
  if (!read(CONVERSATION)) newConversation();
  return read(CONVERSATION);
}

export function newConversation() {
  write(CONVERSATION, freshId());
  write(OUTBOX, "[]");
}

export const language = () => read(LANGUAGE);
export const keepLanguage = (name) => write(LANGUAGE, name);

/** Messages that were not answered yet, oldest first. */
export const outbox = () => JSON.parse(read(OUTBOX) ?? "[]");
export const keepUnsent = (message) => write(OUTBOX, JSON.stringify([...without(message), message]));
export const forgetUnsent = (message) => write(OUTBOX, JSON.stringify(without(message)));
const without = (message) => outbox().filter((one) => one.message_id !== message.message_id);
