// The fields of the household on the page, bound to its notes.

import { announce } from "./announce.js";
import { Combobox } from "./combobox.js";
import { ELEMENTS } from "./elements.js";
import { nameOf } from "./field_names.js";
import { same } from "./notes.js";
import { say, stopTrouble } from "./notices.js";
import { Offer } from "./offer.js";

const MARK_WORDS = { changed: "Changed", unchanged: "Unchanged", not_recorded: "Not confirmed yet" };
// What is checked by itself once its words are begun; whoever writes sees it, and can take it back.
const CHECKED_BY = { referral: "is_referred", exception_reason: "is_exception" };

export function element(tag, { text, ...attributes } = {}) {
  const made = document.createElement(tag);
  if (text !== undefined) made.textContent = text;
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}

// Whoever hears a field hears its hint after what else is said of it.
function describe(control, id, is) {
  const seen = control.seen ?? control;
  const others = (seen.getAttribute("aria-describedby") ?? "").split(" ").filter((each) => each && each !== id);
  if (is) others.push(id);
  if (others.length) seen.setAttribute("aria-describedby", others.join(" "));
  else seen.removeAttribute("aria-describedby");
}

export class Editor {
  constructor(article, notes) {
    this.article = article;
    this.notes = notes;
    // against what each element may be called unchanged; null for what nothing is known of
    this.basis = JSON.parse(document.getElementById("v-basis").textContent);
    this.fields = new Map();
    for (const control of article.querySelectorAll("[data-field]")) {
      this.fields.set(control.dataset.field, control);
      const event = control.matches("select, [type=checkbox], [type=date]") ? "change" : "input";
      control.addEventListener(event, () => this.typed(control.dataset.field, this.read(control)));
    }
    for (const button of article.querySelectorAll("[data-unchanged]")) {
      button.addEventListener("click", () => this.unchanged(button.dataset.unchanged, button.dataset.says));
    }
    for (const button of article.querySelectorAll("[data-take]")) {
      button.addEventListener("click", () => this.takeOver(button));
    }
    article.querySelector("#all-unchanged").addEventListener("click", () => this.allUnchanged());
    for (const select of article.querySelectorAll("#s-person, #f-navigator")) new Combobox(select);
    new Offer(article);
    this.readyDecisions();
    this.readyBarriers();
    this.onMerged = () => this.show();
    this.onState = () => this.showState();
    notes.addEventListener("merged", this.onMerged);
    notes.addEventListener("state", this.onState);
    this.show();
    this.showState();
  }

  close() {
    this.isClosed = true;
    this.notes.removeEventListener("merged", this.onMerged);
    this.notes.removeEventListener("state", this.onState);
  }

  read(control) {
    return control.type === "checkbox" ? control.checked : control.value;
  }

  typed(field, value) {
    const isBegun = CHECKED_BY[field] && value && !this.notes.value(field);
    this.notes.edit(field, value);
    if (!isBegun || this.notes.value(CHECKED_BY[field])) return;
    this.notes.edit(CHECKED_BY[field], true);
    this.fields.get(CHECKED_BY[field]).checked = true;
    announce(`${nameOf(CHECKED_BY[field])}: checked.`);
  }

  // Put the values into the fields; the one that has the focus keeps its caret.
  show() {
    for (const [field, control] of this.fields) {
      const value = this.notes.value(field);
      if (value === undefined || same(value, this.read(control))) continue;
      if (control.type === "checkbox") control.checked = value;
      else {
        const { selectionStart, selectionEnd } = control;
        control.value = value;
        if (document.activeElement === control && typeof selectionStart === "number") {
          control.setSelectionRange(selectionStart, selectionEnd);
        }
      }
    }
    this.showBarriers();
    this.showState();
  }

