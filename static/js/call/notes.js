// The notes of one household: what the server has, what was typed since, and getting the one to the other.
// One save is under way at a time. "Saved" is what the server acknowledged, never what was sent.

import { keep } from "./drafts.js";
import { MARK_OF } from "./elements.js";
import { ask, SignedOut, Unreachable } from "./server.js";

const AFTER_EDIT_MS = 500;
const WHILE_TYPING_MS = 4000;
const RETRY_MS = [1000, 2000, 3000, 5000];

export const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);

const STANDS = /\[name withheld(?: \d{1,4})?\]/g;

// What was typed since, with the numbers of withheld names as the server counts them from now on.
export function renumbered(typed, sent, stored) {
  const all = (value) => (typeof value === "string" ? value : Array.isArray(value) ? value.join("\n") : "").match(STANDS) ?? [];
  const before = all(sent);
  const after = all(stored);
  if (before.length !== after.length) return typed;
  const now = new Map(before.map((each, place) => [each, after[place]]));
  const renamed = (text) => text.replace(STANDS, (each) => now.get(each) ?? each);
  if (typeof typed === "string") return renamed(typed);
  return Array.isArray(typed) ? typed.map(renamed) : typed;
}

export class Notes extends EventTarget {
  // `server`: the values that the server acknowledged last, at `revision`.
  constructor(review, url, revision, server) {
    super();
    this.review = review;
    this.url = url;
    this.revision = revision;
    this.server = { ...server };
    this.typed = {}; // what is not acknowledged yet, by field
    this.doubt = {}; // sent, but no answer came: by field the values that the server may have or not
    this.kept = {}; // kinds of hints that the writer decided to keep, by field
    this.held = {}; // hints that stand against a field
    this.wrong = {}; // what the server could not take, by field
    this.savedAt = "";
    this.problem = "";
    this.isSaving = false;
    this.isStopped = false;
    this.failures = 0;
    this.waiting = [];
    this.conflict = null;
  }

  static fromDraft(review, url, draft) {
    const notes = new Notes(review, url, draft.revision, draft.server);
    notes.typed = draft.typed;
    notes.doubt = draft.doubt;
    notes.kept = draft.kept;
    return notes;
  }

  value(field) {
    return field in this.typed ? this.typed[field] : this.server[field];
  }
  get isDirty() {
    return Object.keys(this.typed).length > 0;
  }
  // Fields that can be sent as they stand.
  get ready() {
    return Object.keys(this.typed).filter((field) => !(field in this.held) && !(field in this.wrong));
  }

  edit(field, value, { isMark = false } = {}) {
    this.release(field);
    delete this.wrong[field];
    if (same(value, this.server[field]) && !(field in this.doubt)) delete this.typed[field];
    else this.typed[field] = value;
    const mark = MARK_OF[field];
    if (mark && !isMark && this.value(mark) !== "changed") this.edit(mark, "changed", { isMark: true });
    this.remember();
    this.schedule();
    this.tell();
  }

  keepWords(field) {
    this.kept[field] = [...(this.kept[field] ?? []), ...this.held[field].map((hint) => hint.kind)];
    this.release(field);
    this.save();
    this.tell();
  }

  // A mark on a barrier that was held waits with it, and goes with it.
  release(field) {
    delete this.held[field];
    if (field === "barriers") delete this.held.systemic;
  }

  remember() {
    const { revision, server, typed, doubt, kept } = this;
    keep(this.review, this.isDirty ? { revision, server, typed, doubt, kept } : null);
  }

