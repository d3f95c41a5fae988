/** Menus, notices and questions that stand above the page. */
import { el, icon } from "./dom.js";

/**
 * Open a menu beside an element.
 * @param {Element} anchor
 * @param {Array<{label: string, icon?: string, detail?: string, danger?: boolean, action: () => void}>} items
 * @param {Node} [top] something above the items
 */
export function menu(anchor, items, top) {
  const box = el("div.menu", { popover: "auto", role: "menu" });
  const rows = items.map((item) =>
    el(
      "button.menu-item",
      {
        role: "menuitem",
        class: item.danger ? "danger" : "",
        onclick: () => {
          box.hidePopover();
          item.action();
        },
      },
      item.icon ? icon(item.icon) : null,
      el("span", {}, item.label, item.detail ? el("small", {}, item.detail) : null),
    ),
  );
  box.append(...(top ? [top] : []), ...rows);
  box.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const all = [...box.querySelectorAll("button")];
    all[(all.indexOf(document.activeElement) + step + all.length) % all.length]?.focus();
  });
  box.addEventListener("toggle", (event) => {
    if (event.newState === "open") return;
    box.remove();
    if (document.activeElement === document.body) anchor.isConnected && anchor.focus({ preventScroll: true });
  });
  document.body.append(box);
  box.showPopover();
  beside(box, anchor);
  box.querySelector("button")?.focus();
  return box;
}

function beside(box, anchor) {
  const at = anchor.getBoundingClientRect();
  const size = box.getBoundingClientRect();
  const below = at.bottom + 6 + size.height <= innerHeight;
  const top = below ? at.bottom + 6 : Math.max(8, at.top - 6 - size.height);
  const left = Math.min(Math.max(8, at.left), innerWidth - size.width - 8);
  box.style.top = `${top}px`;
  box.style.left = `${left}px`;
}

/** Say something for a moment, over the given part of the page. */
export function toast(stage, words) {
  const note = el("div.toast", { role: "status" }, words);
  stage.append(note);
  setTimeout(() => note.classList.add("leaving"), 3600);
  setTimeout(() => note.remove(), 4000);
}

/** Say something that must be acknowledged. */
export function notice(words) {
  const dialog = el(
    "dialog.notice",
    { "aria-label": "Avviso", onclose: () => dialog.remove() },
    el("p", { dir: "auto" }, words),
    el("button.primary", { onclick: () => dialog.close() }, "Va bene"),
  );
  document.body.append(dialog);
  dialog.showModal();
}
