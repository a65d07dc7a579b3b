// The page of a running call: follows it, shows each household, and keeps what is written.

import { announce } from "./announce.js";
import { readyClock } from "./clock.js";
import { forgetKey, hasDrafts, key, recall } from "./drafts.js";
import { askAboutConflict, Editor } from "./editor.js";
import "./forms.js";
import { isHalfWritten, isSomethingAside, setAside, takeUp } from "./half_written.js";
import "./keys.js";
import { Notes, same } from "./notes.js";
import { ask, SignedOut, takeSession, Unreachable } from "./server.js";

const root = document.getElementById("call");
const data = root.dataset;
const mayWrite = data.write === "1";
const householdPlace = document.getElementById("household");
const saveBar = document.getElementById("save-bar");
const saveWords = document.getElementById("save-words");
const away = document.getElementById("away");

const POLL_MS = data.write || data.steer ? 1500 : 2000; // who follows sees a change within 3 seconds
const POLL_HIDDEN_MS = 4000;
const WRITING_MS = 15_000;
const AT_WORK_MS = 60_000;

let version = Number(data.version);
let frame = Number(data.frame);
let table = data.table;
let shown = ""; // the review that the page shows
let isPinned = false; // chosen by this person, other than the one on the table
let editor = null;
let typedAt = 0;
let isConnected = true;
let isOut = false;
let isClosed = false;
const open = new Map(); // notes by review, as long as something of them is not saved

// ---- Parts of the page that the server renders

function swap(place, html) {
  const active = document.activeElement;
  const focusId = place.contains(active) ? active.id : "";
  const caret = focusId && typeof active.selectionStart === "number" ? [active.selectionStart, active.selectionEnd] : null;
  const typed = [...place.querySelectorAll("[data-report] [name]")].filter((field) => field.value).map((field) => [field.id, field.value]);
  const opened = [...place.querySelectorAll("details[open]")].map((each) => each.id || each.querySelector("summary")?.id);
  place.innerHTML = html;
  for (const id of opened.filter(Boolean)) {
    const found = document.getElementById(id);
    const details = found?.closest("details");
    if (details) details.open = true;
  }
  for (const [id, value] of typed) {
    const field = document.getElementById(id);
    if (field) field.value = value;
  }
  if (!focusId) return;
  const found = document.getElementById(focusId) ?? document.getElementById(twin(focusId));
  if (!found) place.tabIndex = -1;
  (found ?? place).focus({ preventScroll: true });
  if (found && caret) found.setSelectionRange(...caret);
}

// The control that takes the place of another once that one was pressed.
const TWINS = { present: "absent", absent: "present", discuss: "reopen", carry: "reopen", reopen: "discuss" };
function twin(id) {
  const [, act, rest] = /^([a-z]+)(.*)$/.exec(id) ?? [];
  return `${TWINS[act] ?? act}${rest}`;
}

async function refresh(place, url) {
  const response = await ask(url, { background: true });
  if (response.ok) swap(place, await response.text());
}

async function refreshFrame() {
  const jobs = [refresh(document.getElementById("agenda"), data.agenda), refresh(document.getElementById("people"), data.people)];
  for (const part of householdPlace.querySelectorAll("[data-part]")) jobs.push(refresh(part, part.dataset.part));
  await Promise.all(jobs);
  markShown();
  readyClock();
}

function markShown() {
  for (const link of document.querySelectorAll(".cc-agenda__link")) {
    link.classList.toggle("is-shown", link.dataset.review === shown);
  }
}

let turn = 0;
async function showHousehold(review, { byHand = false } = {}) {
  if (!review) return;
  turn += 1;
  const own = turn;
  const response = await ask(`${data.base}reviews/${review}/`, { background: !byHand });
  if (!response.ok) return;
  const html = await response.text();
  if (own !== turn) return; // another one was asked for meanwhile
  setAside(shown);
  editor?.close();
  editor = null;
  shown = review;
  isPinned = byHand && review !== table;
  householdPlace.innerHTML = html;
  document.getElementById("moved-on")?.remove();
  markShown();
  if (mayWrite) bind();
  takeUp(shown);
  if (byHand) householdPlace.focus({ preventScroll: false });
}

// ---- Writing