  schedule(ms = AFTER_EDIT_MS) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), ms);
    if (ms === AFTER_EDIT_MS) this.longest ??= setTimeout(() => this.save(), WHILE_TYPING_MS);
  }

  // Wait until all is acknowledged; false if it cannot be now.
  async flush() {
    if (!this.isDirty) return true;
    const settled = new Promise((resolve) => this.waiting.push(resolve));
    if (!this.isSaving) this.save();
    return settled;
  }
  settle(isDone) {
    for (const resolve of this.waiting.splice(0)) resolve(isDone);
  }

  async save() {
    clearTimeout(this.timer);
    clearTimeout(this.longest);
    this.longest = undefined;
    if (this.isSaving) return;
    if (this.isStopped || this.conflict) {
      this.settle(false);
      return;
    }
    const fields = this.ready;
    if (!fields.length) {
      this.settle(!this.isDirty);
      return;
    }
    const values = Object.fromEntries(fields.map((field) => [field, this.typed[field]]));
    this.isSaving = true;
    for (const field of fields) {
      const sent = this.doubt[field] ?? [];
      if (!sent.some((value) => same(value, values[field]))) this.doubt[field] = [...sent, values[field]];
    }
    this.remember();
    try {
      const json = { base: this.revision, values, kept: this.kept };
      const response = await ask(this.url, { method: "POST", json, background: true });
      await this.take(response, values);
      this.failures = 0;
    } catch (error) {
      this.fail(error);
    }
    this.isSaving = false;
    if (this.problem || this.conflict) this.settle(false);
    else if (this.ready.length) this.schedule(this.again ? 0 : AFTER_EDIT_MS);
    else this.settle(!this.isDirty);
    this.again = false;
    this.tell();
  }

  async take(response, values) {
    if (response.status === 200) this.accepted(await response.json(), values);
    else if (response.status === 409) this.merge(await response.json());
    else if (response.status === 422) this.refused((await response.json()).errors);
    else if (response.status === 410) this.stop("The call is closed. What is marked here was not saved.");
    else if (response.status === 403) this.stop("You do not take notes at this call any more. Not saved.");
    else if (response.status === 404) this.stop("This household is not on the call any more. Not saved.");
    else throw new Unreachable();
  }

  accepted(answer, values) {
    this.revision = answer.revision;
    this.savedAt = answer.at;
    this.problem = "";
    this.doubt = {};
    delete this.wrong.__all__;
    for (const [field, value] of Object.entries(values)) {
      if (field in answer.held) {
        if (same(value, this.typed[field])) this.held[field] = answer.held[field];
        continue;
      }
      // the server may say more than was sent: a location that is confirmed may be a change
      this.server[field] = answer.stored[field] ?? value;
      if (same(value, this.typed[field])) delete this.typed[field];
      else if (field in this.typed) this.typed[field] = renumbered(this.typed[field], value, this.server[field]);
    }
    this.remember();
    if (Object.keys(answer.stored).length) this.dispatchEvent(new CustomEvent("merged"));
  }

  refused(errors) {
    this.doubt = {};
    this.wrong = { ...this.wrong, ...errors };
    this.problem = errors.__all__ ? errors.__all__.join(" ") : "";
  }

  // The server has another revision: take over what was not touched here; ask about the rest.
  merge(answer) {
    this.problem = "";
    const asked = [];
    for (const [field, theirs] of Object.entries(answer.values)) {
      if (field in this.typed) {
        const isOwn = same(theirs, this.server[field]) || this.doubt[field]?.some((mine) => same(theirs, mine));
        if (same(theirs, this.typed[field])) delete this.typed[field];
        else if (!isOwn && !field.endsWith("_changed")) asked.push(field);
      }
      this.server[field] = theirs;
    }
    this.revision = answer.revision;
    this.doubt = {};
    this.again = true;
    if (asked.length) this.conflict = { fields: asked, by: answer.by };
    this.remember();
    this.dispatchEvent(new CustomEvent("merged"));
  }

  // What the writer chose, by field; it is saved on the revision that they saw.
  decide(chosen) {
    this.conflict = null;
    for (const [field, value] of Object.entries(chosen)) this.edit(field, value);
    this.save();
  }

  stop(problem) {
    this.isStopped = true;
    this.problem = problem;
  }

  fail(error) {
    if (error instanceof SignedOut) {
      this.problem = "You were signed out.";
      this.isStopped = true;
      document.dispatchEvent(new CustomEvent("call:signed-out"));
      return;
    }
    if (!(error instanceof Unreachable)) console.error(error.name);
    this.problem = "The server cannot be reached; trying again.";
    this.schedule(RETRY_MS[Math.min(this.failures, RETRY_MS.length - 1)]);
    this.failures += 1;
  }

  // After signing in again, or coming back online.
  goOn() {
    this.isStopped = false;
    this.problem = "";
    if (this.isDirty) this.save();
    this.tell();
  }

  tell() {
    this.dispatchEvent(new CustomEvent("state"));
  }
}
