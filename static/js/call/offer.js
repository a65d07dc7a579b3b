// A line of the notes that names who does what is offered as a step, under the notes; it never takes itself.

import { announce } from "./announce.js";
import { folded, peopleOf } from "./combobox.js";
import { say } from "./notices.js";
import { stepIn } from "./said.js";

const AFTER_MS = 400;
const answered = new Set(); // lines that were taken, or were no step
// By whomever, and before the page was loaded anew, too.
const isGiven = (what) => [...document.querySelectorAll("#given strong")].some((each) => folded(each.textContent) === folded(what));

export class Offer {
  constructor(article) {
    this.notes = article.querySelector("#f-notes");
    this.form = article.querySelector("#step-form");
    this.box = article.querySelector("#offer");
    this.review = article.dataset.review;
    this.notes.addEventListener("input", () => {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.look(), AFTER_MS);
    });
    this.notes.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
        const seen = JSON.stringify(this.step ?? null);
        this.look(); // as it stands now
        if (!this.step) return;
        event.preventDefault();
        event.stopPropagation();
        if (JSON.stringify(this.step) === seen) this.take(); // never what nobody has read
      } else if (event.key === "Escape" && this.step) {
        event.preventDefault();
        this.answer();
      }
    });
    this.box.querySelector("#offer-take").addEventListener("click", () => this.take());
    this.box.querySelector("#offer-no").addEventListener("click", () => {
      this.answer();
      this.notes.focus();
    });
  }

  // The line of the caret, or the one that Enter has just ended.
  look() {
    if (!this.box.isConnected) return;
    const before = this.notes.value.slice(0, this.notes.selectionStart);
    const ahead = this.notes.value.slice(this.notes.selectionStart).split("\n")[0];
    const lines = before.split("\n");
    const line = (lines.pop() + ahead).trim() || (lines.pop() ?? "").trim();
    const today = new Date(`${this.form.dataset.today}T12:00`);
    const found = line && !answered.has(this.keyOf(line)) ? stepIn(line, peopleOf(this.form.elements.follow_up_person), today) : null;
    const step = found && !isGiven(found.what) ? found : null;
    this.line = line;
    if (JSON.stringify(step) === JSON.stringify(this.step ?? null)) return;
    this.step = step;
    this.box.hidden = !step;
    if (!step) return;
    const words = this.wordsOf(step);
    this.box.querySelector("#offer-words").textContent = words;
    announce(`Assign as a step? ${words}. ${step.person ? "Control Enter assigns it." : "Control Enter puts it into the form; then choose who."}`);
  }

  keyOf(line) {
    return `${this.review} ${line}`;
  }

  wordsOf({ what, person, due }) {
    const day = due && new Date(`${due}T12:00`).toLocaleDateString("en-US", { weekday: "short", month: "short", day: "numeric" });
    return `${person?.label ?? "No one yet"}${day ? ` by ${day}` : ""}: ${what}`;
  }

  take() {
    const { what, follow_up_person: person, due_on: due, keep_words: kept, is_critical: critical } = this.form.elements;
    if (what.value.trim()) {
      what.focus();
      say(document.getElementById("e-__all__"), "A step is being written here. Assign it first, or clear it.");
      return;
    }
    what.value = this.step.what;
    kept.value = "";
    critical.checked = false;
    person.value = this.step.person?.value ?? "";
    if (this.step.due) due.value = this.step.due;
    for (const field of [what, person, due]) field.dispatchEvent(new Event("change", { bubbles: true })); // kept, as if typed
    const isWhole = Boolean(this.step.person);
    this.answer();
    if (isWhole) this.form.requestSubmit();
    else person.focus();
  }

  answer() {
    answered.add(this.keyOf(this.line));
    this.step = null;
    this.box.hidden = true;
  }
}
