/** Where one writes: text, attachments, the bot's commands. */
import { el, icon } from "./dom.js";
import { gist } from "./content.js";
import { menu } from "./popups.js";

const MAX_TEXT = 4096;

/** What can be sent without a camera at hand: the local Telegram has a small real file of each kind. */
const SAMPLES = [
  { label: "Foto", icon: "photo", body: { photo: "sample" } },
  { label: "Album di foto", icon: "album", body: { album: [{ photo: "sample" }, { photo: "sample" }, { photo: "sample" }] } },
  { label: "Messaggio vocale", icon: "voice", body: { voice: "sample" } },
  { label: "Video", icon: "video", body: { video: "sample" } },
  { label: "Posizione", icon: "place", body: { location: { latitude: 45.4862, longitude: 9.1898 } } },
  { label: "Contatto", icon: "contact", body: { contact: { phone_number: "+39 02 7750 000", first_name: "Il commercialista" } } },
  { label: "Documento", icon: "file", body: { document: "sample" } },
  { label: "Sticker", icon: "sticker", body: { sticker: "sample" } },
];

export class Composer {
  /**
   * @param {object} acts
   * @param {(body: object, gist: string) => void} acts.send
   * @param {(message: object, text: string) => void} acts.edit
   * @param {() => void} acts.start
   * @param {() => object|undefined} acts.lastOwn last message that could be edited
   * @param {() => Promise<Array<{command: string, description: string}>>} acts.commands
   */
  constructor(acts) {
    this.acts = acts;
    this.drafts = new Map();
    this.key = "";
    this.answering = null;
    this.editing = null;
    this.#build();
  }

