/** One open chat: the messages, what is fixed on top, and where one writes. */
import { reason } from "./api.js";
import { bubble, pendingBubble, serviceLine } from "./bubbles.js";
import { Composer } from "./composer.js";
import { announcement, gist } from "./content.js";
import { dayKey, dayName, el, icon } from "./dom.js";
import { menu, notice, toast } from "./popups.js";
import { rich } from "./richtext.js";

const SHOWN = 250;
const ROW_S = 300;
/** Messages by one sender within this many seconds stand together. */
const NEAR_PX = 90;
const TYPING_MS = 5500;
/** Bot API, sendChatAction: "The status is set for 5 seconds or less". */
const REACTIONS = ["👍", "❤", "🙏", "👏", "😢", "🤔"];

const serials = new WeakMap();
let serial = 0;
/** A number for this state of a message: changed messages are new objects. */
function serialOf(message) {
  if (!serials.has(message)) serials.set(message, (serial += 1));
  return serials.get(message);
}

/**
 * @typedef {object} Place
 * @property {number} chatId the group's, or the person's own id for the private chat with the bot
 * @property {number} [threadId] a topic; without it General (in a forum) or the whole chat
 * @property {boolean} [forum] whether the chat has topics
 * @property {string} title
 * @property {string} key
 */

/** Whether a message stands in a place. */
export function belongs(place, message) {
  if (!place.forum) return true;
  return place.threadId ? message.message_thread_id === place.threadId : !message.message_thread_id;
}

