/** The right side: the angels' group with its topics, and each angel's private chat with the bot. */
import { get } from "./api.js";
import { belongs, ChatView } from "./chat.js";
import { gist } from "./content.js";
import { avatar, botAvatar, dayKey, dayName, el, hour, icon, settled } from "./dom.js";
import { isQuiet, Person } from "./person.js";

const CHOSEN = "angel";
const LOOK_AGAIN_MS = 150;

export class Angels {
  /** @param {() => void} onUnread how much is unread has changed; @param {(up: boolean) => void} onLink */
  constructor(onUnread, onLink) {
    this.onUnread = onUnread;
    this.onLink = onLink;
    this.angels = [];
    this.current = null;
    this.group = null;
    this.topics = [];
    this.place = null;
    this.look = settled(() => this.#group(), LOOK_AGAIN_MS);
    this.chat = new ChatView({ label: "Conversazione degli angeli", onSeen: () => this.#list(), onTyping: (on) => this.#title(on), welcome: () => this.#welcome() });
    this.chat.canDelete = () => ["creator", "administrator"].includes(this.current?.status);
    this.#build();
  }

  #build() {
    this.people = el("div.people", { role: "tablist", "aria-label": "Chi sei, tra gli angeli" });
    this.name = el("h2", { dir: "auto" }, "Digital Angels");
    this.count = el("small", {}, "");
    this.rows = el("div.rows");
    this.index = el("nav.index", { "aria-label": "Argomenti del gruppo" }, el("div.bar", {}, el("div.bar-words", {}, this.name, this.count)), this.rows);
    const back = el("button.round.back", { "aria-label": "Torna agli argomenti", onclick: () => this.#close() }, icon("back"));
    this.face = el("span.face", { "aria-hidden": "true" });
    this.heading = el("h2", { dir: "auto", tabindex: "-1" }, "");
    this.under = el("small", {}, "");
    this.open = el("div.open", {}, el("div.bar", {}, back, this.face, el("div.bar-words", {}, this.heading, this.under)), this.chat.element);
    this.empty = el("div.nothing", {}, icon("angels"), el("p", {}, "Quando un negoziante accetta di parlare con una persona, qui compare il suo argomento."));
    this.desk = el("div.desk", {}, this.index, this.open, this.empty);
    this.element = el("section.side.angels", { id: "angeli", "aria-label": "Il gruppo degli angeli" }, el("div.toolbar", {}, el("span.eyebrow", {}, "Angeli"), this.people), this.desk);
  }

  async begin() {
    await this.#group();
    const before = Number(localStorage.getItem(CHOSEN));
    const first = this.angels.find((angel) => angel.id === before) ?? this.angels.find((angel) => angel.status === "member") ?? this.angels[0];
    for (const angel of this.angels) if (angel !== first) angel.glance();
    if (first) this.#choose(first);
    this.#show(null);
  }

  // The group

  async #group() {
    const groups = await get("/phone/groups").catch(() => null);
    if (!groups) return;
    const id = (groups.find((g) => g.id === this.group?.id) ?? groups.find((g) => g.is_forum) ?? groups[0])?.id;
    if (!id) return;
    const [group, topics] = await Promise.all([get(`/phone/groups/${id}`), this.#topicsOf(id)]);
    const moved = this.group && this.group.id !== id ? this.group.id : null;
    this.group = group;
    this.topics = topics;
    this.name.textContent = group.title;
    const members = group.members.filter((m) => !m.user.is_bot && !["left", "kicked"].includes(m.status));
    this.count.textContent = `${members.length} persone e il bot`;
    this.#members(members);
    if (moved && this.place?.chatId === moved) this.#show({ ...this.place, chatId: id });
    this.#list();
    this.#pins();
  }

  #topicsOf(id) {
    return this.current ? get(`/phone/users/${this.current.id}/topics`, { chat_id: id }).catch(() => []) : Promise.resolve([]);
  }

  /** Angels first, the group's owner (the coordinator) last. */
  #members(members) {
    const order = { member: 0, restricted: 0, administrator: 1, creator: 2 };
    const sorted = [...members].sort((a, b) => order[a.status] - order[b.status]);
    const known = new Map(this.angels.map((angel) => [angel.id, angel]));
    this.angels = sorted.map(({ user, status }) => Object.assign(known.get(user.id) ?? this.#add(user), { status }));
    this.#tabs();
  }

  #add(user) {
    const angel = new Person(user);
    angel.addEventListener("change", ({ detail }) => this.#changed(angel, detail));
    angel.addEventListener("typing", ({ detail }) => this.#typing(angel, detail));
    angel.addEventListener("gone", () => location.reload());
    angel.addEventListener("link", ({ detail }) => this.onLink(detail));
    if (this.current) angel.glance();
    return angel;
  }

  // Who

  #choose(angel) {
    if (angel === this.current) return;
    this.current?.glance();
    this.current = angel;
    localStorage.setItem(CHOSEN, angel.id);
    angel.watch();
    const place = this.place;
    if (place) this.#show(place.key === "bot" ? this.#private() : place);
    this.look();
    this.#tabs();
    this.#list();
  }

  #tabs() {
    const shown = this.angels.map((angel) => {
      const chosen = angel === this.current;
      const unread = chosen ? 0 : angel.unread("bot", angel.id);
      return el(
        "button.person",
        { role: "tab", "aria-selected": String(chosen), class: chosen ? "chosen" : "", onclick: () => this.#choose(angel) },
        avatar(angel.id, angel.name, "small"),
        el("span", {}, angel.name, angel.status === "creator" ? el("small", {}, " coordinatrice") : null),
        unread ? el("span.badge", { "aria-label": `${unread} in privato da leggere` }, String(unread)) : null,
      );
    });
    const focused = [...this.people.children].indexOf(document.activeElement);
    this.people.replaceChildren(...shown);
    if (focused >= 0) this.people.children[focused]?.focus();
  }

  // The list

  #private() {
    return { chatId: this.current.id, key: "bot", title: "Il bot, in privato", kind: "private" };
  }

  #general() {
    const forum = Boolean(this.group.is_forum);
    return { chatId: this.group.id, forum, key: "general", title: forum ? "General" : this.group.title, kind: "general" };
  }

  #topic(topic) {
    return { chatId: this.group.id, forum: true, threadId: topic.thread_id, key: `topic ${topic.thread_id}`, title: topic.name, icon: topic.icon, closed: topic.closed, kind: "topic" };
  }

  #places() {
    if (!this.current || !this.group) return [];
    const newest = (place) => this.#last(place)?.date ?? 0;
    const number = (place) => this.#last(place)?.message_id ?? 0;
    const topics = this.group.is_forum ? this.topics.map((topic) => this.#topic(topic)) : [];
    topics.sort((a, b) => newest(b) - newest(a) || number(b) - number(a));
    return [this.#private(), this.#general(), ...topics];
  }

  #last(place) {
    const all = this.current.messages(place.chatId).filter((m) => belongs(place, m));
    return all.findLast((m) => !isQuiet(m)) ?? all.at(-1);
  }

  #unread(place) {
    return this.current.unread(place.key, place.chatId, (m) => belongs(place, m));
  }

  get unread() {
    if (!this.current) return 0;
    const others = this.angels.filter((angel) => angel !== this.current);
    const elsewhere = others.reduce((sum, angel) => sum + angel.unread("bot", angel.id), 0);
    return this.#places().reduce((sum, place) => sum + this.#unread(place), elsewhere);
  }

  #list() {
    const places = this.#places();
    const focused = document.activeElement?.dataset?.place;
    this.rows.replaceChildren(...places.map((place) => this.#row(place)));
    if (focused) [...this.rows.children].find((row) => row.dataset.place === focused)?.focus();
    const open = places.find((place) => place.key === this.place?.key);
    if (this.place?.kind === "topic" && !open && this.topics !== this.before) this.#close();
    else if (open && this.#sign(open) !== this.#sign(this.place)) this.#show(open);
    this.before = this.topics;
    this.onUnread();
  }

  #sign(place) {
    return [place.chatId, place.title, place.icon, place.closed, place.forum].join("|");
  }

  #row(place) {
    const last = this.#last(place);
    const unread = this.#unread(place);
    const chosen = place.key === this.place?.key;
    const who = last && place.kind !== "private" && last.from ? (last.from.id === this.current.id ? "Tu: " : last.from.is_bot ? "" : `${last.from.first_name}: `) : "";
    const quiet = place.kind === "private" ? "Allarmi e promemoria arrivano qui" : "Ancora nessun messaggio";
    const when = last ? (dayKey(last.date) === dayKey(Date.now() / 1000) ? hour(last.date) : dayName(last.date).split(" ").slice(1, 3).join(" ")) : "";
    return el(
      "button.topic",
      { class: `${chosen ? "chosen" : ""} ${unread ? "unread" : ""}`, "aria-current": chosen ? "true" : null, "data-place": place.key, onclick: () => this.#show(place, true) },
      face(place),
      el("span.topic-words", {}, el("b", { dir: "auto" }, place.title), el("small", { dir: "auto" }, last ? who + gist(last).replace(/\s+/g, " ") : quiet)),
      el("span.topic-side", {}, el("time", {}, when), unread ? el("span.badge", { "aria-label": `${unread} da leggere` }, String(unread)) : place.closed ? icon("lock") : null),
    );
  }

  // The open chat

  #show(place, asked = false) {
    this.place = place;
    this.desk.classList.toggle("reading", Boolean(place));
    this.open.hidden = !place;
    this.empty.hidden = Boolean(place);
    if (!place) return this.chat.close();
    this.face.replaceChildren(face(place));
    this.heading.textContent = place.title;
    this.#title(false);
    this.chat.open(this.current, place);
    this.#pins();
    this.#list();
    if (asked && matchMedia("(hover: hover)").matches) this.chat.composer.focus();
    else if (asked) this.heading.focus({ preventScroll: true });
  }

  #close() {
    const key = this.place?.key;
    this.#show(null);
    this.#list();
    [...this.rows.children].find((row) => row.dataset.place === key)?.focus();
  }

