/** The left side: shopkeepers' telephones, one open at a time. */
import { get, post, reason } from "./api.js";
import { ChatView } from "./chat.js";
import { avatar, botAvatar, el, icon } from "./dom.js";
import { Person } from "./person.js";
import { menu, toast } from "./popups.js";

const LANGUAGES = { it: "Italiano", en: "English", es: "Español", ar: "العربية", zh: "中文", fr: "Français", ro: "Română" };
const NAMES = ["Rosa", "Ahmed", "Franca", "Luca", "Mei", "Giuseppe", "Samira", "Teresa"];
const OPENED = "shopkeepers";

export class Shopkeepers {
  /** @param {() => void} onUnread how much is unread has changed; @param {(up: boolean) => void} onLink */
  constructor(onUnread, onLink) {
    this.onUnread = onUnread;
    this.onLink = onLink;
    this.people = [];
    this.current = null;
    this.chat = new ChatView({ label: "Conversazione del negoziante con il bot", onSeen: () => this.#tabs(), onTyping: (on) => this.#state(on), welcome: () => this.#welcome() });
    this.#build();
  }

  #build() {
    this.tabs = el("div.people", { role: "tablist", "aria-label": "Negozianti" });
    this.add = el("button.person.add", { onclick: () => this.#ask(true) }, icon("plus"), el("span", {}, "Nuova persona"));
    this.status = el("small", {}, "bot");
    this.more = el("button.round", { "aria-label": "Altro", onclick: () => this.#more() }, icon("more"));
    const title = el("div.bar", {}, botAvatar(), el("div.bar-words", {}, el("h2", {}, "SPIN in ascolto"), this.status), this.more);
    this.screen = el("div.screen", {}, title, this.chat.element);
    this.card = this.#form();
    this.phone = el("div.phone", {}, el("div.glass", {}, this.screen, this.card));
    this.element = el("section.side.shopkeepers", { id: "negoziante", "aria-label": "Il telefono del negoziante" }, el("div.toolbar", {}, el("span.eyebrow", {}, "Negozianti"), this.tabs, this.add), this.phone);
  }

  /** Open again who was open before, or ask who comes in. */
  async begin() {
    const known = new Map((await get("/phone/users")).map((user) => [user.id, user]));
    const opened = JSON.parse(localStorage.getItem(OPENED) ?? "[]").filter((id) => known.has(id));
    for (const id of opened) this.#add(known.get(id));
    if (this.people.length) this.#choose(this.people.at(-1));
    else this.#ask(false);
  }

  get unread() {
    return this.people.reduce((sum, person) => sum + (person === this.current && !this.asking ? 0 : person.unread("bot", person.id)), 0);
  }

  // Who

  #form() {
    this.nameField = el("input", { id: "nome", name: "nome", required: true, maxlength: "40", autocomplete: "off" });
    this.languageField = el("select", { id: "lingua", name: "lingua" }, Object.entries(LANGUAGES).map(([code, name]) => el("option", { value: code }, name)));
    this.cancel = el("button.plain", { onclick: () => this.#ask(false, true) }, "Annulla");
    const open = el("button.primary", {}, "Apri il telefono");
    open.type = "submit";
    this.form = el(
      "form.newcomer",
      { "aria-labelledby": "chi-entra" },
      el("span.newcomer-mark", { "aria-hidden": "true" }, icon("shop")),
      el("h2", { id: "chi-entra" }, "Chi scrive a SPIN?"),
      el("p", {}, "Scelga un nome: terrà in mano il suo telefono. Può aprirne più d'uno."),
      el("label", { for: "nome" }, "Nome"),
      this.nameField,
      el("label", { for: "lingua" }, "Lingua del telefono"),
      this.languageField,
      open,
      this.cancel,
    );
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#create();
    });
    return this.form;
  }

  /** Show the form for a new person, or put it away. */
  #ask(again, away = false) {
    this.asking = !away;
    this.card.hidden = away;
    this.screen.hidden = !away;
    this.cancel.hidden = !this.people.length;
    if (!away) {
      const used = new Set(this.people.map((person) => person.name));
      this.nameField.value = NAMES.find((name) => !used.has(name)) ?? "";
      if (again) this.nameField.select();
    }
    this.#tabs();
    if (away && this.current) this.chat.refresh();
  }

  async #create() {
    const name = this.nameField.value.trim();
    if (!name) return this.nameField.focus();
    try {
      const body = { first_name: name, language_code: this.languageField.value };
      const { id } = await post("/phone/users", body);
      const person = this.#add({ id, ...body });
      this.#choose(person);
      this.chat.composer.focus();
    } catch (error) {
      toast(this.phone, reason(error));
    }
  }

  #add(user) {
    const person = new Person(user);
    person.addEventListener("change", () => this.#changed(person));
    person.addEventListener("typing", ({ detail }) => person === this.current && detail.chatId === person.id && this.chat.botTypes());
    person.addEventListener("gone", () => this.#drop(person));
    person.addEventListener("link", ({ detail }) => this.onLink(detail));
    this.people.push(person);
    this.#keep();
    return person;
  }

  #choose(person) {
    this.current?.glance();
    this.current = person;
    person.watch();
    this.phone.setAttribute("aria-label", `Il telefono di ${person.name}`);
    this.#ask(false, true);
    this.chat.blocked = false;
    this.chat.open(person, { chatId: person.id, key: "bot", title: "SPIN in ascolto" });
    this.#describe(person);
    this.#tabs();
    document.dispatchEvent(new Event("people"));
  }

  async #describe(person) {
    const described = await person.describe(person.id).catch(() => null);
    if (!described || person !== this.current) return;
    this.chat.blocked = described.blocked;
    this.chat.refresh();
  }

  #drop(person) {
    person.rest();
    this.people = this.people.filter((other) => other !== person);
    this.#keep();
    if (this.current !== person) return this.#tabs();
    this.current = null;
    this.chat.close();
    if (this.people.length) this.#choose(this.people.at(-1));
    else this.#ask(false);
  }