  showState() {
    this.showDecided();
    for (const mark of this.article.querySelectorAll("[data-mark]")) {
      const value = this.notes.value(mark.dataset.mark);
      mark.textContent = MARK_WORDS[value] ?? "";
      const button = mark.parentElement.querySelector("[data-unchanged]");
      button?.setAttribute("aria-pressed", String(value === (button.dataset.says ?? "unchanged")));
      mark.dataset.state = value;
    }
    const marks = ELEMENTS.map(({ key, mark }) => [mark, this.article.querySelector(`[data-element="${key}"] .cc-element__head`)]);
    for (const [field, control] of [...this.fields, ["barriers", this.article.querySelector("#f-barrier")], ...marks]) {
      if (control) this.showHint(field, control);
    }
  }

  showHint(field, control) {
    const id = `hint-${field}`;
    let box = document.getElementById(id);
    const hints = this.notes.held[field];
    const wrong = this.notes.wrong[field];
    const key = JSON.stringify([hints, wrong]);
    if (box?.dataset.key === key) return;
    if (!hints && !wrong) {
      if (box) {
        const hadFocus = box.contains(document.activeElement);
        box.remove();
        describe(control, id, false);
        if (hadFocus) control.focus({ preventScroll: true });
      }
      return;
    }
    box?.remove();
    control.closest("details")?.setAttribute("open", "");
    box = element("div", { id, class: "cc-hint" });
    box.dataset.key = key;
    for (const message of wrong ?? []) box.append(element("p", { text: message, class: "cc-hint__wrong" }));
    const words = [...new Set((hints ?? []).map((hint) => hint.words))];
    for (const text of words) box.append(element("p", { text }));
    if (hints && !hints.some((hint) => hint.is_refused)) {
      const button = element("button", { text: "Keep it as it is", type: "button", class: "btn btn-outline-primary btn-sm" });
      button.addEventListener("click", () => this.notes.keepWords(field));
      box.append(button);
    }
    control.after(box);
    describe(control, id, true);
  }

  // What nobody touched is as it was; an element that somebody changed, or confirmed, stays as it is.
  allUnchanged() {
    const open = ELEMENTS.filter(({ mark }) => this.notes.value(mark) === "not_recorded");
    const buttons = open.map(({ key }) => this.article.querySelector(`[data-unchanged="${key}"]`)).filter(Boolean);
    for (const { dataset } of buttons) this.asBefore(dataset.unchanged, dataset.says);
    this.show();
    announce(buttons.length ? `${buttons.length} marked unchanged.` : "Nothing was left to confirm.");
    document.getElementById("f-notes").focus();
  }

  // Where a screen is low the decisions fold up, and say in a line what they hold.
  readyDecisions() {
    const box = this.article.querySelector("#decisions");
    box.open = !(document.body.classList.contains("cc-at-call") && matchMedia("(min-width: 64rem) and (max-height: 54.99rem)").matches);
    box.addEventListener("input", () => this.showDecided());
  }

  showDecided() {
    const said = [];
    for (const control of this.article.querySelectorAll("#decisions [data-field]")) {
      if (control.type === "checkbox" || !control.value) continue;
      const words = control.matches("select") ? control.selectedOptions[0]?.textContent : control.value;
      said.push(words.trim());
    }
    this.article.querySelector("#decided").textContent = said.join(" · ") || "None yet";
  }

  // As it was known before: `says` is "changed" where that is news to the last review.
  unchanged(name, says) {
    this.asBefore(name, says);
    this.show();
    const after = ELEMENTS.slice(ELEMENTS.findIndex(({ key }) => key === name) + 1);
    const next = after.map(({ key }) => this.article.querySelector(`[data-unchanged="${key}"]`)).find(Boolean);
    (next ?? document.getElementById("f-notes")).focus();
  }

  asBefore(name, says = "unchanged") {
    for (const [field, value] of Object.entries(this.basis[name] ?? {})) {
      if (this.notes.value(field) !== undefined && !same(this.notes.value(field), value)) {
        this.notes.edit(field, value, { isMark: true });
      }
    }
    this.notes.edit(`${name}_changed`, says);
  }