function valuesOnPage(article) {
  const found = {};
  for (const control of article.querySelectorAll("[data-field]")) {
    found[control.dataset.field] = control.type === "checkbox" ? control.checked : control.value;
  }
  for (const mark of article.querySelectorAll("[data-mark]")) {
    const words = mark.textContent.trim();
    found[mark.dataset.mark] = { Changed: "changed", Unchanged: "unchanged" }[words] ?? "not_recorded";
  }
  found.barriers = JSON.parse(document.getElementById("v-barriers").textContent);
  found.systemic = JSON.parse(document.getElementById("v-systemic").textContent);
  return found;
}

function bind() {
  const article = householdPlace.querySelector("[data-save]");
  if (!article) return;
  const { review, save, revision } = article.dataset;
  let notes = open.get(review);
  if (notes) {
    catchUp(notes, { values: valuesOnPage(article), revision: Number(revision), by: "" });
  } else {
    notes = new Notes(review, save, Number(revision), valuesOnPage(article));
    attach(notes);
  }
  editor = new Editor(article, notes);
  article.addEventListener("input", () => {
    typedAt = Date.now();
  });
  if (notes.conflict) askAboutConflict(notes, article);
  showSaveState();
}

function attach(notes) {
  open.set(notes.review, notes);
  notes.addEventListener("state", () => {
    if (notes.conflict) askAboutConflict(notes, notes.review === shown ? householdPlace : null);
    showSaveState();
  });
}

let lastWords = "";
function showSaveState() {
  if (!mayWrite) return;
  const all = [...open.values()];
  const trouble = all.find((notes) => notes.problem);
  const held = all.find((notes) => Object.keys(notes.held).length || Object.keys(notes.wrong).length);
  const dirty = all.some((notes) => notes.isDirty);
  const current = open.get(shown);
  let state = "idle";
  let words = "Nothing to save";
  if (trouble) [state, words] = ["unsaved", `Not saved. ${trouble.problem}`];
  else if (held) [state, words] = ["unsaved", "Not saved: look at the hint below the field"];
  else if (dirty) [state, words] = ["unsaved", "Not saved"];
  else if (current?.savedAt) [state, words] = ["saved", `Saved ${current.savedAt}`];
  saveBar.dataset.state = state;
  saveWords.textContent = words;
  const isNews = (trouble || held) ? words : lastWords.startsWith("Not saved") && state === "saved" && lastWords !== "Not saved" ? words : "";
  if (isNews && isNews !== lastWords) announce(isNews);
  if (trouble || held || state === "saved") lastWords = words;
  for (const [review, notes] of open) if (!notes.isDirty && !notes.conflict && review !== shown) open.delete(review);
}

window.addEventListener("beforeunload", (event) => {
  if ([...open.values()].some((notes) => notes.isDirty) || isHalfWritten() || isSomethingAside()) event.preventDefault();
});
window.addEventListener("online", () => {
  for (const notes of open.values()) if (notes.isDirty) notes.save();
  poll();
});

// ---- Acts: buttons that tell the server something

async function act(button) {
  const { act: url, actError, afterSave, ...rest } = button.dataset;
  const form = {};
  for (const [name, value] of Object.entries(rest)) {
    if (name.startsWith("act")) form[name.slice(3).toLowerCase()] = value;
  }
  const place = actError && document.getElementById(actError);
  if (place) place.hidden = true;
  try {
    if (afterSave && open.get(shown) && !(await open.get(shown).flush())) {
      say(place, "What you wrote is not saved yet. It is marked discussed once it is.");
      return;
    }
    const response = await ask(url, { method: "POST", form });
    if (response.status === 422) say(place, (await response.json()).errors.join(" "));
    else if (response.status === 403) say(place, "You may not do this any more. Load the page again.");
    else if (!response.ok) say(place, "It did not work. Load the page again.");
    else document.dispatchEvent(new CustomEvent("session:renewed"));
  } catch (error) {
    if (error instanceof SignedOut) signedOut();
    else say(place, "The server cannot be reached. Try again.");
  }
  await poll();
}

function say(place, words) {
  if (place) {
    place.hidden = false;
    place.textContent = words;
  } else {
    away.hidden = false;
    away.querySelector("#away-words").textContent = words;
    document.getElementById("away-sign-in").hidden = true;
    setTimeout(() => {
      if (!isOut) away.hidden = true;
    }, 8000);
  }
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-act]");
  if (button) {
    event.preventDefault();
    const menu = button.closest("details[data-menu]");
    if (menu) {
      menu.open = false;
      menu.querySelector("summary").focus({ preventScroll: true });
    }
    act(button);
    return;
  }
  const link = event.target.closest(".cc-agenda__link");
  if (link && !event.ctrlKey && !event.metaKey) {
    event.preventDefault();
    showHousehold(link.dataset.review, { byHand: true }).catch(() => say(null, "The server cannot be reached. Try again."));
  }
});
document.addEventListener("call:accept", (event) => {
  ask(event.detail, { method: "POST" }).catch(() => {});
});