  #keep() {
    localStorage.setItem(OPENED, JSON.stringify(this.people.map((person) => person.id)));
  }

  // What is seen

  #changed(person) {
    if (person === this.current) {
      this.chat.refresh();
      const pin = person.messages(person.id).findLast((m) => m.pinned_message)?.pinned_message;
      this.chat.setPinned(pin ? [pin.message_id] : []);
    }
    this.#tabs();
  }

  #state(typing) {
    this.status.textContent = typing ? "sta scrivendo…" : "bot";
    this.status.classList.toggle("lively", typing);
  }

  #tabs() {
    const shown = this.people.map((person) => {
      const chosen = person === this.current && !this.asking;
      const unread = chosen ? 0 : person.unread("bot", person.id);
      const tab = el(
        "button.person",
        { role: "tab", "aria-selected": String(chosen), class: chosen ? "chosen" : "", onclick: () => this.#choose(person) },
        avatar(person.id, person.name, "small"),
        el("span", { dir: "auto" }, person.name),
        unread ? el("span.badge", { "aria-label": `${unread} da leggere` }, String(unread)) : null,
      );
      return tab;
    });
    const focused = [...this.tabs.children].indexOf(document.activeElement);
    this.tabs.replaceChildren(...shown);
    if (focused >= 0) this.tabs.children[focused]?.focus();
    this.tabs.hidden = !shown.length;
    this.onUnread();
  }

  #welcome() {
    return el(
      "div.welcome",
      {},
      botAvatar("large"),
      el("p", {}, el("b", {}, `Questo è il telefono di ${this.current?.name ?? ""}.`)),
      el("p", {}, "Prema «Avvia», poi scriva come scriverebbe un negoziante: con calma, con parole sue, anche con gli errori."),
    );
  }

  async #more() {
    const person = this.current;
    const items = [
      this.chat.blocked
        ? { label: "Sblocca il bot", icon: "check", action: () => this.#block(person, false) }
        : { label: "Blocca il bot", icon: "block", danger: true, action: () => this.#block(person, true) },
      { label: "Metti via questo telefono", icon: "close", action: () => this.#drop(person) },
    ];
    menu(this.more, items);
  }

  async #block(person, blocked) {
    try {
      await person.setBlocked(blocked);
      this.chat.blocked = blocked;
      this.chat.refresh();
    } catch (error) {
      toast(this.phone, reason(error));
    }
  }
}
