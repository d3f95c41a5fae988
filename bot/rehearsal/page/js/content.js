/** What a message carries besides its text: pictures, voices, places, and Telegram's own announcements. */
import { fileUrl } from "./api.js";
import { el, icon } from "./dom.js";

const FILES = ["animation", "photo", "video", "video_note", "voice", "audio", "document", "sticker"];
const OTHERS = ["location", "venue", "contact", "dice", "poll"];

/** The Bot API field that says what kind of message this is. */
export function kindOf(message) {
  if (message.venue) return "venue";
  return [...FILES, ...OTHERS].find((kind) => kind in message) ?? "text";
}

const NAMES = {
  photo: "Foto",
  video: "Video",
  animation: "GIF",
  voice: "Messaggio vocale",
  video_note: "Videomessaggio",
  audio: "Audio",
  document: "Documento",
  sticker: "Sticker",
  location: "Posizione",
  venue: "Luogo",
  contact: "Contatto",
  dice: "Dado",
  poll: "Sondaggio",
};

/** One line that stands for a message in lists, quotations and notices. */
export function gist(message) {
  if (!message) return "";
  const announced = announcement(message);
  if (announced) return announced;
  const words = message.text ?? message.caption;
  const kind = kindOf(message);
  if (kind === "text") return words ?? "Messaggio";
  if (kind === "contact") return `Contatto: ${message.contact.first_name}`;
  if (kind === "document") return message.document.file_name ?? NAMES.document;
  return words ? `${NAMES[kind]}: ${words}` : NAMES[kind];
}

const people = (users) => users.map((user) => user.first_name).join(", ");

/** What Telegram itself says in a chat, or null for a message that somebody wrote. */
export function announcement(message) {
  const who = message.from?.first_name ?? "";
  if (message.forum_topic_created) return `${who} ha aperto «${message.forum_topic_created.name}»`;
  if (message.forum_topic_edited) {
    const { name } = message.forum_topic_edited;
    return name ? `L'argomento ora si chiama «${name}»` : "L'icona dell'argomento è cambiata";
  }
  if (message.forum_topic_closed) return `${who} ha chiuso l'argomento`;
  if (message.forum_topic_reopened) return `${who} ha riaperto l'argomento`;
  if (message.general_forum_topic_hidden) return "General è stato nascosto";
  if (message.general_forum_topic_unhidden) return "General è di nuovo visibile";
  if (message.pinned_message) return `${who} ha fissato un messaggio`;
  if (message.new_chat_members) return `È entrato nel gruppo: ${people(message.new_chat_members)}`;
  if (message.left_chat_member) return `Non è più nel gruppo: ${people([message.left_chat_member])}`;
  if (message.new_chat_title) return `Il gruppo ora si chiama «${message.new_chat_title}»`;
  if (message.migrate_to_chat_id || message.migrate_from_chat_id) return "Il gruppo è diventato un supergruppo";
  if (message.supergroup_chat_created) return "Il gruppo è stato creato";
  return null;
}

const length = (seconds) => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;
const weight = (bytes) => (bytes > 1e6 ? `${(bytes / 1e6).toFixed(1)} MB` : `${Math.max(1, Math.round(bytes / 1e3))} kB`);

/** The part of a bubble that is not text, or null. */
export function media(message) {
  switch (kindOf(message)) {
    case "photo":
      return picture(message.photo.at(-1), "Foto");
    case "sticker":
      return sticker(message.sticker);
    case "video":
    case "animation":
      return film(message.video ?? message.animation, Boolean(message.animation));
    case "video_note":
      return el("div.round-film", {}, film(message.video_note, false));
    case "voice":
      return sound(message.voice, "Messaggio vocale");
    case "audio":
      return sound(message.audio, message.audio.title ?? message.audio.file_name ?? "Audio");
    case "document":
      return paper(message.document);
    case "location":
      return place(message.location);
    case "venue":
      return place(message.venue.location, message.venue);
    case "contact":
      return card(message.contact);
    case "dice":
      return el("div.dice", { "aria-label": `Dado: ${message.dice.value}` }, message.dice.emoji);
    case "poll":
      return poll(message.poll);
    default:
      return null;
  }
}

