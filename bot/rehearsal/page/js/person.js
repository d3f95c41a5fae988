/** Somebody's telephone: what they see, kept up to date, and what they can do. */
import { get, post, Refused } from "./api.js";

const QUIET_MS = 4000;
/** A telephone that is not looked at asks this often; browsers allow only six open connections to one server. */
const RETRY_MS = 1500;

/**
 * Events: "change" (detail: Set of chat ids), "typing" (detail: {chatId, threadId}), "gone" (this person no longer
 * exists), "link" (detail: whether the local Telegram answers).
 */
export class Person extends EventTarget {
  constructor({ id, first_name, language_code, username }) {
    super();
    this.id = id;
    this.name = first_name;
    this.language = language_code;
    this.username = username;
    this.chats = new Map();
    this.cursor = 0;
    this.quietCursor = 0;
    this.source = null;
    this.timer = 0;
    this.seen = JSON.parse(localStorage.getItem(`seen:${id}`) ?? "{}");
  }

  /** All messages of a chat that exist, oldest first. */
  messages(chatId) {
    const found = [...(this.chats.get(chatId)?.values() ?? [])];
    return found.filter((m) => !m.deleted).sort((a, b) => a.message_id - b.message_id);
  }

  /** Look at the telephone: changes come as they happen, in all chats. */
  watch() {
    if (this.source) return;
    this.rest();
    const source = new EventSource(`/phone/users/${this.id}/events?after=${this.cursor}`);
    this.source = source;
    source.onmessage = (event) => {
      const told = JSON.parse(event.data);
      this.cursor = Math.max(this.cursor, told.cursor);
      this.#take(told.messages);
      this.#link(true);
    };
    source.addEventListener("typing", (event) => {
      const { typing } = JSON.parse(event.data);
      this.dispatchEvent(new CustomEvent("typing", { detail: { chatId: typing.chat_id, threadId: typing.thread_id } }));
    });
    source.onopen = () => this.#link(true);
    source.onerror = () => {
      this.#link(false);
      if (source.readyState !== EventSource.CLOSED) return;
      this.rest();
      this.timer = setTimeout(() => this.#comeBack(), RETRY_MS);
    };
  }

  /** Lay the telephone aside, but notice what arrives in the private chat. */
  glance() {
    this.rest();
    const look = async () => {
      try {
        const told = await get(`/phone/users/${this.id}/messages`, { after: this.quietCursor });
        this.quietCursor = told.cursor;
        this.#take(told.messages);
      } catch (error) {
        if (error instanceof Refused && error.status === 404) return this.dispatchEvent(new Event("gone"));
      }
      if (!this.source) this.timer = setTimeout(look, QUIET_MS);
    };
    look();
  }

  /** Stop watching altogether. */
  rest() {
    clearTimeout(this.timer);
    this.source?.close();
    this.source = null;
  }

  async #comeBack() {
    try {
      await get(`/phone/users/${this.id}`);
    } catch (error) {
      if (error instanceof Refused) return this.dispatchEvent(new Event("gone"));
    }
    this.watch();
  }

  #link(up) {
    this.dispatchEvent(new CustomEvent("link", { detail: up }));
  }

  #take(messages) {
    const changed = new Set();
    for (const message of messages) {
      if (message.migrate_from_chat_id) this.#moved(message.migrate_from_chat_id, message.chat.id);
      const chat = this.chats.get(message.chat.id) ?? new Map();
      this.chats.set(message.chat.id, chat);
      chat.set(message.message_id, message);
      changed.add(message.chat.id);
    }
    if (changed.size) this.dispatchEvent(new CustomEvent("change", { detail: changed }));
  }

  /** A group got a new id and keeps its messages. */
  #moved(from, to) {
    const all = new Map(this.chats.get(to) ?? []);
    for (const [id, message] of this.chats.get(from) ?? []) if (!all.has(id)) all.set(id, message);
    this.chats.set(to, all);
  }

  /** How many messages of others in a place were not seen; `belongs` chooses among the chat's. */
  unread(key, chatId, belongs = () => true) {
    const upTo = this.seen[key] ?? 0;
    let count = 0;
    for (const m of this.chats.get(chatId)?.values() ?? [])
      if (m.message_id > upTo && !m.deleted && m.from?.id !== this.id && belongs(m) && !isQuiet(m)) count += 1;
    return count;
  }

  markSeen(key, messageId) {
    if ((this.seen[key] ?? 0) >= messageId) return false;
    this.seen[key] = messageId;
    localStorage.setItem(`seen:${this.id}`, JSON.stringify(this.seen));
    return true;
  }

  #act(name, place, body) {
    const where = place.chatId === this.id ? {} : { chat_id: place.chatId };
    return post(`/phone/users/${this.id}/${name}`, { ...where, ...body });
  }

  send(place, body) {
    return this.#act("send", place, place.threadId ? { thread_id: place.threadId, ...body } : body);
  }

  tap(place, messageId, data) {
    return this.#act("tap", place, { message_id: messageId, data });
  }

  edit(place, message, text) {
    const field = message.text === undefined ? "caption" : "text";
    return this.#act("edit", place, { message_id: message.message_id, [field]: text });
  }

  react(place, messageId, emoji) {
    return this.#act("react", place, { message_id: messageId, emoji });
  }

  delete(place, messageId) {
    return this.#act("delete", place, { message_ids: [messageId] });
  }

  setBlocked(blocked) {
    return post(`/phone/users/${this.id}/${blocked ? "block" : "unblock"}`, {});
  }

  /** The bot's menu here: [{command, description}], and whether the bot is blocked. */
  describe(chatId) {
    return get(`/phone/users/${this.id}`, { chat_id: chatId === this.id ? null : chatId });
  }
}

const QUIET = ["forum_topic_created", "forum_topic_edited", "pinned_message", "supergroup_chat_created"];

/** Messages of Telegram's own that nobody needs to be called for. */
export const isQuiet = (message) => QUIET.some((name) => name in message);
