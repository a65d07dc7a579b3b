// What was typed and the server does not have yet, kept in the browser as ciphertext.
// The key is the server's: it gives it only to a signed-in session of the same person, and destroys it at sign-out.

import { ask } from "./server.js";

const root = document.querySelector("[data-key-url]");
const PREFIX = `cc-draft:${root.dataset.user}:${root.dataset.meeting}:`;
export const HALF = "half:"; // before the review: what is half written of it
let asked = null;

const toText = (bytes) => btoa(Array.from(new Uint8Array(bytes), (byte) => String.fromCharCode(byte)).join(""));
const toBytes = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));

// The key, asked for once; asked for again where the server could not be reached.
export function key() {
  asked ??= (async () => {
    const response = await ask(root.dataset.keyUrl, { method: "POST", background: true });
    const given = await response.json();
    return crypto.subtle.importKey("raw", toBytes(given.key), "AES-GCM", false, ["encrypt", "decrypt"]);
  })();
  asked.catch(() => {
    asked = null;
  });
  return asked;
}

// After a sign-in the key may be another one.
export function forgetKey() {
  asked = null;
}

// Whether this browser keeps something of this person for this call.
export function hasDrafts() {
  return Object.keys(localStorage).some((name) => name.startsWith(PREFIX));
}

// Whether the browser has it: under its name, a review or what is half written of one.
export const isKept = (name) => localStorage.getItem(PREFIX + name) !== null;

export function forget(name) {
  localStorage.removeItem(PREFIX + name);
}

// Keep a draft, or remove it (`null`). One write at a time for each review; the newest wins.
const writing = new Map();
export async function keep(review, draft) {
  const isBusy = writing.has(review);
  writing.set(review, draft);
  if (isBusy) return;
  try {
    while (writing.has(review)) {
      const now = writing.get(review);
      if (now === null) {
        localStorage.removeItem(PREFIX + review);
      } else {
        const iv = crypto.getRandomValues(new Uint8Array(12));
        const plain = new TextEncoder().encode(JSON.stringify(now));
        const additionalData = new TextEncoder().encode(PREFIX + review);
        const sealed = await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData }, await key(), plain);
        if (writing.get(review) !== null) localStorage.setItem(PREFIX + review, `${toText(iv)}.${toText(sealed)}`);
      }
      if (writing.get(review) === now) writing.delete(review);
    }
  } catch {
    writing.delete(review); // without a key nothing is kept: the text stays on the page
  }
}

// All drafts of this person for this call: `[[review, draft], …]`. What does not open is removed.
export async function recall() {
  const found = [];
  const names = Object.keys(localStorage).filter((name) => name.startsWith(PREFIX));
  if (!names.length) return found;
  const opens = await key();
  for (const name of names) {
    const [iv, sealed] = localStorage.getItem(name).split(".");
    try {
      const additionalData = new TextEncoder().encode(name);
      const plain = await crypto.subtle.decrypt(
        { name: "AES-GCM", iv: toBytes(iv), additionalData },
        opens,
        toBytes(sealed),
      );
      found.push([name.slice(PREFIX.length), JSON.parse(new TextDecoder().decode(plain))]);
    } catch {
      localStorage.removeItem(name);
    }
  }
  return found;
}