document.addEventListener("call:done", () => poll());
document.addEventListener("call:save", () => open.get(shown)?.save());

// ---- Following

let polling = null;
let nextPoll;
function poll() {
  clearTimeout(nextPoll);
  polling ??= look().finally(() => {
    polling = null;
    nextPoll = setTimeout(poll, document.hidden ? POLL_HIDDEN_MS : POLL_MS);
  });
  return polling;
}

async function look() {
  if (isOut) return;
  try {
    const asked = shown ? `&r=${shown}` : "";
    const response = await ask(`${data.live}?v=${version}${asked}`, { background: true });
    connected(true);
    await beginAgain();
    if (response.status === 204) return;
    if (!response.ok) {
      if (response.status === 403) location.reload();
      return;
    }
    await take(await response.json());
  } catch (error) {
    if (error instanceof SignedOut) signedOut();
    else if (error instanceof Unreachable) connected(false);
    else throw error;
  }
}

async function take(news) {
  if (news.closed) {
    closed();
    return;
  }
  const hasMoved = (news.table ?? "") !== table;
  const isNewFrame = news.frame !== frame;
  if (news.seat.write !== mayWrite || news.seat.steer !== (data.steer === "1")) seatChanged();
  if (news.review) patch(news.review);
  if (hasMoved) await moved(news.table ?? "");
  if (isNewFrame) await refreshFrame();
  frame = news.frame;
  version = news.version;
}

function patch(review) {
  if (review.id !== shown) return;
  const notes = open.get(shown);
  if (notes) {
    if (review.values) catchUp(notes, review);
    return;
  }
  for (const place of householdPlace.querySelectorAll("[data-words]")) {
    const value = review.words[place.dataset.words];
    if (Array.isArray(value)) {
      const now = [...place.children].map((each) => each.textContent);
      if (JSON.stringify(now) !== JSON.stringify(value)) {
        place.replaceChildren(
          ...value.map((words) => {
            const row = document.createElement("li");
            row.textContent = words;
            return row;
          }),
        );
      }
    } else if (value !== undefined && place.textContent !== value) {
      place.textContent = value;
    }
  }
}

// Take over what somebody else saved, unless it touches what is being written: then the save brings it up.
function catchUp(notes, { values, revision, by }) {
  if (revision <= notes.revision || notes.isSaving || notes.conflict) return;
  const isTouched = Object.entries(values).some(
    ([field, value]) => field in notes.typed && !same(value, notes.server[field]),
  );
  if (isTouched) return;
  notes.merge({ values, revision, by });
  if (notes.isDirty) notes.save();
}

async function moved(to) {
  if (!to) {
    table = to;
    announce("No household is on the table.");
    return;
  }
  const notes = open.get(shown);
  const active = document.activeElement;
  const isInField = householdPlace.contains(active) && active.matches("input, textarea, select");
  const isAtIt = isInField && (Date.now() - typedAt < WRITING_MS || notes?.isDirty);
  const isWriting = mayWrite && (isAtIt || isHalfWritten());
  if (!shown || !(isPinned || isWriting)) {
    await showHousehold(to);
    table = to;
    announce("The next household is on the table.");
    return;
  }
  table = to;
  if (to === shown) {
    isPinned = false;
    document.getElementById("moved-on")?.remove();
    return;
  }
  if (document.getElementById("moved-on")) return;
  showBar("moved-on", "The call has moved on to another household.", "Go there", () =>
    showHousehold(table, { byHand: true }).catch(() => say(null, "The server cannot be reached. Try again.")),
  );
}

function seatChanged() {
  if (document.getElementById("seat-changed")) return;
  showBar("seat-changed", "Your part in this call has changed.", "Load the page", () => location.reload());
}

// A line with one way on, beside the household's name, which stays in sight; the focus stays where it is.
function showBar(id, words, way, go) {
  const bar = document.createElement("p");
  bar.id = id;
  bar.className = "cc-moved-on";
  const button = document.createElement("button");
  button.type = "button";
  button.className = "btn btn-primary btn-sm";
  button.textContent = way;
  button.addEventListener("click", go);
  bar.append(`${words} `, button);
  (householdPlace.querySelector(".cc-household__name") ?? householdPlace).prepend(bar);
  announce(words);
}