function picture(size, label) {
  const shown = el("img", {
    src: fileUrl(size.file_id),
    width: size.width,
    height: size.height,
    alt: label,
    loading: "lazy",
  });
  return el("button.picture", { "aria-label": "Apri la foto", onclick: () => enlarge(size.file_id) }, shown);
}

function enlarge(fileId) {
  const shut = () => dialog.close();
  const dialog = el(
    "dialog.lightbox",
    { "aria-label": "Foto", onclick: shut, onclose: () => dialog.remove() },
    el("img", { src: fileUrl(fileId), alt: "Foto ingrandita" }),
    el("button.round", { "aria-label": "Chiudi", onclick: shut }, icon("close")),
  );
  document.body.append(dialog);
  dialog.showModal();
}

function sticker(file) {
  return el("img.sticker", {
    src: fileUrl(file.file_id),
    width: 140,
    height: Math.round((140 * file.height) / file.width) || 140,
    alt: `Sticker ${file.emoji ?? ""}`,
  });
}

function film(file, silent) {
  return el("video.film", {
    src: fileUrl(file.file_id),
    controls: !silent,
    muted: silent,
    loop: silent,
    autoplay: silent,
    playsinline: true,
    preload: "metadata",
    "aria-label": silent ? "GIF" : "Video",
  });
}

/** A voice message: play, a picture of the sound, its length. */
function sound(file, label) {
  const player = new Audio();
  player.preload = "none";
  player.src = fileUrl(file.file_id);
  const time = el("span.sound-time", {}, length(file.duration));
  const bars = waves(file.file_unique_id);
  const button = el("button.play", { "aria-label": `Ascolta: ${label}` }, icon("play"));
  const show = () => {
    button.replaceChildren(icon(player.paused ? "play" : "pause"));
    button.setAttribute("aria-label", player.paused ? `Ascolta: ${label}` : "Ferma");
  };
  button.addEventListener("click", () => (player.paused ? player.play().catch(() => {}) : player.pause()));
  for (const name of ["play", "pause", "ended"]) player.addEventListener(name, show);
  player.addEventListener("timeupdate", () => {
    time.textContent = length(player.currentTime);
    const done = player.currentTime / (player.duration || file.duration || 1);
    [...bars.children].forEach((bar, i, all) => bar.classList.toggle("done", i / all.length < done));
  });
  return el("div.sound", {}, button, el("div", {}, bars, time));
}

/** A quiet skyline of the same shape for the same file. */
function waves(seed) {
  const row = el("span.waves", { "aria-hidden": "true" });
  let state = [...seed].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) >>> 0, 7);
  for (let i = 0; i < 30; i += 1) {
    state = (state * 1664525 + 1013904223) >>> 0;
    const bar = el("i");
    bar.style.height = `${4 + ((state >>> 16) % 16)}px`;
    row.append(bar);
  }
  return row;
}

function paper(file) {
  return el(
    "a.paper",
    { href: fileUrl(file.file_id), target: "_blank", rel: "noopener", download: file.file_name },
    el("span.paper-icon", {}, icon("file")),
    el("span", {}, el("b", {}, file.file_name ?? "Documento"), el("small", {}, weight(file.file_size ?? 0))),
  );
}

function place(at, named) {
  const [lat, lon] = [at.latitude.toFixed(4), at.longitude.toFixed(4)];
  return el(
    "a.place",
    {
      href: `https://www.openstreetmap.org/?mlat=${lat}&mlon=${lon}#map=16/${lat}/${lon}`,
      target: "_blank",
      rel: "noopener noreferrer",
      "aria-label": `Posizione ${lat}, ${lon}: apri la mappa`,
    },
    el("span.place-map", {}, icon("place")),
    el("span.place-words", {}, named ? el("b", {}, named.title) : "Posizione", el("small", {}, named?.address ?? `${lat}, ${lon}`)),
  );
}

function card(contact) {
  return el(
    "div.contact",
    {},
    el("span.avatar.hue-3", { "aria-hidden": "true" }, contact.first_name[0] ?? "?"),
    el("span", {}, el("b", {}, `${contact.first_name} ${contact.last_name ?? ""}`.trim()), el("small", {}, contact.phone_number)),
  );
}

function poll(asked) {
  return el(
    "div.poll",
    {},
    el("b", {}, asked.question),
    el("ul", {}, asked.options.map((option) => el("li", {}, option.text))),
  );
}
