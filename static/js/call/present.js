// The window that is shared at a call. It shows what everybody who is here may see, as the server says; it decides nothing.
//
// Whoever comes is counted by the server before the list of people has them. Here the former frame gives way to the next
// one, and never the other way round: one question is asked at a time, and a frame of an older version is not shown. What
// stands here was true five seconds ago at most; where that is not known any more, nothing stands here.

import { clockOf } from "./minutes.js";
import { ask, SignedOut } from "./server.js";

const place = document.getElementById("present");
const stale = document.getElementById("present-stale");
const told = document.getElementById("present-announce");
const EVERY_MS = 1000;
const STALE_MS = 4500;
const LONGEST_MS = 4000;
const WORDS = {
  silent: "The server has not answered for five seconds. The household is hidden until it does.",
  out: "You are signed out. Sign in again in the other window. The household is hidden until then.",
  denied: "You can’t present this meeting any more.",
};
// The first frame comes in a template: without this script nothing of it is seen, and so nothing that grows old.
place.replaceChildren(document.getElementById("present-first").content);
let shown = frameOf(place); // { version, review }
let trueAt = Date.now(); // when the question was asked whose answer stands here, or says that nothing is new
let shownAt = Date.now(); // since when the clocks' seconds count
const pressed = { notes: "", safety: "" }; // the review at which each was pressed for

function frameOf(root) {
  const { version, review, stamp } = root.firstElementChild?.dataset ?? {};
  return { version: Number(version ?? 0), review: review ?? "", stamp: stamp ?? "" };
}

let looking = null;
let isOverdue = false;
let nextLook;
function look() {
  clearTimeout(nextLook);
  if (looking) {
    isOverdue = true; // a press meanwhile: asked anew, by what is pressed then
    return looking;
  }
  looking = askOnce().finally(() => {
    looking = null;
    nextLook = setTimeout(look, isOverdue ? 0 : EVERY_MS);
    isOverdue = false;
  });
  return looking;
}

async function askOnce() {
  const askedAt = Date.now();
  const sent = { ...pressed };
  const asked = new URLSearchParams({ v: place.firstElementChild ? shown.stamp : "", ...sent });
  try {
    const response = await ask(`${place.dataset.url}?${asked}`, { background: true, longest: LONGEST_MS });
    if (response.status === 200) show(await response.text(), sent);
    else if (response.status !== 204) {
      hide(WORDS.denied);
      return;
    }
    trueAt = askedAt;
    if (place.firstElementChild) stale.hidden = true;
  } catch (error) {
    if (error instanceof SignedOut) hide(WORDS.out);
    // else the next look tries again
  }
}

function show(html, sent) {
  const next = document.createElement("template");
  next.innerHTML = html;
  const frame = frameOf(next.content);
  if (frame.version < shown.version) return;
  const isOther = frame.review !== shown.review;
  const focusId = place.contains(document.activeElement) ? document.activeElement.id : "";
  const isAsking = !isOther && document.getElementById("safety-ask")?.hidden === false;
  place.replaceChildren(next.content);
  shown = frame;
  shownAt = Date.now();
  for (const name of Object.keys(pressed)) {
    // what the server kept back, as somebody came who may not see it, is pressed for anew once they left
    const isRefused = sent[name] && sent[name] === pressed[name] && !document.getElementById(`hide-${name}`);
    if (pressed[name] !== frame.review || isRefused) pressed[name] = "";
  }
  const question = document.getElementById("safety-ask");
  if (question && isAsking) question.hidden = false;
  const focus = document.getElementById(focusId) ?? document.getElementById(TWINS[focusId] ?? "");
  if (focusId) focus?.focus({ preventScroll: true });
  const title = place.querySelector("h2[data-household]")?.textContent ?? "";
  if (isOther || told.textContent !== title) told.textContent = isOther ? title : ""; // no former name stays here either
  tick();
}

function hide(words) {
  place.replaceChildren();
  told.textContent = "";
  for (const name of Object.keys(pressed)) pressed[name] = "";
  if (stale.textContent !== words) stale.textContent = words;
  stale.hidden = false;
}

// ---- Notes and safety: each time by a press, safety by two

const PRESSES = {
  "show-notes": () => press("notes", shown.review),
  "hide-notes": () => press("notes", ""),
  "ask-safety": () => question(true),
  "show-safety": () => press("safety", shown.review),
  "keep-safety": () => question(false),
  "hide-safety": () => press("safety", ""),
};

// The button that takes the place of another once that one was pressed.
const TWINS = {
  "show-notes": "hide-notes",
  "hide-notes": "show-notes",
  "show-safety": "hide-safety",
  "hide-safety": "ask-safety",
};

function press(name, review) {
  pressed[name] = review;
  look();
}

function question(is) {
  document.getElementById("safety-ask").hidden = !is;
  document.getElementById(is ? "keep-safety" : "ask-safety").focus();
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("#present button[id]");
  if (button) PRESSES[button.id]?.();
});

// ---- Clocks, and silence

function tick() {
  for (const clock of place.querySelectorAll("[data-seconds]")) {
    const seconds = Math.max(0, Math.floor(Number(clock.dataset.seconds) + (Date.now() - shownAt) / 1000));
    clock.textContent = clockOf(seconds);
    clock.classList.toggle("is-over", seconds > Number(clock.dataset.minutes) * 60);
  }
}

function hideOld() {
  if (place.firstElementChild && Date.now() - trueAt > STALE_MS) hide(WORDS.silent);
}
setInterval(() => {
  hideOld();
  tick();
}, 250);
document.addEventListener("visibilitychange", () => {
  if (document.hidden) return;
  hideOld();
  look();
});
tick();
look();