function connected(is) {
  if (is === isConnected && !(is && saveWords.textContent === "Connecting")) return;
  isConnected = is;
  if (mayWrite) {
    if (is) for (const notes of open.values()) if (notes.isDirty) notes.save();
    return;
  }
  saveBar.dataset.state = is ? "saved" : "unsaved";
  saveWords.textContent = is ? "Live" : "Not connected; trying again";
  if (!is) announce("The connection is gone. The page tries again by itself.");
}

async function closed() {
  isOut = isClosed = true;
  for (const notes of open.values()) await notes.flush();
  away.hidden = false;
  away.querySelector("#away-words").textContent = "The call is closed. Its minutes say what was decided.";
  const button = document.getElementById("away-sign-in");
  button.hidden = false;
  button.textContent = "Go to the minutes";
  button.onclick = () => location.assign(data.base.replace(/call\/$/, "minutes/"));
}

// ---- Signed out in mid-sentence: the page stays, the sign-in comes beside it

function signedOut() {
  if (isOut) return;
  isOut = true;
  away.hidden = false;
  away.querySelector("#away-words").textContent =
    "You were signed out. What you wrote stays on this page and is saved once you have signed in again.";
  const button = document.getElementById("away-sign-in");
  button.hidden = false;
  button.textContent = "Sign in again here";
  button.onclick = () => window.open(data.signIn, "sign-in", "popup,width=520,height=720");
  showSaveState();
}
document.addEventListener("call:signed-out", signedOut);
document.addEventListener("session:ended", (event) => {
  event.preventDefault();
  signedOut();
});
async function comeBack() {
  if (!isOut || isClosed) return;
  const state = await takeSession().catch(() => "out");
  if (state === "other") {
    away.querySelector("#away-words").textContent = "Somebody else signed in in this browser. What stands here is not sent in their name.";
    return;
  }
  if (state !== "back") return;
  isOut = false;
  away.hidden = true;
  announce("You are signed in again.");
  forgetKey();
  for (const notes of open.values()) notes.goOn();
  poll();
}
if ("BroadcastChannel" in window) {
  new BroadcastChannel("conferencing-signed-in").addEventListener("message", comeBack);
  // any page of the site that somebody is signed in to tells how long its session lasts (session.js)
  new BroadcastChannel("conferencing-session").addEventListener("message", (event) => {
    if (!event.data.hasEnded) comeBack();
  });
}
window.addEventListener("focus", comeBack);

// Whoever types or clicks here is at work: the session's clock hears of it at most once a minute.
let toldAt = Date.now();
function atWork() {
  const url = document.body.dataset.sessionUrl;
  if (!url || isOut || Date.now() - toldAt < AT_WORK_MS) return;
  toldAt = Date.now();
  ask(url, { method: "POST" })
    .then((response) => {
      const left = response.headers.get("X-Seconds-Left");
      document.dispatchEvent(new CustomEvent("session:renewed", { detail: left === null ? undefined : Number(left) }));
    })
    .catch(() => {});
}
document.addEventListener("input", atWork);
document.addEventListener("click", atWork);

// ---- Begin, and begin again where the server could not be reached for it

const lacking = new Set(["drafts", "people", "household"]);
const asked = new URLSearchParams(location.search).get("review");

// Texts that this browser kept come first: nothing new is written over them.
async function takeDrafts() {
  if (mayWrite && hasDrafts()) {
    for (const [review, draft] of await recall()) {
      const notes = Notes.fromDraft(review, `${data.base}reviews/${review}/save/`, draft);
      attach(notes);
      notes.save();
    }
  } else if (mayWrite) key().catch(() => {});
  lacking.delete("drafts");
}

async function beginAgain() {
  if (lacking.has("drafts")) {
    try {
      await takeDrafts();
    } catch (error) {
      if (error instanceof SignedOut || error instanceof Unreachable) throw error;
      lacking.delete("drafts"); // they do not open: the page works without them
    }
  }
  if (lacking.has("people")) {
    await refresh(document.getElementById("people"), data.people);
    lacking.delete("people");
  }
  if (lacking.has("household")) {
    if (!shown && asked) await showHousehold(asked, { byHand: true });
    if (!shown) await showHousehold(table);
    lacking.delete("household");
  }
}

readyClock();
poll();