  #title(typing) {
    const said = { private: "Messaggi che vede soltanto lei", general: "Per tutti gli angeli", topic: this.place?.closed ? "Argomento chiuso" : "Un caso, un argomento" };
    this.under.textContent = typing ? "il bot sta scrivendo…" : (said[this.place?.kind] ?? "");
    this.under.classList.toggle("lively", typing);
  }

  #pins() {
    if (this.place && this.group) this.chat.setPinned(this.place.kind === "private" ? [] : this.group.pinned);
  }

  #welcome() {
    const words = {
      private: ["Il bot, in privato", "Prema «Avvia»: gli allarmi e i promemoria per questa persona arrivano qui."],
      general: ["Il gruppo è pronto", "Qui gli angeli parlano tra loro. Ogni negoziante che accetta di farsi aiutare ha un argomento suo."],
      topic: ["Nessun messaggio", "Qui si scrive con la persona di questo argomento."],
    }[this.place?.kind ?? "topic"];
    return el("div.welcome", {}, el("p", {}, el("b", {}, words[0])), el("p", {}, words[1]));
  }

  #changed(angel, chats) {
    if (angel !== this.current) return this.#tabs(), this.onUnread();
    if ([...chats].some((id) => id !== angel.id)) this.look();
    if (this.place && chats.has(this.place.chatId)) this.chat.refresh();
    this.#list();
  }

  #typing(angel, { chatId, threadId }) {
    if (angel === this.current && this.place?.chatId === chatId && (this.place.threadId ?? 0) === (threadId ?? 0)) this.chat.botTypes();
  }
}

/** The round sign of a place: its topic's icon, "#" for General, the bot in private. */
function face(place) {
  if (place.kind === "topic") return el("span.avatar.face-of", { class: place.icon ? "emoji" : `hue-${Math.abs(place.threadId) % 7}`, "aria-hidden": "true" }, place.icon ?? [...place.title][0] ?? "?");
  if (place.kind === "private") return botAvatar("face-of");
  return el("span.avatar.face-of.of-group", { "aria-hidden": "true" }, icon("general"));
}
