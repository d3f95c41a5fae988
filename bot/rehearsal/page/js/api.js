/** The people's side of the local Telegram, over HTTP. */

/** The local Telegram said no; `message` is its own reason. */
export class Refused extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

async function answer(response) {
  const body = await response.json().catch(() => ({}));
  if (!response.ok) throw new Refused(response.status, body.error ?? `errore ${response.status}`);
  return body;
}

export async function get(path, query = {}) {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== null);
  const search = given.length ? `?${new URLSearchParams(given)}` : "";
  return answer(await fetch(path + search, { cache: "no-store" }));
}

export async function post(path, body) {
  const headers = { "Content-Type": "application/json" };
  return answer(await fetch(path, { method: "POST", headers, body: JSON.stringify(body) }));
}

/** Address of a file that somebody sees in a message. */
export const fileUrl = (fileId) => `/phone/files/${encodeURIComponent(fileId)}`;

/** What went wrong, as a person would put it. */
export function reason(error) {
  if (!(error instanceof Refused)) return "Il Telegram di prova non risponde.";
  const known = [
    [/blocked/, "Ha bloccato il bot: prima va sbloccato."],
    [/topic is closed/, "Questo argomento è chiuso."],
    [/not a member/, "Non fa più parte del gruppo."],
    [/not enough rights/, "Non ha il permesso di scrivere qui."],
    [/no topic/, "Questo argomento non esiste più."],
    [/no message/, "Questo messaggio non c'è più."],
    [/too long/i, "Il messaggio è troppo lungo: al massimo 4096 caratteri."],
    [/empty/i, "Il messaggio è vuoto."],
    [/too big|IMAGE_PROCESS|DIMENSIONS/, "Questo file non si può mandare così."],
  ];
  return known.find(([pattern]) => pattern.test(error.message))?.[1] ?? `Non è andata: ${error.message}`;
}