  takeOver(button) {
    const field = button.dataset.take;
    const value = button.dataset.value;
    if (field === "barriers") {
      const now = this.notes.value("barriers");
      this.notes.edit("barriers", [...new Set([...now, ...value.split("\n")])]);
    } else if (field === "location") {
      this.notes.edit(field, value);
    } else {
      const now = this.notes.value(field);
      const before = this.basis[field]?.[field] ?? "";
      this.notes.edit(field, !now || now === before ? value : `${now}\n${value}`);
    }
    this.show();
    const done = (is) => {
      button.textContent = is ? "Used" : "Used, but not marked so";
    };
    button.disabled = true;
    if (button.dataset.accept) {
      const detail = { url: button.dataset.accept, done };
      this.article.dispatchEvent(new CustomEvent("call:accept", { bubbles: true, detail }));
    } else done(true);
    (this.fields.get(field) ?? this.article.querySelector("#f-barrier"))?.focus();
  }

  // Barriers are a list: one line each, with its mark as systemic.
  readyBarriers() {
    this.list = this.article.querySelector("#barriers-list");
    const input = this.article.querySelector("#f-barrier");
    const add = () => {
      const words = input.value.trim();
      input.value = "";
      if (!words) return;
      this.notes.edit("barriers", [...new Set([...this.notes.value("barriers"), words])]);
      this.showBarriers();
    };
    this.article.querySelector("#barrier-add").addEventListener("click", () => {
      add();
      input.focus();
    });
    input.addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault();
      add();
    });
    input.addEventListener("change", add); // chosen, or left without Enter: it counts
  }

  showBarriers() {
    const barriers = this.notes.value("barriers") ?? [];
    const systemic = this.notes.value("systemic") ?? [];
    const key = JSON.stringify([barriers, systemic]);
    if (this.list.dataset.key === key) return;
    this.list.dataset.key = key;
    const focused = document.activeElement?.closest?.("#barriers-list") ? document.activeElement.dataset.place : null;
    this.list.replaceChildren(...barriers.map((words, place) => this.barrier(words, place, systemic.includes(words))));
    if (focused) (this.list.querySelector(`[data-place="${focused}"]`) ?? this.article.querySelector("#f-barrier")).focus();
  }

  barrier(words, place, isSystemic) {
    const row = element("li");
    const name = element("span", { text: words });
    const label = element("label");
    const box = element("input", { type: "checkbox", class: "form-check-input", "data-place": `s${place}` });
    box.checked = isSystemic;
    box.addEventListener("change", () => {
      const now = (this.notes.value("systemic") ?? []).filter((each) => each !== words);
      this.notes.edit("systemic", box.checked ? [...now, words] : now);
    });
    label.append(box, " Systemic", element("span", { text: `: ${words}`, class: "visually-hidden" }));
    const remove = element("button", { type: "button", class: "btn btn-link btn-sm", text: "Remove", "data-place": `r${place}` });
    remove.append(element("span", { text: ` ${words}`, class: "visually-hidden" }));
    remove.addEventListener("click", () => {
      this.notes.edit("systemic", (this.notes.value("systemic") ?? []).filter((each) => each !== words));
      this.notes.edit("barriers", this.notes.value("barriers").filter((each) => each !== words));
      this.showBarriers();
      say(null, `Removed: ${words}`, "Undo", () => this.putBack(words, place, box.checked));
    });
    row.append(name, label, remove);
    return row;
  }

  // A barrier that was removed, where it stood, as long as its household is shown.
  putBack(words, place, isSystemic) {
    stopTrouble();
    if (this.isClosed || this.notes.value("barriers").includes(words)) return;
    const barriers = this.notes.value("barriers").toSpliced(place, 0, words);
    this.notes.edit("barriers", barriers);
    if (isSystemic) this.notes.edit("systemic", [...(this.notes.value("systemic") ?? []), words]);
    this.showBarriers();
    this.list.querySelector(`[data-place="r${barriers.indexOf(words)}"]`).focus();
  }
}
