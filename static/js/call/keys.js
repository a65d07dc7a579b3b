// Keys of the page: with Alt or Ctrl only, never a single letter; by their place on the keyboard, so that no layout and no
// Option of a Mac changes them. Which they are, a person may change; the server keeps it.

import { say } from "./notices.js";
import { ask } from "./server.js";

const ALT = /Mac|iP(hone|ad)/.test(navigator.platform) ? "⌥" : "Alt";
const { write, keysUrl } = document.getElementById("call").dataset;
const keys = document.getElementById("keys");
const error = document.getElementById("keys-error");
const chosen = new Map(); // the act: its key, and how that is written
for (const { name, key, sign } of JSON.parse(document.getElementById("keys-chosen").textContent)) chosen.set(name, [key, sign]);

const at = (id) => document.getElementById(id);
const press = (id) => () => at(id)?.click();
const go = (id) => () => at(id)?.focus();
// A button of the household that is shown: the bar's where that is the one being discussed, else the household's own.
const ofShown = (name) => {
  const shown = document.querySelector(".cc-household")?.dataset.review;
  return at("steer-now")?.dataset.review === shown ? at(`bar-${name}`) : at(name);
};
const toElement = (place) => () => {
  const element = document.querySelectorAll("[data-element]")[place];
  element?.querySelector(".cc-element__now :is(select, input, textarea)")?.focus();
};
const PLACES = ["first", "second", "third", "fourth", "fifth", "sixth"];
const ACTS = {
  ...Object.fromEntries(PLACES.map((name, place) => [name, toElement(place)])),
  all_unchanged: press("all-unchanged"),
  unchanged: () => unchanged()?.click(),
  notes: go("f-notes"),
  step: go("s-what"),
  decisions: toDecisions,
  discuss: () => ofShown("discuss")?.click(),
  next: () => (at("go-next") ?? document.querySelector("#moved-on button"))?.click(),
  previous: press("go-previous"),
  carry: () => ofShown("carry")?.click(),
  nothing: press("confirm-nothing"),
  choice: () => document.querySelector("#conflict[open] textarea, #conflict[open] button")?.focus(),
};

at("keys-open").addEventListener("click", () => keys.showModal());
document.addEventListener("keydown", (event) => {
  if (document.querySelector("dialog:modal")) return;
  const isCtrl = event.ctrlKey || event.metaKey;
  if (isCtrl && !event.altKey && event.key.toLowerCase() === "s" && write === "1") {
    event.preventDefault();
    document.dispatchEvent(new CustomEvent("call:save"));
  } else if (isCtrl && !event.altKey && event.key === "Enter") {
    const form = document.activeElement?.closest("#step-form");
    if (!form) return;
    event.preventDefault();
    form.requestSubmit();
  } else if (event.altKey && !isCtrl) byKey(event);
});

function byKey(event) {
  const { code } = event;
  if (event.shiftKey) {
    const heard = /^Digit[1-9]$/.test(code) && document.querySelector(`[data-heard="${code.slice(5)}"]`);
    if (!heard) return;
    event.preventDefault();
    if (!event.repeat) heard.click();
    return;
  }
  const [name] = [...chosen].find(([, [key]]) => key === code) ?? [];
  if (!name) return;
  event.preventDefault();
  if (!event.repeat) ACTS[name](); // a key that is held acts once
}

function toDecisions() {
  const decisions = at("decisions");
  if (!decisions) return;
  decisions.open = true;
  decisions.querySelector("[data-field]").focus();
}

// Each act has its key beside it, on whatever part of the page is drawn anew.
function showKeys() {
  for (const place of document.querySelectorAll("kbd[data-key]")) {
    const [, sign] = chosen.get(place.dataset.key) ?? [];
    const words = sign ? `${ALT} ${sign}` : "";
    if (place.textContent !== words) place.textContent = words;
    place.hidden = !sign;
  }
}
for (const part of [at("agenda"), at("household"), at("steer")]) if (part) new MutationObserver(showKeys).observe(part, { childList: true, subtree: true });
showKeys();

// ---- Keys of one's own

let asked = null; // the button of the act whose key is being chosen
keys.addEventListener("click", (event) => {
  const button = event.target.closest("[data-change-key]");
  if (!button) return;
  stopAsking();
  asked = button;
  button.dataset.words = button.firstChild.textContent;
  button.firstChild.textContent = `Press ${ALT} and a key (Esc: leave it)`;
  announceHere(`Press ${ALT} and a key, or Escape to leave it.`);
});
keys.addEventListener("keydown", (event) => {
  if (!asked) return;
  if (event.key === "Escape") {
    event.preventDefault();
    stopAsking();
  } else if (event.altKey && event.key !== "Alt") {
    event.preventDefault();
    const { changeKey } = asked.dataset;
    stopAsking();
    keep({ act: changeKey, key: event.code });
  }
});
keys.addEventListener("close", () => stopAsking());
at("keys-usual").addEventListener("click", () => keep({ usual: "on" }));

function stopAsking() {
  if (asked) asked.firstChild.textContent = asked.dataset.words;
  asked = null;
}

// What is said while a dialog covers the page is said in the dialog.
function announceHere(words) {
  at("keys-said").textContent = words;
}

async function keep(form) {
  error.hidden = true;
  announceHere("");
  const response = await ask(keysUrl, { method: "POST", form }).catch(() => null);
  if (!response?.ok) {
    const refused = response?.status === 422 ? (await response.json()).errors.join(" ") : "Not changed: the server did not answer. Try again.";
    say(error, refused);
    return;
  }
  for (const [name, key] of Object.entries((await response.json()).keys)) if (chosen.has(name)) chosen.set(name, key);
  showKeys();
  announceHere("Saved.");
}

// “Unchanged” of the element that has the focus; from anywhere else, of the first that nobody confirmed yet.
function unchanged() {
  const own = document.activeElement?.closest("[data-element]")?.querySelector("[data-unchanged]");
  if (own) return own;
  const open = [...document.querySelectorAll("[data-element]")].filter(
    (each) => each.querySelector("[data-mark]")?.dataset.state === "not_recorded",
  );
  return open.map((each) => each.querySelector("[data-unchanged]")).find(Boolean);
}

// A link to a part of the page takes the focus there, too.
document.addEventListener("click", (event) => {
  const link = event.target.closest('a[href^="#"]');
  const goal = link && document.getElementById(link.hash.slice(1));
  if (!goal || !goal.closest("main")) return;
  event.preventDefault();
  goal.closest("details")?.setAttribute("open", "");
  if (!goal.matches("a, button, input, select, textarea, [tabindex]")) goal.tabIndex = -1;
  goal.focus({ preventScroll: true });
  goal.scrollIntoView({ block: "start" });
});
