// The page of a running call: follows it, shows each household, and keeps what is written.

import { endOfCall, isAway } from "./absence.js";
import { NOT_DONE, readyActs } from "./acts.js";
import { announce } from "./announce.js";
import { readyClock } from "./clock.js";
import { HALF, hasDrafts, isKept, key, recall } from "./drafts.js";
import { askAboutConflict } from "./conflict.js";
import { Editor } from "./editor.js";
import { nameOf } from "./field_names.js";
import { bringBack, isHalfWritten, isSomethingAside, keepHalf, setAside, takeUp } from "./half_written.js";
import { watchHeight } from "./height.js";
import { tellHowMany } from "./here.js";
import "./keys.js";
import "./present_window.js";
import { Notes, same } from "./notes.js";
import "./openings.js";
import { say, showBar } from "./notices.js";
import { numberPeople } from "./people.js";
import { refresh } from "./parts.js";
import { refreshSteer, tellUnheard } from "./steer.js";
import { ask, SignedOut, Unreachable } from "./server.js";

const root = document.getElementById("call");
const data = root.dataset;
const mayWrite = data.write === "1";
const householdPlace = document.getElementById("household");
const saveBar = document.getElementById("save-bar");
const saveWords = document.getElementById("save-words");
const saveWhere = document.getElementById("save-where");
const stale = document.getElementById("stale");

const POLL_MS = data.write || data.steer ? 1500 : 2000; // who follows sees a change within 3 seconds
const POLL_HIDDEN_MS = 4000;
const WRITING_MS = 15_000;
const STALE_MS = 4000; // whoever reads old words is told within 5 seconds
const POLL_LONGEST_MS = 4000;
const GUESTS_MS = 10_000;

let version = Number(data.version);
let frame = Number(data.frame);
let rights = data.rights; // a stamp of what this person may see
let table = data.table;
let shown = ""; // the review that the page shows
let isPinned = false; // chosen by this person, other than the one on the table
let editor = null;
let typedAt = 0;
let isConnected = true;
let heardAt = Date.now(); // when the server itself last said how the call stands
let seenAt = Date.now(); // since when the page is in sight
const open = new Map(); // notes by review, as long as something of them is not saved

// ---- What the page shows

async function refreshFrame() {
  const jobs = [refresh(document.getElementById("agenda"), data.agenda), refreshPeople(), refreshSteer()];
  for (const part of householdPlace.querySelectorAll("[data-part]")) jobs.push(refresh(part, part.dataset.part));
  await Promise.all(jobs);
  tellUnheard();
  markShown();
  readyClock();
}

// Numbered before any key is read: whoever marks somebody as here may press their number at once.
const refreshPeople = () => refresh(document.getElementById("people"), data.people).then(numberPeople).then(tellHowMany).then(tellUnheard);

// Guests come and go without a change of the call: where some are invited, the page looks for itself.
setInterval(() => {
  if (isAway() || document.hidden || !document.querySelector("[data-guests]")) return;
  refreshPeople().catch(() => {});
}, GUESTS_MS);

function markShown() {
  for (const link of document.querySelectorAll(".cc-agenda__link")) {
    link.classList.toggle("is-shown", link.dataset.review === shown);
  }
}

let turn = 0;
let coming = null; // the household that was asked for and is not there yet
async function showHousehold(review, { byHand = false, stays = false } = {}) {
  if (!review) return true;
  turn += 1;
  const own = turn;
  coming = stays ? null : { review, byHand };
  let html;
  try {
    const response = await ask(`${data.base}reviews/${review}/`, { background: !byHand });
    if (!response.ok) return false;
    html = await response.text();
  } finally {
    if (own === turn) coming = null;
  }
  if (own !== turn) return true; // another one was asked for meanwhile
  const isOther = shown !== review;
  setAside(shown);
  editor?.close();
  editor = null;
  shown = review;
  householdPlace.innerHTML = html;
  if (!stays) {
    isPinned = byHand && review !== table;
    document.getElementById("moved-on")?.remove();
  }
  markShown();
  if (mayWrite) bind();
  takeUp(shown);
  if (byHand) householdPlace.focus({ preventScroll: true });
  if (isOther) toTheTop();
  return true;
}

// A household begins at its beginning, wherever the one before it was left.
function toTheTop() {
  const { top } = householdPlace.getBoundingClientRect();
  const bar = document.getElementById("call-bar").getBoundingClientRect().bottom;
  if (top < bar || top > window.innerHeight / 2) householdPlace.scrollIntoView({ block: "start" });
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
  const { review, save, revision, label } = article.dataset;
  let notes = open.get(review);
  if (notes) {
    const values = valuesOnPage(article);
    // The same revision as this person may read it by now: names in it may have gone.
    if (Number(revision) === notes.revision && !notes.isSaving && !notes.conflict) notes.server = values;
    else catchUp(notes, { values, revision: Number(revision), by: "" });
  } else {
    notes = new Notes(review, save, Number(revision), valuesOnPage(article));
    attach(notes);
  }
  notes.label = label;
  editor = new Editor(article, notes);
  article.addEventListener("input", () => {
    typedAt = Date.now();
  });
  askAboutConflict(notes, label);
  showSaveState();
}

