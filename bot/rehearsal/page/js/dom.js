/** Building the page: elements, icons, times. Nothing here ever reads markup from data. */

/**
 * Make an element.
 * @param {string} tag e.g. "button.round" (tag and classes)
 * @param {object} props attributes; functions become listeners ("onclick"), `null`/`false` are left out
 * @param {...(Node|string|null|false)} children
 */
export function el(tag, props = {}, ...children) {
  const [name, ...classes] = tag.split(".");
  const node = document.createElement(name || "div");
  if (classes.length) node.className = classes.join(" ");
  if (name === "button") node.type = "button";
  for (const [key, value] of Object.entries(props)) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === "function") node.addEventListener(key.slice(2), value);
    else if (key === "class") node.classList.add(...value.split(" ").filter(Boolean));
    else node.setAttribute(key, value === true ? "" : String(value));
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

const PATHS = {
  back: "M15 5l-7 7 7 7",
  send: "M12 19V5.500M6 11l6-6 6 6",
  clip: "M19 11.5l-7.4 7.4a4.6 4.6 0 01-6.5-6.5l8-8a3.1 3.1 0 014.4 4.4l-7.9 7.9a1.5 1.5 0 01-2.2-2.2l7-7",
  slash: "M15 5L9 19",
  more: "M5.5 12h.01M12 12h.01M18.5 12h.01",
  close: "M6 6l12 12M18 6L6 18",
  plus: "M12 5v14M5 12h14",
  down: "M6 9l6 6 6-6",
  up: "M6 15l6-6 6 6",
  reply: "M10 7L4.5 12l5.5 5M5 12h8.5c3.3 0 6 2.2 6 6",
  edit: "M5 19l1-4L16 5l3 3L9 18zM14 7l3 3",
  trash: "M5 7h14M10 7V5h4v2M7 7l1 12h8l1-12",
  copy: "M9 9h10v10H9zM5 15V5h10",
  pin: "M9 4h6l-1 6 3 3H7l3-3zM12 13v7",
  lock: "M7 11h10v8H7zM9 11V8a3 3 0 016 0v3",
  photo: "M4 6h16v12H4zM4 16l5-5 4 4 2.5-2.5L20 17M15.5 9.5h.01",
  voice: "M12 4a2.5 2.5 0 012.5 2.5v5a2.5 2.5 0 01-5 0v-5A2.5 2.5 0 0112 4zM6.5 11.5a5.5 5.5 0 0011 0M12 17v3",
  place: "M12 20s-6-5.4-6-10a6 6 0 0112 0c0 4.6-6 10-6 10zM12 12a2 2 0 100-4 2 2 0 000 4z",
  contact: "M12 11.5a3.5 3.5 0 100-7 3.5 3.5 0 000 7zM5 19.5c.6-3.4 3.4-5.5 7-5.5s6.400 2.100 7 5.500",
  file: "M7 4h7l4 4v12H7zM14 4v4h4",
  sticker: "M5 5h14v8l-6 6H5zM19 13h-6v6",
  album: "M8 8h12v10H8zM4 15V5h12M8 16l3.500-3.500 3 3 2-2 3.500 3.500",
  video: "M4 7h11v10H4zM15 11l5-3v8l-5-3z",
  computer: "M12 15V5M8 9l4-4 4 4M5 15v4h14v-4",
  play: "M8 5.500l10 6.500-10 6.500z",
  pause: "M8 6v12M16 6v12",
  check: "M5 12.500l4.500 4.500L19 7.500",
  checks: "M2.500 12.500L7 17l9.500-9.500M11 16l1 1 9.500-9.500",
  clock: "M12 20a8 8 0 100-16 8 8 0 000 16zM12 8v4.500l3 1.500",
  warn: "M12 4l9 15.500H3zM12 10v4M12 17h.01",
  general: "M9 4L7 20M17 4l-2 16M4 9h16.500M3.500 15H20",
  shop: "M4 10l1.500-5h13L20 10M5 10v9h14v-9M4 10a2.700 2.700 0 005.300 0 2.700 2.700 0 005.400 0 2.700 2.700 0 005.300 0M10 19v-5h4v5",
  angels: "M9 11a3 3 0 100-6 3 3 0 000 6zM3 19c.4-3 2.800-5 6-5s5.600 2 6 5M16 11a2.500 2.500 0 100-5M17 14.200c2.200.5 3.700 2.300 4 4.800",
  block: "M12 20a8 8 0 100-16 8 8 0 000 16zM6.500 6.500l11 11",
};

/** One of our icons; decoration only, so hidden from screen readers. */
export function icon(name) {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  for (const [key, value] of Object.entries({ viewBox: "0 0 24 24", class: "icon", "aria-hidden": "true" }))
    svg.setAttribute(key, value);
  const path = document.createElementNS(space, "path");
  path.setAttribute("d", PATHS[name]);
  svg.append(path);
  return svg;
}

// The bot speaks and counts in Milan's time, wherever the page is read.
const ZONE = "Europe/Rome";
const HOUR = new Intl.DateTimeFormat("it-IT", { hour: "2-digit", minute: "2-digit", timeZone: ZONE });
const DAY = new Intl.DateTimeFormat("it-IT", { weekday: "long", day: "numeric", month: "long", timeZone: ZONE });
const KEY = new Intl.DateTimeFormat("sv-SE", { dateStyle: "short", timeZone: ZONE });

/** "14:05" of a Bot API date (Unix seconds). */
export const hour = (date) => HOUR.format(date * 1000);
/** "2026-11-23": the day of a date in Milan. */
export const dayKey = (date) => KEY.format(date * 1000);
/** "Oggi", or the day's name. */
export function dayName(date) {
  if (dayKey(date) === dayKey(Date.now() / 1000)) return "Oggi";
  const name = DAY.format(date * 1000);
  return name[0].toUpperCase() + name.slice(1);
}

/** Which of the seven colours of people somebody has. */
export const colourOf = (id) => Math.abs(Number(id) || 0) % 7;

/** A round picture with somebody's initial. */
export function avatar(id, name, extra = "") {
  const first = [...(name || "?").trim()][0] ?? "?";
  return el("span.avatar", { class: `hue-${colourOf(id)} ${extra}`, "aria-hidden": "true" }, first.toUpperCase());
}

/** The bot's round picture. */
export const botAvatar = (extra = "") =>
  el("img.avatar.of-bot", { class: extra, src: "/page/mark.svg", alt: "", width: 40, height: 40 });

/** Wait until calls stop coming for `ms`, then run once. */
export function settled(action, ms) {
  let timer = 0;
  return () => {
    clearTimeout(timer);
    timer = setTimeout(action, ms);
  };
}