  #build() {
    this.field = el("textarea.field", { rows: "1", maxlength: MAX_TEXT, placeholder: "Messaggio", "aria-label": "Scrivi un messaggio", enterkeyhint: "send", dir: "auto" });
    this.field.addEventListener("input", () => this.#grow());
    this.field.addEventListener("keydown", (event) => this.#keys(event));
    this.clip = el("button.round", { "aria-label": "Allega", onclick: () => this.#attach() }, icon("clip"));
    this.slash = el("button.round", { "aria-label": "Comandi del bot", onclick: () => this.#commands() }, icon("slash"));
    const send = el("button.round.send", { "aria-label": "Invia" }, icon("send"));
    this.form = el("form.composer", { novalidate: true }, this.clip, el("div.field-box", {}, this.field, this.slash), send);
    send.type = "submit";
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
    this.about = el("div.about", { hidden: true });
    this.replies = el("div.reply-keyboard", { hidden: true });
    this.startButton = el("button.start", { onclick: () => this.acts.start() }, "Avvia");
    this.start = el("div.start-box", { hidden: true }, this.startButton);
    this.file = el("input", { type: "file", hidden: true, "aria-label": "Scegli un file" });
    this.file.addEventListener("change", () => this.#upload());
    this.element = el("div.writing", {}, this.about, this.form, this.start, this.replies, this.file);
  }

  /** Turn to another chat, keeping what was being written in the one before. */
  turnTo(key) {
    if (key === this.key) return;
    this.drafts.set(this.key, this.field.value);
    this.key = key;
    this.#stopAbout();
    this.field.value = this.drafts.get(key) ?? "";
    this.#grow();
  }

  /** Show the field, or "Avvia" where nothing was said yet; `label` says whom one writes to. */
  show({ started, blocked, label, keyboard }) {
    this.start.hidden = started && !blocked;
    this.startButton.textContent = blocked ? "Sblocca e riavvia" : "Avvia";
    this.form.hidden = !this.start.hidden;
    this.field.setAttribute("aria-label", `Scrivi un messaggio: ${label}`);
    this.#keyboard(this.form.hidden ? null : keyboard);
  }

  answer(message) {
    this.#stopAbout();
    this.answering = message;
    this.#about("reply", `Risposta a ${message.from?.first_name ?? ""}`, gist(message));
  }

  change(message) {
    this.#stopAbout();
    this.editing = message;
    this.field.value = message.text ?? message.caption ?? "";
    this.#about("edit", "Modifica", gist(message));
    this.#grow();
  }

  focus() {
    (this.form.hidden ? this.startButton : this.field).focus();
  }

  #about(sign, title, words) {
    const stop = el("button.round", { "aria-label": "Annulla", onclick: () => this.#stopAbout(true) }, icon("close"));
    this.about.replaceChildren(icon(sign), el("span", {}, el("b", {}, title), el("small", { dir: "auto" }, words)), stop);
    this.about.hidden = false;
    this.focus();
  }

  #stopAbout(clear = false) {
    if (this.editing && clear) this.field.value = "";
    this.answering = this.editing = null;
    this.about.hidden = true;
    this.#grow();
  }

  #keys(event) {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      this.#submit();
    } else if (event.key === "Escape" && !this.about.hidden) {
      event.stopPropagation();
      this.#stopAbout(true);
    } else if (event.key === "ArrowUp" && this.field.value === "") {
      const last = this.acts.lastOwn();
      if (last) event.preventDefault();
      if (last) this.change(last);
    }
  }

  #grow() {
    this.field.style.height = "auto";
    if (this.field.scrollHeight) this.field.style.height = `${Math.min(this.field.scrollHeight, 132)}px`;
    this.form.classList.toggle("filled", this.field.value.trim() !== "");
  }

  #submit() {
    const text = this.field.value.trim();
    if (!text) return;
    this.field.value = "";
    if (this.editing) this.acts.edit(this.editing, text);
    else this.#send({ text }, text);
    this.#stopAbout();
  }

  #send(body, shown) {
    const answered = this.answering ? { reply_to: this.answering.message_id } : {};
    this.acts.send({ ...body, ...answered }, shown);
    this.#stopAbout();
    this.#grow();
  }

  #attach() {
    const items = SAMPLES.map(({ label, icon: sign, body }) => ({ label, icon: sign, action: () => this.#sendMedia(body, label) }));
    menu(this.clip, [...items, { label: "Un file da questo computer", icon: "computer", action: () => this.file.click() }]);
  }

  /** Media goes with what is in the field as its caption, where it can have one. */
  #sendMedia(body, label) {
    const caption = this.field.value.trim();
    const captioned = caption && ["photo", "video", "voice", "document", "album"].some((kind) => kind in body);
    if (captioned) this.field.value = "";
    this.#send(captioned ? { ...body, caption } : body, label);
    this.focus();
  }

  async #upload() {
    const [file] = this.file.files;
    this.file.value = "";
    if (!file) return;
    const bytes = new Uint8Array(await file.arrayBuffer());
    let letters = "";
    for (let i = 0; i < bytes.length; i += 0x8000) letters += String.fromCharCode(...bytes.subarray(i, i + 0x8000));
    const kind = { "image/jpeg": "photo", "image/png": "photo", "video/mp4": "video", "audio/ogg": "voice", "audio/mpeg": "audio" }[file.type] ?? "document";
    this.#sendMedia({ [kind]: { name: file.name, mime: file.type || "application/octet-stream", data: btoa(letters) } }, file.name);
  }

  async #commands() {
    const found = await this.acts.commands();
    if (!found.length) return menu(this.slash, [{ label: "Il bot non ha ancora un menu di comandi", action: () => {} }]);
    menu(
      this.slash,
      found.map(({ command, description }) => ({ label: `/${command}`, detail: description, action: () => this.#send({ text: `/${command}` }, `/${command}`) })),
    );
  }

  /** The keyboard that the bot put in place of the letters (Bot API, ReplyKeyboardMarkup). */
  #keyboard(markup) {
    const rows = markup?.keyboard ?? [];
    this.replies.hidden = rows.length === 0;
    this.replies.replaceChildren(...rows.map((row) => el("div.keys", {}, row.map((button) => this.#replyKey(button)))));
  }

  #replyKey(button) {
    const { text, request_contact, request_location } = typeof button === "string" ? { text: button } : button;
    const press = () => {
      if (request_contact) this.acts.shareContact();
      else if (request_location) this.#send(SAMPLES.find((s) => s.body.location).body, "Posizione");
      else this.#send({ text }, text);
    };
    return el("button.key", { dir: "auto", onclick: press }, text);
  }
}
