/** One message as it stands in a chat. */
import { announcement, gist, kindOf, media } from "./content.js";
import { avatar, botAvatar, colourOf, el, hour, icon } from "./dom.js";
import { rich } from "./richtext.js";

/**
 * @typedef {object} Setting how a message stands among the others
 * @property {import("./person.js").Person} person whose telephone this is
 * @property {boolean} group whether names are shown
 * @property {boolean} first first of a row by the same sender
 * @property {boolean} last last of it
 * @property {"sent"|"read"|null} tick
 * @property {object} acts what can be done: command, tap, press, more, jump
 */

/** Telegram's own announcement. */
export function serviceLine(message) {
  return el("div.service", {}, el("span", { dir: "auto" }, announcement(message)));
}

/** A message, or an album of several. */
export function bubble(messages, setting) {
  const message = messages.find((m) => m.caption) ?? messages[0];
  const out = message.from?.id === setting.person.id && !message.sender_chat;
  const sender = senderOf(message);
  const words = message.text ?? message.caption;
  const kind = kindOf(message);
  const bare = ["sticker", "dice", "video_note"].includes(kind) || onlyEmoji(message);
  const box = el(
    "div.bubble",
    { class: [bare ? "bare" : "", kind === "text" ? "" : "has-media"].join(" ") },
    setting.group && !out && setting.first ? el("div.sender", { class: inkOf(sender), dir: "auto" }, sender.name) : null,
    message.forward_origin ? el("div.forwarded", { dir: "auto" }, `Inoltrato da ${originOf(message.forward_origin)}`) : null,
    quote(message, setting),
    messages.length > 1 ? album(messages) : media(message),
    words === undefined
      ? null
      : el("div.text.rich", { dir: "auto" }, rich(words, message.entities ?? message.caption_entities, setting.acts.command)),
    meta(messages.at(-1), out, setting),
  );
  const more = el(
    "button.more",
    { "aria-label": `Azioni sul messaggio: ${gist(message).slice(0, 60)}`, tabindex: "-1", onclick: () => setting.acts.more(message, more) },
    icon("more"),
  );
  const body = el("div.body", {}, el("div.line", {}, box, more), reactions(messages, setting), keyboard(message, setting));
  // On touch there is no hover: a tap on the bubble opens the same menu.
  box.addEventListener("click", (event) => {
    if (matchMedia("(hover: none)").matches && !event.target.closest("a, button, video, [role=button]")) setting.acts.more(message, more);
  });
  box.addEventListener("dblclick", () => setting.acts.reply(message));
  const classes = [out ? "out" : "in", setting.first ? "first" : "", setting.last ? "last" : ""].join(" ");
  const portrait = setting.group && !out ? (setting.last ? portraitOf(sender) : el("span.avatar.none")) : null;
  return el("div.row", { class: classes, "data-message-id": message.message_id }, portrait, body);
}

function senderOf(message) {
  if (message.sender_chat) return { id: message.sender_chat.id, name: message.sender_chat.title ?? "Anonimo" };
  return { id: message.from?.id, name: message.from?.first_name ?? "?", bot: message.from?.is_bot };
}

const portraitOf = (sender) => (sender.bot ? botAvatar() : avatar(sender.id, sender.name));
const inkOf = (sender) => (sender.bot ? "ink-bot" : `ink-${colourOf(sender.id)}`);

function onlyEmoji(message) {
  const bare = (message.text ?? "").replace(/\s/g, "");
  return bare !== "" && bare.length <= 12 && /^(\p{Extended_Pictographic}|\p{Emoji_Modifier}|\u200d|\ufe0f)+$/u.test(bare);
}

function originOf(origin) {
  return origin.sender_user?.first_name ?? origin.sender_user_name ?? origin.chat?.title ?? origin.sender_chat?.title ?? "?";
}

/** The message that is answered; in a topic every message hangs under its first one, which says nothing. */
function quote(message, setting) {
  const answered = message.reply_to_message;
  if (!answered || answered.forum_topic_created) return null;
  const sender = senderOf(answered);
  return el(
    "button.quote",
    { class: inkOf(sender), onclick: () => setting.acts.jump(answered.message_id) },
    el("b", {}, answered.from?.id === setting.person.id ? "Tu" : sender.name),
    el("span", { dir: "auto" }, message.quote?.text ?? gist(answered)),
  );
}

function album(messages) {
  const pictures = messages.every((m) => m.photo || m.video);
  return el("div.album", { class: pictures ? "pictures" : "", "data-count": messages.length }, messages.map((m) => media(m)));
}

function meta(message, out, setting) {
  const tick = out && setting.tick ? el("span.tick", { class: setting.tick, title: TICKS[setting.tick] }, icon(setting.tick === "read" ? "checks" : "check"), el("span.unseen", {}, TICKS[setting.tick])) : null;
  return el(
    "div.meta",
    {},
    message.edit_date ? el("span", {}, "modificato") : null,
    el("time", { datetime: new Date(message.date * 1000).toISOString() }, hour(message.date)),
    tick,
  );
}

const TICKS = { sent: "Consegnato", read: "Ricevuto: c'è già una risposta" };

function reactions(messages, setting) {
  const given = messages.flatMap((m) => m.reactions ?? []);
  if (!given.length) return null;
  const counted = new Map();
  for (const reaction of given) counted.set(reaction.emoji, [...(counted.get(reaction.emoji) ?? []), reaction.user_id]);
  const chips = [...counted].map(([emoji, users]) => {
    const mine = users.includes(setting.person.id);
    return el(
      "button.reaction",
      { class: mine ? "mine" : "", "aria-pressed": String(mine), "aria-label": `Reazione ${emoji}, ${users.length}`, onclick: () => setting.acts.react(messages[0], mine ? null : emoji) },
      emoji,
      users.length > 1 ? ` ${users.length}` : "",
    );
  });
  return el("div.reactions", {}, chips);
}

function keyboard(message, setting) {
  const rows = message.reply_markup?.inline_keyboard;
  if (!rows?.length) return null;
  return el("div.keyboard", {}, rows.map((row) => el("div.keys", {}, row.map((button) => key(message, button, setting)))));
}

function key(message, button, setting) {
  if (button.url) return el("a.key", { href: /^https?:|^tg:/.test(button.url) ? button.url : null, target: "_blank", rel: "noopener noreferrer", dir: "auto" }, button.text, el("i", { "aria-hidden": "true" }, "↗"));
  if (button.copy_text) return el("button.key", { dir: "auto", onclick: () => setting.acts.copy(button.copy_text.text) }, button.text);
  if (button.callback_data === undefined) return el("button.key", { disabled: true, dir: "auto" }, button.text);
  const node = el("button.key", { dir: "auto" }, button.text);
  node.addEventListener("click", async () => {
    node.classList.add("waiting");
    node.setAttribute("aria-busy", "true");
    await setting.acts.tap(message, button.callback_data);
    node.classList.remove("waiting");
    node.removeAttribute("aria-busy");
  });
  return node;
}

/** A message on its way, or one that did not go. */
export function pendingBubble(pending, retry, drop) {
  const status = pending.error
    ? el("div.failed", { role: "alert" }, icon("warn"), pending.error, el("button", { onclick: retry }, "Riprova"), el("button", { onclick: drop }, "Togli"))
    : null;
  const box = el("div.bubble", {}, el("div.text.rich", { dir: "auto" }, pending.gist), el("div.meta", {}, el("span.tick", {}, icon(pending.error ? "warn" : "clock"))));
  return el("div.row.out.first.last.pending", {}, el("div.body", {}, el("div.line", {}, box), status));
}

