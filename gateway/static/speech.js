// The microphone: speech becomes words in the field, for the customer to check and send.

import * as api from "./api.js";
import { byId } from "./dom.js";
import { word } from "./words.js";

const RATE = 16_000; // what models of speech listen at
const SHORTEST_S = 0.4; // a tap by mistake
const button = byId("speak");
const line = byId("recording");
const field = byId("text");

/** There where the shop has it and the browser allows it, which takes https. `notice` shows what went wrong. */
export class Microphone {
  constructor(seconds, conversationId, notice) {
    this.seconds = seconds;
    this.conversationId = conversationId;
    this.notice = notice;
    this.take = null; // what is being recorded or written down: { recorder, stop, words, timer }
    if (!seconds || !navigator.mediaDevices?.getUserMedia || !window.MediaRecorder) return;
    button.hidden = false;
    button.addEventListener("click", () => this.toggle());
    byId("recording-cancel").addEventListener("click", () => this.cancel());
    byId("composer").addEventListener("keydown", (event) => event.key === "Escape" && this.cancel());
    window.addEventListener("pagehide", () => this.cancel());
  }

  toggle() {
    if (!this.take) this.start();
    else if (this.take.recorder?.state === "recording") this.take.stop();
  }

  async start() {
    const take = { recorder: null, stop: null, words: new AbortController(), timer: 0 };
    this.take = take;
    this.show("asking");
    try {
      const stream = await navigator.mediaDevices.getUserMedia({ audio: { channelCount: 1 } });
      if (this.take === take) this.record(take, stream);
      else release(stream);
    } catch (error) {
      this.fail(take, word("microphoneTrouble")[error.name] ?? word("microphoneTrouble").other);
    }
  }

  record(take, stream) {
    const pieces = [];
    const began = performance.now();
    const elapsed = () => (performance.now() - began) / 1000;
    let spoken = null; // when it was told to stop, which it may do much later, or by itself
    take.recorder = new MediaRecorder(stream);
    take.stop = () => {
      spoken = elapsed();
      take.recorder.stop();
    };
    take.recorder.addEventListener("dataavailable", ({ data }) => pieces.push(data));
    take.recorder.addEventListener("stop", () => {
      clearInterval(take.timer);
      release(stream);
      if (this.take !== take) return;
      if ((spoken ?? elapsed()) < SHORTEST_S) this.fail(take, word("tooShort"));
      else this.write(take, new Blob(pieces));
    });
    take.recorder.start();
    take.timer = setInterval(() => {
      byId("recording-time").textContent = clock(elapsed());
      // A little less than what is taken: the recorder stops a moment later.
      if (elapsed() > this.seconds - 1 && take.recorder.state === "recording") take.stop();
    }, 200);
    this.show("recording");
  }

  async write(take, blob) {
    this.show("writing");
    try {
      const { text } = await api.transcribe(this.conversationId(), await wav(blob), take.words.signal);
      if (this.take !== take) return;
      this.end();
      if (text) insert(text);
      else this.notice(word("nothingHeard"));
    } catch (trouble) {
      this.fail(take, trouble instanceof api.Trouble ? trouble.message : word("microphoneTrouble").other);
    }
  }

  fail(take, message) {
    if (this.take !== take) return;
    this.end();
    this.notice(message);
  }

  /** Forget what is being said; nothing is sent. */
  cancel() {
    const take = this.take;
    if (!take) return;
    this.end();
    take.words.abort();
    if (take.recorder?.state === "recording") take.recorder.stop();
  }

  end() {
    this.take = null;
    if (line.contains(document.activeElement)) button.focus();
    this.show(null);
  }

  show(state) {
    const recording = state === "recording";
    line.hidden = !state;
    line.dataset.state = state ?? "";
    const text = state ? word("recording")[state] : "";
    byId("recording-text").textContent = byId("recording-spoken").textContent = text;
    byId("recording-time").textContent = recording ? clock(0) : "";
    byId("recording-time").hidden = !recording;
    button.classList.toggle("on", recording);
    button.setAttribute("aria-disabled", String(Boolean(state) && !recording));
    button.dataset.label = recording ? "stopSpeaking" : "speak";
    button.title = word(button.dataset.label);
    button.setAttribute("aria-label", button.title);
    byId("speak-icon").setAttribute("href", recording ? "#i-stop" : "#i-speak");
  }
}

const release = (stream) => stream.getTracks().forEach((track) => track.stop());

const clock = (seconds) => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;

/** Where the customer was writing; between English words goes a blank. */
function insert(text) {
  const { value, selectionStart: at, selectionEnd: to } = field;
  const blank = /\w$/.test(value.slice(0, at)) && /^\w/.test(text) ? " " : "";
  field.setRangeText(blank + text, at, to, "end");
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.focus();
}

/** What the browser recorded, in whatever form, as WAV: one channel of 16-bit samples. */
async function wav(blob) {
  const decoder = new OfflineAudioContext(1, 1, RATE); // which also brings it to its own rate
  const sound = await decoder.decodeAudioData(await blob.arrayBuffer());
  const channels = Array.from({ length: sound.numberOfChannels }, (_, i) => sound.getChannelData(i));
  const bytes = new DataView(new ArrayBuffer(44 + 2 * sound.length));
  const text = (at, letters) => [...letters].forEach((letter, i) => bytes.setUint8(at + i, letter.charCodeAt(0)));
  text(0, "RIFF");
  bytes.setUint32(4, 36 + 2 * sound.length, true);
  text(8, "WAVEfmt ");
  bytes.setUint32(16, 16, true); // length of what describes the format:
  bytes.setUint16(20, 1, true); // plain samples,
  bytes.setUint16(22, 1, true); // one channel,
  bytes.setUint32(24, RATE, true);
  bytes.setUint32(28, 2 * RATE, true); // bytes a second,
  bytes.setUint16(32, 2, true); // bytes a sample,
  bytes.setUint16(34, 16, true); // bits a sample
  text(36, "data");
  bytes.setUint32(40, 2 * sound.length, true);
  for (let i = 0; i < sound.length; i += 1) {
    const level = channels.reduce((sum, channel) => sum + channel[i], 0) / channels.length;
    bytes.setInt16(44 + 2 * i, Math.round(Math.max(-1, Math.min(1, level)) * 32_767), true);
  }
  return new Blob([bytes], { type: "audio/wav" });
}
