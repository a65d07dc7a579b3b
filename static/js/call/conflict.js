// Two texts side by side, where somebody else saved what is being written. The box stands beside the page and never takes
// a key: the focus stays in the text, and what is typed on goes into what is chosen.

import { announce } from "./announce.js";
import { element } from "./editor.js";
import { nameOf } from "./field_names.js";

const dialog = document.getElementById("conflict");
const holder = document.getElementById("conflict-fields");
let asked = null; // the notes that are asked about, with the choice for each field

export function askAboutConflict(notes, label) {
  if (asked?.notes === notes) {
    if (notes.conflict) for (const choice of asked.choices) choice.typedOn();
    else stopAsking();
  }
  if (asked || !notes.conflict) return;
  const { fields, by } = notes.conflict;
  document.getElementById("conflict-who").textContent =
    `${by || "Somebody"} saved ${label || "this household"} after you began to write. Nothing is lost: choose for each text.`;
  asked = { notes, choices: fields.map((field) => new Choice(notes, field)) };
  holder.replaceChildren(...asked.choices.map((choice) => choice.group));
  document.getElementById("conflict-done").onclick = () => {
    const chosen = Object.fromEntries(asked.choices.map((choice) => [choice.field, choice.value]));
    stopAsking();
    notes.decide(chosen);
    notes.dispatchEvent(new CustomEvent("merged"));
  };
  openBeside();
  announce(`${by || "Somebody"} wrote here meanwhile. Alt and C leads to the choice between the two texts.`);
}

// Opening moves the focus into the box; it goes back at once, before any key is read.
function openBeside() {
  const active = document.activeElement;
  dialog.show();
  if (!active || active === document.body) document.activeElement?.blur();
  else active.focus({ preventScroll: true });
  const hides = active?.getBoundingClientRect().bottom > dialog.getBoundingClientRect().top;
  if (hides && active !== document.body) active.scrollIntoView({ block: "start" });
}

function stopAsking() {
  const hadFocus = dialog.contains(document.activeElement);
  const field = asked.choices[0]?.field;
  dialog.close();
  asked = null;
  if (hadFocus) (document.getElementById(`f-${field}`) ?? document.getElementById("household")).focus({ preventScroll: true });
}

class Choice {
  constructor(notes, field) {
    this.notes = notes;
    this.field = field;
    this.isText = typeof notes.typed[field] === "string" && !document.querySelector(`select[data-field="${field}"], [type=date][data-field="${field}"]`);
    this.isList = Array.isArray(notes.typed[field]);
    this.mine = notes.typed[field];
    this.theirs = notes.server[field];
    this.taken = "mine";
    this.group = element("fieldset", { class: "cc-conflict" });
    this.draw();
  }

  draw() {
    const both = element("div", { class: "cc-conflict__both" });
    this.own = element("p", { text: this.shown(this.mine), class: "cc-pre" });
    const theirs = element("p", { text: this.shown(this.theirs), class: "cc-pre" });
    both.append(this.side("Theirs", theirs), this.side("Yours", this.own));
    const choose = element("div", { class: "cc-buttons" });
    const ways = [["theirs", "Take theirs"], ["mine", "Take mine"]];
    if (this.isText || this.isList) ways.push(["both", "Take both"]);
    this.buttons = ways.map(([taken, text]) => {
      const button = element("button", { type: "button", text, class: "btn btn-outline-primary btn-sm" });
      button.addEventListener("click", () => this.take(taken));
      button.dataset.taken = taken;
      return button;
    });
    choose.append(...this.buttons);
    this.group.append(element("legend", { text: nameOf(this.field) }), both, choose);
    if (this.isText || this.isList) {
      this.area = element("textarea", { class: "form-control", rows: "4", id: `merge-${this.field}` });
      this.area.addEventListener("input", () => {
        this.taken = "own";
        this.press();
      });
      this.group.append(element("label", { text: "What will be saved", for: this.area.id }), this.area);
    }
    this.take("mine");
  }

  side(title, words) {
    const box = element("div");
    box.append(element("p", { text: title, class: "cc-conflict__side" }), words);
    return box;
  }

  take(taken) {
    this.taken = taken;
    const texts = { mine: lines(this.mine), theirs: lines(this.theirs), both: `${lines(this.theirs)}\n${lines(this.mine)}` };
    if (this.area) this.area.value = texts[taken];
    this.press();
  }
  press() {
    for (const button of this.buttons) button.setAttribute("aria-pressed", String(button.dataset.taken === this.taken));
  }

  // Words that were typed into the text while the box stands open belong to what is merged.
  typedOn() {
    const now = this.notes.typed[this.field];
    const before = lines(this.mine);
    if (now === undefined || lines(now) === before) return;
    this.mine = now;
    this.own.textContent = this.shown(now);
    if (!this.area || ["mine", "both"].includes(this.taken)) {
      this.take(this.area ? this.taken : "mine");
      return;
    }
    const added = lines(now).startsWith(before) ? lines(now).slice(before.length) : `\n${lines(now)}`;
    this.area.value += this.area.value ? added : added.trimStart();
  }

  get value() {
    if (this.isList) return [...new Set(this.area.value.split("\n").map((each) => each.trim()).filter(Boolean))];
    if (this.isText) return this.area.value;
    return this.taken === "theirs" ? this.theirs : this.mine;
  }

  // A choice is shown in its words, not in its code.
  shown(value) {
    const select = document.querySelector(`select[data-field="${this.field}"]`);
    const option = select && [...select.options].find((each) => each.value === value);
    if (typeof value === "boolean") return value ? "Yes" : "No";
    return option?.textContent.trim() || lines(value) || "(empty)";
  }
}

const lines = (value) => (Array.isArray(value) ? value.join("\n") : String(value ?? ""));
