// The field below the conversation: words, and pictures by button, paste and drop.

import * as api from "./api.js";
import { byId, icon, make } from "./dom.js";
import { word } from "./words.js";

const LINES_PX = 160; // the field grows up to this
const NOTICE_MS = 8_000;

const field = byId("text");
const tray = byId("tray");
const isPicture = (file) => file.type.startsWith("image/") || /\.(heic|heif)$/i.test(file.name);

// Until the shop's own limits are known; the server refuses what is too much anyhow.
const LIMITS = { message_characters: 2000, attachment_bytes: 1e7, attachments_per_message: 6 };

/**
 * Calls `submit({ text, pictures: [{ id, address }] })` when the customer sends. It takes words and pictures
 * from the first moment, and sends them when it is `open`: not before the conversation so far is shown.
 */
export class Composer {
  constructor(conversationId, submit) {
    this.shop = LIMITS;
    this.conversationId = conversationId;
    this.submit = submit;
    this.pictures = [];
    this.opened = false;
    this.waits = false; // sent as soon as the page is ready and the pictures are there
    this.listen();
  }

  open() {
    this.opened = true;
    if (this.waits) this.send();
  }

  /** What is sent now waits until it opens again. */
  close() {
    this.opened = false;
  }

  listen() {
    byId("composer").addEventListener("submit", (event) => {
      event.preventDefault();
      this.send();
    });
    field.addEventListener("input", () => this.hold());
    field.addEventListener("keydown", (event) => {
      // While a Chinese input method composes, Enter chooses a word.
      if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
      event.preventDefault();
      this.send();
    });
    field.addEventListener("paste", (event) => {
      const files = [...event.clipboardData.files].filter(isPicture);
      if (!files.length) return;
      event.preventDefault();
      this.add(files);
    });
    byId("pick").addEventListener("click", () => byId("file").click());
    byId("file").addEventListener("change", (event) => {
      this.add([...event.target.files]);
      event.target.value = "";
    });
    this.listenForDrops();
  }

  listenForDrops() {
    const shade = byId("drop");
    const holdsFiles = (event) => event.dataTransfer?.types.includes("Files");
    window.addEventListener("dragover", (event) => {
      if (!holdsFiles(event)) return;
      event.preventDefault();
      shade.hidden = false;
    });
    window.addEventListener("dragleave", (event) => {
      if (!event.relatedTarget) shade.hidden = true;
    });
    window.addEventListener("drop", (event) => {
      shade.hidden = true;
      if (!holdsFiles(event)) return;
      event.preventDefault();
      this.add([...event.dataTransfer.files]);
    });
  }

  add(files) {
    for (const file of files) {
      if (this.pictures.length >= this.shop.attachments_per_message) {
        return this.notice(word("tooManyPictures", this.shop.attachments_per_message));
      }
      if (file.size > this.shop.attachment_bytes) {
        this.notice(word("pictureTooLarge", Math.round(this.shop.attachment_bytes / 1e5) / 10));
        continue;
      }
      this.upload(file);
    }
    field.focus();
  }

  async upload(file) {
    const picture = { address: URL.createObjectURL(file), id: null };
    const progress = make("progress", { max: 1, value: 0, "aria-label": word("uploading", 0) });
    const remove = make("button", { type: "button", className: "remove", "aria-label": word("removePicture"),
      onclick: () => this.remove(picture) }, icon("close"));
    picture.node = make("li", {}, make("img", { src: picture.address, alt: "" }), progress, remove);
    this.pictures.push(picture);
    tray.append(picture.node);
    this.refresh();
    const { done, abort } = api.upload(this.conversationId(), file, (part) => {
      progress.value = part;
      progress.setAttribute("aria-label", word("uploading", Math.round(part * 100)));
      if (part === 1) progress.removeAttribute("value"); // it is being read now
    });
    picture.abort = abort;
    try {
      picture.id = (await done).id;
      progress.remove();
      if (this.waits) this.send();
    } catch (trouble) {
      if (trouble.message) this.notice(trouble.message);
      this.hold();
      this.remove(picture);
    }
  }

  remove(picture) {
    if (!picture.id) picture.abort?.();
    picture.node.remove();
    this.pictures = this.pictures.filter((one) => one !== picture);
    this.refresh();
    field.focus();
  }

  refresh() {
    field.style.height = "auto";
    field.style.height = `${Math.min(field.scrollHeight, LINES_PX)}px`;
    tray.hidden = !this.pictures.length;
    const length = this.length();
    const limit = this.shop.message_characters;
    const count = byId("count");
    count.hidden = length <= limit * 0.9;
    count.textContent = length > limit ? word("tooLong", length, limit) : `${length} / ${limit}`;
    count.classList.toggle("over", length > limit);
    byId("send").disabled = !this.ready();
    byId("send").setAttribute("aria-busy", this.waits);
  }

  length() {
    return [...field.value].length;
  }

  ready() {
    const says = Boolean(field.value.trim()) || this.pictures.length > 0;
    return says && this.length() <= this.shop.message_characters;
  }

  /** Who sends before the page is ready or a picture has arrived has sent: it goes when all is there. */
  send() {
    if (!this.ready()) return;
    this.waits = !this.opened || !this.pictures.every((picture) => picture.id);
    if (this.waits) return this.refresh();
    const message = { text: field.value.trim(), pictures: this.pictures.map(({ id, address }) => ({ id, address })) };
    this.reset();
    this.submit(message);
  }

  /** Whoever goes on writing has not sent yet. */
  hold() {
    this.waits = false;
    this.refresh();
  }

  reset() {
    for (const picture of this.pictures) if (!picture.id) picture.abort?.();
    this.pictures = [];
    this.waits = false;
    tray.replaceChildren();
    field.value = "";
    this.refresh();
  }

  notice(text) {
    const line = byId("notice");
    line.textContent = text;
    line.hidden = false;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => (line.hidden = true), NOTICE_MS);
  }
}