function attach(notes) {
  open.set(notes.review, notes);
  notes.addEventListener("state", () => {
    askAboutConflict(notes, labelOf(notes.review));
    for (const other of open.values()) if (other.conflict) askAboutConflict(other, labelOf(other.review));
    showSaveState();
  });
}

let lastWords = "";
function showSaveState() {
  if (!mayWrite) return;
  const all = [...open.values()];
  const trouble = all.find((notes) => notes.problem);
  const isHeld = (notes) => Object.keys(notes.held).length || Object.keys(notes.wrong).length;
  // the one that is shown comes last: what waits elsewhere is easily forgotten
  const held = all.find((notes) => isHeld(notes) && notes.review !== shown) ?? all.find(isHeld);
  const dirty = all.some((notes) => notes.isDirty);
  const current = open.get(shown);
  let state = "idle";
  let words = "Nothing to save";
  if (trouble) [state, words] = ["unsaved", `Not saved. ${trouble.problem}`];
  else if (held) [state, words] = ["unsaved", `Not saved: see the note under ${whereHeld(held)}`];
  else if (dirty) [state, words] = ["unsaved", "Not saved"];
  else if (current?.savedAt) [state, words] = ["saved", `Saved ${current.savedAt}`];
  saveBar.dataset.state = state;
  if (saveWords.textContent !== words) saveWords.textContent = words;
  saveWhere.hidden = trouble || !held;
  saveWhere.onclick = held ? () => goToField(held) : null;
  const isNews = (trouble || held) ? words : lastWords.startsWith("Not saved") && state === "saved" && lastWords !== "Not saved" ? words : "";
  if (isNews && isNews !== lastWords) announce(isNews);
  if (trouble || held || state === "saved") lastWords = words;
  for (const [review, notes] of open) if (!notes.isDirty && !notes.conflict && review !== shown) open.delete(review);
}

const heldField = (notes) => Object.keys({ ...notes.held, ...notes.wrong })[0];

function whereHeld(notes) {
  const own = notes.review === shown ? "" : ` of ${labelOf(notes.review)}`;
  return `“${nameOf(heldField(notes))}”${own}`;
}

function labelOf(review) {
  return document.getElementById(`to-${review}`)?.textContent.trim() || "another household";
}

async function goToField(notes) {
  if (notes.review !== shown) await goTo(notes.review);
  const field = heldField(notes);
  const control = document.getElementById(field === "barriers" || field === "systemic" ? "f-barrier" : `f-${field}`);
  const goal = control ?? document.querySelector(`#hint-${field}`)?.previousElementSibling;
  goal?.focus();
  goal?.scrollIntoView({ block: "center" });
}

window.addEventListener("beforeunload", (event) => {
  const isAtRisk = isAway() ? (name) => !isKept(name) : () => true;
  if (unsaved().some((notes) => isAtRisk(notes.review))) event.preventDefault();
  if (isHalfWritten() && isAtRisk(HALF + shown)) event.preventDefault();
  if (isSomethingAside() && !isAway()) event.preventDefault(); // it was kept when it was set aside
});
window.addEventListener("online", () => {
  for (const notes of open.values()) if (notes.isDirty) notes.save();
  poll();
});

document.addEventListener("click", (event) => {
  const link = event.target.closest(".cc-agenda__link");
  if (!link || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  goTo(link.dataset.review);
});
async function goTo(review) {
  try {
    if (!(await showHousehold(review, { byHand: true }))) say(null, "This household is not on the call any more.");
  } catch (error) {
    if (error instanceof SignedOut) document.dispatchEvent(new CustomEvent("call:signed-out"));
    else say(null, "The household was not opened: the server did not answer. Try again.");
  }
}

// What agencies prepared and the note taker used: told until the server says that it knows.
const accepting = new Map();
document.addEventListener("call:accept", (event) => {
  accepting.set(event.detail.url, event.detail.done);
  tellAccepted();
});
async function tellAccepted() {
  for (const [url, done] of accepting) {
    const response = await ask(url, { method: "POST" }).catch(() => null);
    if (!response) {
      say(null, NOT_DONE);
      return;
    }
    accepting.delete(url);
    done(response.ok);
  }
}

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
  if (isAway()) return;
  try {
    const asked = shown ? `&r=${shown}` : "";
    const response = await ask(`${data.live}?v=${version}&s=${rights}${asked}`, { background: true, longest: POLL_LONGEST_MS });
    if ([403, 404].includes(response.status)) {
      location.reload();
      return;
    }
    if (!response.ok) throw new Unreachable();
    await beginAgain();
    if (response.status !== 204) await take(await response.json());
    heard(); // only what stands on the page by now was heard: parts of it come by answers of their own
    if (accepting.size) tellAccepted();
  } catch (error) {
    if (error instanceof SignedOut) document.dispatchEvent(new CustomEvent("call:signed-out"));
    else if (!(error instanceof Unreachable)) throw error;
  }
}

function heard() {
  heardAt = Date.now();
  connected(true);
}