export class ChatView {
  /**
   * @param {object} options
   * @param {string} options.label for screen readers
   * @param {() => void} [options.onSeen] something unread was read
   * @param {(typing: boolean) => void} [options.onTyping]
   * @param {() => Node} options.welcome what stands in an empty chat
   */
  constructor(options) {
    this.options = options;
    this.person = null;
    this.place = null;
    this.pinned = [];
    this.pending = [];
    this.nodes = new Map();
    this.shown = SHOWN;
    this.missed = 0;
    this.blocked = false;
    this.canDelete = () => false;
    this.composer = new Composer({
      send: (body, words) => this.#send(body, words),
      edit: (message, text) => this.#try(this.person.edit(this.place, message, text)),
      start: () => this.#send({ text: "/start" }, "/start"),
      lastOwn: () => this.#mine().findLast((m) => m.text !== undefined),
      commands: async () => (await this.#try(this.person.describe(this.place.chatId)))?.commands ?? [],
      shareContact: () => this.#send({ contact: { phone_number: "+39 333 123 4567", first_name: this.person.name, user_id: this.person.id } }, "Contatto"),
    });
    this.#build();
  }

  #build() {
    this.list = el("div.messages");
    this.log = el("div.log", { role: "log", "aria-live": "polite", "aria-label": this.options.label, tabindex: "0" }, this.list);
    this.log.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    this.log.addEventListener("keydown", (event) => this.#walk(event));
    this.pill = el("button.pill", { hidden: true, onclick: () => this.#toEnd(true) }, icon("down"), el("span", {}, ""));
    this.pin = el("div.pinned", { hidden: true });
    this.typing = el("div.typing", { hidden: true, role: "status" }, el("i"), el("i"), el("i"), el("span.unseen", {}, "Il bot sta scrivendo"));
    this.element = el("div.chat", {}, this.pin, el("div.log-box", {}, this.log, this.pill), this.typing, this.composer.element);
    this.list.after(this.typing);
    new ResizeObserver(() => this.stuck && this.#toEnd()).observe(this.list);
    new ResizeObserver(() => this.stuck && this.#toEnd()).observe(this.log);
    this.stuck = true;
  }

  /** Show a place on somebody's telephone. */
  open(person, place) {
    const same = this.person?.id === person.id && this.place?.key === place.key;
    this.person = person;
    this.place = place;
    this.composer.turnTo(`${person.id}:${place.key}`);
    if (!same) {
      this.nodes.clear();
      this.list.replaceChildren();
      this.pending = [];
      this.pinned = [];
      this.shown = SHOWN;
      this.stuck = true;
      this.#type(false);
    }
    this.refresh();
    if (!same) this.#toEnd();
  }

  close() {
    this.person = this.place = null;
  }

  #all() {
    return this.person.messages(this.place.chatId).filter((m) => belongs(this.place, m));
  }

  #mine() {
    return this.#all().filter((m) => m.from?.id === this.person.id && !announcement(m));
  }

  get private() {
    return this.place.chatId === this.person.id;
  }

  /** Bring what is shown up to date. */
  refresh() {
    if (!this.person) return;
    const all = this.#all();
    this.pending = this.pending.filter((p) => !this.#arrived(p, all));
    const newest = all.at(-1)?.message_id ?? 0;
    const incoming = all.filter((m) => m.message_id > (this.newest ?? 0) && m.from?.id !== this.person.id).length;
    if (incoming) this.#type(false);
    this.#draw(all.slice(-this.shown), all.length > this.shown);
    if (this.stuck) this.#toEnd();
    const keyboard = all.findLast((m) => m.keyboard)?.keyboard;
    this.composer.show({ started: !this.private || all.length > 0, blocked: this.private && this.blocked, label: this.place.title, keyboard });
    this.missed = this.stuck ? 0 : this.missed + (this.newest ? incoming : 0);
    this.newest = newest;
    this.#showPill();
    this.#showPinned();
    this.#seen();
  }

  /** Whether what was on its way stands in the chat. The chat may hear of it before the answer to the sending does. */
  #arrived(pending, all) {
    if (pending.ids) return pending.ids.every((id) => this.person.chats.get(this.place.chatId)?.has(id));
    if (pending.error || pending.body.text === undefined) return false;
    return all.some((m) => m.message_id > pending.since && m.from?.id === this.person.id && m.text === pending.body.text.trim());
  }

  #draw(messages, older) {
    const blocks = this.#blocks(messages);
    if (older) blocks.unshift({ key: "older", sign: "", make: () => el("button.older", { onclick: () => this.#older() }, "Messaggi precedenti") });
    if (!blocks.length) blocks.push({ key: "welcome", sign: `${this.person.id}${this.place.key}`, make: this.options.welcome });
    const focused = this.list.contains(document.activeElement);
    const next = new Map();
    let at = this.list.firstChild;
    for (const { key, sign, make } of blocks) {
      const known = this.nodes.get(key);
      const node = known?.sign === sign ? known.node : make();
      if (known && known.node !== node) {
        if (at === known.node) at = node;
        known.node.replaceWith(node);
      } else if (!known && this.nodes.size) node.classList.add("arriving");
      if (node !== at) this.list.insertBefore(node, at);
      else at = at.nextSibling;
      if (at === node) at = node.nextSibling;
      next.set(key, { sign, node });
    }
    for (const [key, { node }] of this.nodes) if (!next.has(key)) node.remove();
    this.nodes = next;
    this.list.querySelectorAll(".more").forEach((more, i, rows) => (more.tabIndex = i === rows.length - 1 ? 0 : -1));
    if (focused && !this.list.contains(document.activeElement)) this.log.focus({ preventScroll: true });
  }

  /** What stands in the list, in order: days, announcements, messages (albums as one), what is on its way. */
  #blocks(messages) {
    const blocks = [];
    const readUpTo = this.private ? (messages.findLast((m) => m.from?.id !== this.person.id)?.message_id ?? 0) : 0;
    const groups = albums(messages);
    groups.forEach((group, i) => {
      const [message] = group;
      const before = groups[i - 1]?.at(-1);
      const after = groups[i + 1]?.[0];
      if (!before || dayKey(before.date) !== dayKey(message.date))
        blocks.push({ key: `day ${dayKey(message.date)}`, sign: dayName(message.date), make: () => el("div.day", {}, el("span", {}, dayName(message.date))) });
      const sign = group.map(serialOf).join();
      if (announcement(message)) return blocks.push({ key: message.message_id, sign, make: () => serviceLine(message) });
      const setting = {
        person: this.person,
        group: !this.private,
        first: !together(before, message),
        last: !together(message, after),
        tick: message.message_id < readUpTo ? "read" : "sent",
        acts: this.#acts(),
      };
      blocks.push({ key: message.message_id, sign: `${sign} ${setting.first} ${setting.last} ${setting.tick}`, make: () => bubble(group, setting) });
    });
    for (const p of this.pending) {
      const drop = () => ((this.pending = this.pending.filter((other) => other !== p)), this.refresh());
      blocks.push({ key: p, sign: p.error ?? "", make: () => pendingBubble(p, () => this.#post(p), drop) });
    }
    return blocks;
  }

  #acts() {
    return {
      command: (words) => this.#send({ text: words }, words),
      copy: (words) => navigator.clipboard?.writeText(words).then(() => toast(this.element, "Copiato.")),
      jump: (id) => this.#jump(id),
      more: (message, anchor) => this.#more(message, anchor),
      react: (message, emoji) => this.#try(this.person.react(this.place, message.message_id, emoji)),
      reply: (message) => this.composer.answer(message),
      tap: (message, data) => this.#tap(message, data),
    };
  }

  async #tap(message, data) {
    const said = await this.#try(this.person.tap(this.place, message.message_id, data));
    if (!said) return;
    if (!said.answered) toast(this.element, "Il programma non ha ancora risposto al pulsante.");
    else if (said.text && said.show_alert) notice(said.text);
    else if (said.text) toast(this.element, said.text);
  }

  #more(message, anchor) {
    const mine = message.from?.id === this.person.id;
    const acts = this.#acts();
    const own = message.reactions?.find((r) => r.user_id === this.person.id)?.emoji;
    const box = el("div.pick", { role: "group", "aria-label": "Reazioni" });
    const items = [
      { label: "Rispondi", icon: "reply", action: () => acts.reply(message) },
      { label: "Copia il testo", icon: "copy", action: () => acts.copy(message.text ?? message.caption ?? gist(message)) },
    ];
    if (mine && (message.text ?? message.caption) !== undefined && !message.forward_origin) items.push({ label: "Modifica", icon: "edit", action: () => this.composer.change(message) });
    if (mine || this.private || this.canDelete()) items.push({ label: "Elimina per tutti", icon: "trash", danger: true, action: () => this.#try(this.person.delete(this.place, message.message_id)) });
    for (const emoji of REACTIONS) {
      const press = () => (open.hidePopover(), acts.react(message, own === emoji ? null : emoji));
      box.append(el("button", { class: own === emoji ? "mine" : "", "aria-label": `Reagisci con ${emoji}`, onclick: press }, emoji));
    }
    const open = menu(anchor, items, box);
  }

  #send(body, words) {
    this.stuck = true;
    this.#post({ body, gist: words });
  }

  async #post(pending) {
    const { person, place } = this;
    pending.error = null;
    pending.since = this.newest ?? 0;
    if (!this.pending.includes(pending)) this.pending.push(pending);
    this.refresh();
    this.#toEnd();
    try {
      const sent = await person.send(place, pending.body);
      pending.ids = sent.message_ids ?? [sent.message_id];
    } catch (error) {
      pending.error = reason(error);
    }
    this.refresh();
    this.#toEnd();
  }

  /** Do something, and say why if it cannot be done. */
  async #try(doing) {
    try {
      return await doing;
    } catch (error) {
      toast(this.element, reason(error));
      return null;
    }
  }

  // Fixed on top

  /** Say which messages are pinned, the newest last. */
  setPinned(ids) {
    this.pinned = ids;
    this.#showPinned();
  }

  #showPinned() {
    const found = this.#all().findLast((m) => this.pinned.includes(m.message_id));
    const sign = found ? `${serialOf(found)}` : "";
    if (this.pin.dataset.sign === sign) return;
    this.pin.dataset.sign = sign;
    this.pin.hidden = !found;
    this.pin.classList.remove("open");
    if (!found) return this.pin.replaceChildren();
    const [title, ...rest] = gist(found).split("\n").filter(Boolean);
    const words = el("button.pinned-line", { "aria-label": `Messaggio fissato: ${title}`, onclick: () => this.#jump(found.message_id) }, icon("pin"), el("span", {}, el("b", { dir: "auto" }, title), el("small", { dir: "auto" }, rest.join(" · "))));
    const name = words.querySelector("b");
    const full = el("div.pinned-full.rich", { dir: "auto", tabindex: "0" }, rich(found.text ?? found.caption ?? "", found.entities ?? found.caption_entities, this.#acts().command));
    const unfold = el("button.round", { "aria-label": "Apri la scheda", "aria-expanded": "false" }, icon("down"));
    unfold.addEventListener("click", () => {
      const open = this.pin.classList.toggle("open");
      unfold.setAttribute("aria-expanded", String(open));
      unfold.setAttribute("aria-label", open ? "Chiudi la scheda" : "Apri la scheda");
      name.textContent = open ? "Messaggio fissato" : title;
    });
    this.pin.replaceChildren(el("div.pinned-bar", {}, words, unfold), full);
  }

  // Where one looks

  #jump(id) {
    const node = this.list.querySelector(`[data-message-id="${Number(id)}"]`);
    if (!node) return toast(this.element, "È un messaggio più indietro.");
    node.scrollIntoView({ block: "center", behavior: "smooth" });
    node.classList.add("flash");
    setTimeout(() => node.classList.remove("flash"), 1600);
  }

  #older() {
    const height = this.log.scrollHeight;
    this.shown += SHOWN;
    this.stuck = false;
    this.refresh();
    this.log.scrollTop += this.log.scrollHeight - height;
  }

  #scrolled() {
    this.stuck = this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < NEAR_PX;
    if (this.stuck) this.missed = 0;
    this.#showPill();
    if (this.person) this.#seen();
  }

  #showPill() {
    this.pill.hidden = this.stuck;
    const words = this.missed === 1 ? "1 messaggio nuovo" : `${this.missed} messaggi nuovi`;
    this.pill.lastChild.textContent = this.missed ? words : "";
    this.pill.setAttribute("aria-label", this.missed ? `${words}: vai in fondo` : "Vai in fondo");
  }

  #toEnd(smooth = false) {
    this.log.scrollTo({ top: this.log.scrollHeight, behavior: smooth ? "smooth" : "instant" });
    this.stuck = true;
  }

  /** Up and down between the messages' menus. */
  #walk(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step || !document.activeElement?.matches(".more")) return;
    event.preventDefault();
    const all = [...this.list.querySelectorAll(".more")];
    const next = all[all.indexOf(document.activeElement) + step];
    if (!next) return;
    document.activeElement.tabIndex = -1;
    next.tabIndex = 0;
    next.focus();
  }

  #seen() {
    if (!this.newest || !this.stuck || document.hidden || !this.element.offsetParent) return;
    if (this.person.markSeen(this.place.key, this.newest)) this.options.onSeen?.();
  }

  /** The bot is writing in this chat. */
  botTypes() {
    this.#type(true);
    clearTimeout(this.typingTimer);
    this.typingTimer = setTimeout(() => this.#type(false), TYPING_MS);
  }

  #type(on) {
    this.typing.hidden = !on;
    this.options.onTyping?.(on);
    if (this.stuck) this.#toEnd();
  }
}

/** Messages in groups of one, or of an album. */
function albums(messages) {
  const groups = [];
  for (const message of messages) {
    const before = groups.at(-1)?.at(-1);
    if (message.media_group_id && before?.media_group_id === message.media_group_id) groups.at(-1).push(message);
    else groups.push([message]);
  }
  return groups;
}

function together(one, other) {
  if (!one || !other || announcement(one) || announcement(other)) return false;
  return one.from?.id === other.from?.id && one.sender_chat?.id === other.sender_chat?.id && other.date - one.date < ROW_S && dayKey(one.date) === dayKey(other.date);
}
