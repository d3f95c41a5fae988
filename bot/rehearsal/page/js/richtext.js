/** Telegram's formatting (Bot API, MessageEntity) as elements. Offsets are UTF-16 units, as in JavaScript. */
import { el } from "./dom.js";

const PLAIN = { bold: "strong", italic: "em", underline: "u", strikethrough: "s", code: "code" };
const SAFE = /^(https?|tg|mailto|tel):/i;

/**
 * @param {string} text
 * @param {Array<object>} entities
 * @param {(command: string) => void} onCommand somebody pressed a /command in the text
 */
export function rich(text, entities, onCommand) {
  const whole = document.createDocumentFragment();
  const sorted = [...(entities ?? [])].sort((a, b) => a.offset - b.offset || b.length - a.length);
  fill(whole, text, 0, text.length, sorted, onCommand);
  return whole;
}

function fill(parent, text, from, to, entities, onCommand) {
  const queue = [...entities];
  let at = from;
  while (queue.length) {
    const entity = queue.shift();
    const start = Math.max(entity.offset, at);
    const end = Math.min(entity.offset + entity.length, to);
    if (end <= start) continue;
    parent.append(text.slice(at, start));
    const inside = [];
    while (queue.length && queue[0].offset < end) {
      const next = queue.shift();
      inside.push(next);
      const over = next.offset + next.length - end;
      // What sticks out of this one goes on after it.
      if (over > 0) inside.at(-1).rest = { ...next, offset: end, length: over };
    }
    queue.unshift(...inside.filter((e) => e.rest).map((e) => e.rest));
    const node = element(entity, text.slice(start, end), onCommand);
    fill(node, text, start, end, inside.map(({ rest, ...e }) => e), onCommand);
    parent.append(node);
    at = end;
    // A quotation or a block of code is a line of its own already.
    if (/blockquote|pre/.test(entity.type) && text[at] === "\n") at += 1;
  }
  parent.append(text.slice(at, to));
}

function element(entity, words, onCommand) {
  const plain = PLAIN[entity.type];
  if (plain) return el(plain);
  switch (entity.type) {
    case "pre":
      return el("pre", { "data-language": entity.language || null });
    case "blockquote":
      return el("blockquote");
    case "expandable_blockquote":
      return folded();
    case "spoiler":
      return spoiler();
    case "text_link":
      return link(entity.url);
    case "url":
      return link(/^[a-z]+:/i.test(words) ? words : `https://${words}`);
    case "email":
      return link(`mailto:${words}`);
    case "phone_number":
      return link(`tel:${words.replace(/[^+\d]/g, "")}`);
    case "bot_command":
      return el("button.command", { onclick: () => onCommand?.(words) });
    case "mention":
    case "text_mention":
    case "hashtag":
    case "cashtag":
      return el("span.mention");
    default:
      return el("span");
  }
}

function link(address) {
  if (!SAFE.test(address)) return el("span");
  return el("a", { href: address, target: "_blank", rel: "noopener noreferrer" });
}

function spoiler() {
  const node = el("span.spoiler", { role: "button", tabindex: "0", "aria-label": "Testo nascosto, tocca per leggerlo" });
  const show = () => {
    node.classList.add("shown");
    for (const name of ["role", "tabindex", "aria-label"]) node.removeAttribute(name);
  };
  node.addEventListener("click", show);
  node.addEventListener("keydown", (event) => event.key === "Enter" && show());
  return node;
}

function folded() {
  const node = el("blockquote.folded", { tabindex: "0", role: "button", "aria-expanded": "false" });
  const turn = () => node.setAttribute("aria-expanded", String(!node.classList.toggle("open")));
  node.addEventListener("click", turn);
  node.addEventListener("keydown", (event) => event.key === "Enter" && turn());
  return node;
}