// Nothing true for so long: the page says that it may be old. In the background nobody reads it, and it asks seldom.
setInterval(() => {
  if (document.hidden || isAway()) return;
  if (Date.now() - Math.max(heardAt, seenAt - STALE_MS / 2) > STALE_MS) connected(false);
}, 250);
document.addEventListener("visibilitychange", () => {
  if (document.hidden) return;
  seenAt = Date.now();
  poll();
});

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
  if (news.renew) await renew();
  else if (isNewFrame) await refreshFrame();
  rights = news.rights;
  frame = news.frame;
  version = news.version;
}

// What this person may see has changed: every name on the page is made anew, and what is being typed stays.
async function renew() {
  for (const id of ["call-announce", "told"]) document.getElementById(id).textContent = "";
  const active = document.activeElement;
  const focusId = householdPlace.contains(active) ? active.id : "";
  const caret = focusId && typeof active.selectionStart === "number" ? [active.selectionStart, active.selectionEnd] : null;
  await open.get(shown)?.flush();
  await refreshFrame();
  // Whoever is on their way to another household arrives there, with what they may see now.
  const isLeaving = coming && coming.review !== shown;
  await (isLeaving ? showHousehold(coming.review, coming) : showHousehold(shown, { stays: true }));
  const found = focusId && document.getElementById(focusId);
  if (!found || isLeaving) return;
  found.focus({ preventScroll: true });
  if (caret) found.setSelectionRange(...caret);
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
    announce("No household is being discussed.");
    return;
  }
  const notes = open.get(shown);
  const active = document.activeElement;
  const isInField = householdPlace.contains(active) && active.matches("input, textarea, select");
  const isAtIt = isInField && (Date.now() - typedAt < WRITING_MS || notes?.isDirty);
  const isWriting = mayWrite && (isAtIt || isHalfWritten());
  if (!shown || !(isPinned || isWriting)) {
    if (!(await showHousehold(to))) throw new Unreachable(); // the next look tries again
    table = to;
    announce("The call has moved to the next household.");
    return;
  }
  table = to;
  if (to === shown) {
    isPinned = false;
    document.getElementById("moved-on")?.remove();
    return;
  }
  if (document.getElementById("moved-on")) return;
  showBar("moved-on", "The call has moved on to another household.", "Go there", () => goTo(table), document.getElementById("go-next") ? "" : "next");
}

function seatChanged() {
  if (document.getElementById("seat-changed")) return;
  showBar("seat-changed", "Your part in this call has changed.", "Load the page", () => location.reload());
}

function connected(is) {
  if (is === isConnected && !(is && saveWords.textContent === "Connecting")) return;
  isConnected = is;
  stale.hidden = is;
  const words = `Not up to date: nothing heard from the server since ${clock(heardAt)}. It tries again by itself.`;
  stale.textContent = is ? "" : `${words}${mayWrite ? " What you type stays here." : ""}`;
  if (mayWrite) {
    if (is) for (const notes of open.values()) if (notes.isDirty) notes.save();
    return;
  }
  saveBar.dataset.state = is ? "saved" : "unsaved";
  saveWords.textContent = is ? "Live" : "Not up to date";
}

const clock = (at) => new Date(at).toLocaleTimeString("en-US");

async function closed() {
  const minutes = data.base.replace(/call\/$/, "minutes/");
  const go = () => location.assign(minutes);
  endOfCall("The call is closed. Its minutes say what was decided.", "Go to the minutes", go);
  for (const notes of open.values()) await notes.flush();
  await keepHalf(shown);
  if (!unsaved().length && !isHalfWritten() && !isSomethingAside()) return;
  const words = "The call is closed. What you wrote last came too late for it. It is kept: add it to the minutes.";
  endOfCall(words, "Add it to the minutes", go);
}
const unsaved = () => [...open.values()].filter((notes) => notes.isDirty);

document.addEventListener("call:away", () => {
  showSaveState();
  if (mayWrite) return;
  saveBar.dataset.state = "unsaved";
  saveWords.textContent = "Signed out";
});
document.addEventListener("call:back", () => {
  for (const notes of open.values()) notes.goOn();
  keepHalf(shown);
  seenAt = Date.now();
  isConnected = false; // until the next answer says so
  poll();
});

// ---- Begin, and begin again where the server could not be reached for it

const lacking = new Set(["drafts", "people", "household"]);
const asked = new URLSearchParams(location.search).get("review");

// Texts that this browser kept come first: nothing new is written over them.
async function takeDrafts() {
  if (mayWrite && hasDrafts()) {
    for (const [review, draft] of await recall()) {
      if (bringBack(review, draft)) continue;
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
    await refreshPeople();
    lacking.delete("people");
  }
  if (lacking.has("household")) {
    if (!shown && asked) await showHousehold(asked, { byHand: true });
    if (!shown && !(await showHousehold(table))) throw new Unreachable();
    lacking.delete("household");
  }
}

readyActs({ flush: async (review) => (await open.get(review || shown)?.flush()) ?? true, poll, goTo });
watchHeight();
readyClock();
poll();
