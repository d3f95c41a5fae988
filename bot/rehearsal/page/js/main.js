/** The page: two sides, and whether the program is ready. */
import { Angels } from "./angels.js";
import { get } from "./api.js";
import { el, icon } from "./dom.js";
import { Shopkeepers } from "./shopkeepers.js";

const ASK_AGAIN_MS = 2000;
const ASK_RARELY_MS = 20000;
const TITLE = document.title;

const status = document.querySelector("#stato");
let linked = true;
let ready = null;

function showStatus() {
  const [kind, words] = !linked
    ? ["lost", "Il Telegram di prova non risponde: riprovo…"]
    : ready === false
      ? ["learning", "Il programma sta ancora imparando ad ascoltare…"]
      : ready
        ? ["ready", "Pronto ad ascoltare"]
        : ["", ""];
  status.className = `status ${kind}`;
  if (status.lastChild.textContent !== words) status.lastChild.textContent = words;
}

/** Ask whether understanding is loaded; where nobody can say (404), say nothing. */
async function askReady() {
  try {
    const answer = await fetch("/readyz", { cache: "no-store" });
    linked = true;
    if (answer.status === 404) {
      ready = null;
      return showStatus();
    }
    ready = answer.ok;
  } catch {
    linked = false;
  }
  showStatus();
  setTimeout(askReady, ready && linked ? ASK_RARELY_MS : ASK_AGAIN_MS);
}

function link(up) {
  if (linked === up) return;
  linked = up;
  showStatus();
}

const shopkeepers = new Shopkeepers(showUnread, link);
const angels = new Angels(showUnread, link);
const tabs = [
  [shopkeepers, "Negoziante", "shop"],
  [angels, "Angeli", "angels"],
].map(([side, label, sign]) => {
  const badge = el("span.badge", { hidden: true });
  const tab = el("button.side-tab", { onclick: () => turnTo(side) }, el("span.side-sign", {}, icon(sign), badge), el("span", {}, label));
  return { side, tab, badge };
});

/** At the width of a phone one side is shown at a time. */
function turnTo(side) {
  for (const { side: other, tab } of tabs) {
    other.element.classList.toggle("front", other === side);
    tab.setAttribute("aria-current", other === side ? "page" : "false");
  }
  side.chat.refresh();
}

function showUnread() {
  let all = 0;
  for (const { side, badge } of tabs) {
    const unread = side.unread;
    all += unread;
    badge.hidden = !unread;
    badge.textContent = unread > 99 ? "99+" : String(unread);
    badge.setAttribute("aria-label", `${unread} da leggere`);
  }
  document.title = all ? `(${all}) ${TITLE}` : TITLE;
}

document.querySelector("main").append(shopkeepers.element, angels.element);
document.querySelector("#lati").append(...tabs.map(({ tab }) => tab));
turnTo(shopkeepers);
document.addEventListener("visibilitychange", () => document.hidden || [shopkeepers, angels].forEach((side) => side.chat.refresh()));
askReady();

/** What is kept in this browser belongs to one local Telegram; another one gives the same numbers to other people. */
async function forgetOthers() {
  const first = (await get("/phone/users")).slice(0, 4).map((user) => user.id);
  if (localStorage.getItem("world") === first.join()) return;
  localStorage.clear();
  localStorage.setItem("world", first.join());
}

async function begin() {
  try {
    await forgetOthers();
    await Promise.all([shopkeepers.begin(), angels.begin()]);
    document.documentElement.dataset.up = "true";
  } catch {
    link(false);
    setTimeout(() => location.reload(), ASK_AGAIN_MS);
  }
}
begin();
