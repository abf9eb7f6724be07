// An answer while it is written: shown below the conversation, outside the part that screen readers follow, so
// that they speak the finished message once and not each word.

import { assistantIs } from "./presence.js";
import { byId } from "./dom.js";
import * as view from "./view.js";

export class Draft {
  constructor() {
    this.text = "";
    this.withdrawn = ""; // what followed the text that still stands
  }

  /** What the server says of the answer on its way. */
  hear(kind, data) {
    if (kind === "status" && !this.text) assistantIs(data.state);
    if (kind === "delta") this.show(this.text + data.text);
    if (kind === "withdraw") this.withdraw(data.keep);
  }

  show(text) {
    this.text = text;
    if (!text) return this.hide();
    assistantIs(null);
    view.draft(byId("draft"), text);
  }

  withdraw(keep) {
    if (this.text.length <= keep.length) return;
    const struck = this.text.slice(keep.length).trim();
    if (keep) this.withdrawn = struck;
    else view.withdrawn(struck);
    this.show(keep);
    assistantIs("thinking");
  }

  /** The messages that came of it take its place. */
  settle(messages, say, judge) {
    const mine = this.text ? messages.findIndex((message) => message.text?.startsWith(this.text)) : -1;
    if (this.text && mine < 0) this.withdraw("");
    messages.forEach((message, i) => {
      const inPlace = i === mine;
      view.answer(message, { say, judge, inPlace, withdrawn: inPlace ? this.withdrawn : "" });
    });
    this.hide();
  }

  hide() {
    byId("draft").hidden = true;
    byId("draft").replaceChildren();
  }
}
