// A person is typed instead of searched for in a long list: a combobox with a list (WAI-ARIA 1.2) over the select that
// keeps the value. By name or agency, in any order of the words, without marks; who is here comes first.

import { placeBeside } from "../beside.js";
import { announce } from "./announce.js";

const MOST = 8;
export const folded = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
const wordsOf = (text) => folded(text).split(/[^\p{L}\p{N}]+/u).filter(Boolean);
const here = () => new Set([...document.querySelectorAll("#people [data-user]")].map((row) => row.dataset.user));

// The name; of one of two who have the same, with the agency.
function labelOf(option) {
  const name = option.textContent.trim();
  const isOneOfTwo = [...option.closest("select").options].some((each) => each !== option && each.textContent.trim() === name);
  return isOneOfTwo ? `${name}, ${option.closest("optgroup")?.label ?? ""}` : name;
}

// `[{value, name, label, agency, isHere}]` of a select, who is here first.
export function peopleOf(select) {
  const present = here();
  const people = [...select.options].filter((option) => option.value).map((option) => ({
    value: option.value,
    name: option.textContent.trim(),
    label: labelOf(option),
    agency: option.closest("optgroup")?.label ?? "",
    isHere: present.has(option.dataset.user),
  }));
  return people.sort((one, other) => other.isHere - one.isHere);
}

// Those of whom each typed word begins a word of the name or the agency.
export function matching(people, typed) {
  const words = wordsOf(typed);
  const isMeant = (person) => {
    const own = wordsOf(`${person.name} ${person.agency}`);
    return words.every((word) => own.some((each) => each.startsWith(word)));
  };
  const byName = (person) => words.every((word) => wordsOf(person.name).some((each) => each.startsWith(word)));
  const found = people.filter(isMeant);
  return found.sort((one, other) => other.isHere - one.isHere || byName(other) - byName(one));
}

export class Combobox {
  constructor(select) {
    this.select = select;
    this.input = document.createElement("input");
    this.list = document.createElement("ul");
    this.active = -1;
    const id = `${select.id}-typed`;
    const label = document.querySelector(`label[for="${select.id}"]`);
    label.htmlFor = id;
    label.id ||= `${select.id}-label`;
    Object.assign(this.input, { id, type: "text", autocomplete: "off", className: "form-control", role: "combobox", spellcheck: false });
    for (const [name, value] of Object.entries({ autocomplete: "list", expanded: "false", controls: `${id}-list` })) {
      this.input.setAttribute(`aria-${name}`, value);
    }
    const told = select.getAttribute("aria-describedby");
    if (told) this.input.setAttribute("aria-describedby", told);
    Object.assign(this.list, { id: `${id}-list`, className: "cc-combo__list", role: "listbox" });
    this.list.setAttribute("aria-labelledby", label.id);
    this.told = document.createElement("p");
    this.told.className = "cc-combo__told";
    this.sheet = document.createElement("div");
    Object.assign(this.sheet, { className: "cc-combo__sheet", popover: "manual" });
    this.sheet.append(this.list, this.told);
    const box = document.createElement("div");
    select.before(box);
    box.append(this.input, this.sheet, select);
    select.hidden = true;
    this.followSelect();
    this.listen();
    this.show();
  }

  // Whoever sets the value, or wants the focus there, means the field that is seen.
  followSelect() {
    const { get, set } = Object.getOwnPropertyDescriptor(HTMLSelectElement.prototype, "value");
    const { select } = this;
    Object.defineProperty(select, "value", {
      get: () => get.call(select),
      set: (value) => {
        const isTyped = document.activeElement === this.input && !this.isShown;
        set.call(select, value);
        if (!isTyped) this.show(); // what somebody else chose does not overwrite what is being typed
      },
    });
    select.focus = (...how) => this.input.focus(...how);
    select.seen = this.input;
  }

  listen() {
    const { input, list } = this;
    input.addEventListener("input", () => this.open(input.value));
    input.addEventListener("click", () => this.isOpen || this.open(""));
    input.addEventListener("focus", () => input.select());
    input.addEventListener("blur", () => {
      if (document.hasFocus()) this.settle({ isLeft: true });
    });
    input.addEventListener("keydown", (event) => this.key(event));
    this.sheet.addEventListener("mousedown", (event) => event.preventDefault()); // the focus stays in the field
    list.addEventListener("click", (event) => {
      const row = event.target.closest("[role=option]");
      if (row) this.take(row.dataset.value);
    });
  }

  key(event) {
    const { key } = event;
    if (key === "ArrowDown" || key === "ArrowUp") {
      event.preventDefault();
      if (!this.isOpen) {
        this.open(this.isShown ? "" : this.input.value);
        this.isMoved = !this.chosen;
      } else if (this.found.length) {
        this.isMoved = true;
        this.mark((this.active + (key === "ArrowDown" ? 1 : -1) + this.found.length) % this.found.length);
      }
    } else if (key === "Escape" && this.isOpen) {
      event.preventDefault();
      event.stopPropagation();
      this.close();
      this.show();
    } else if (key === "Enter") {
      const wasOpen = this.isOpen;
      const isSent = event.ctrlKey || event.metaKey; // with the form, before anybody has read who it is
      this.settle({ isLeft: isSent });
      if (wasOpen && !isSent) event.preventDefault(); // it takes; the next one sends
    } else if (key === "Tab") this.settle();
  }

  get isOpen() {
    return this.sheet.matches(":popover-open");
  }

  get chosen() {
    return this.select.selectedOptions[0]?.value ? labelOf(this.select.selectedOptions[0]) : "";
  }

  // What stands in the field is whom the select has.
  get isShown() {
    return this.input.value.trim() === this.chosen;
  }

  show() {
    this.input.value = this.chosen;
    this.input.placeholder = this.select.options[0]?.textContent ?? "";
    this.input.removeAttribute("aria-invalid");
  }

  open(typed) {
    const all = matching(peopleOf(this.select), typed);
    this.found = all.slice(0, MOST);
    this.isMoved = false;
    this.list.replaceChildren(...this.found.map((person, place) => this.row(person, place)));
    const many = `${all.length} ${all.length === 1 ? "person" : "people"}`;
    const words = all.length > MOST ? `First ${MOST} of ${many}` : many;
    this.told.textContent = all.length ? (all.length > MOST ? `${words}. Type more to narrow it.` : "") : "No match by name or agency";
    this.told.hidden = !this.told.textContent;
    announce(all.length ? `${words}.` : "No match by name or agency.");
    if (!this.isOpen) this.sheet.showPopover();
    this.input.setAttribute("aria-expanded", String(all.length > 0));
    this.place();
    this.stay?.abort();
    this.stay = new AbortController();
    for (const name of ["scroll", "resize"]) window.addEventListener(name, () => this.place(), { capture: true, signal: this.stay.signal });
    if (this.found.length) this.mark(0);
    else this.input.removeAttribute("aria-activedescendant");
  }

  place() {
    placeBeside(this.sheet, this.input);
  }

  row(person, place) {
    const row = document.createElement("li");
    Object.assign(row, { id: `${this.list.id}-${place}`, role: "option" });
    row.dataset.value = person.value;
    const agency = document.createElement("small");
    agency.textContent = person.agency;
    row.append(person.name, agency);
    if (person.isHere) {
      const mark = document.createElement("span");
      Object.assign(mark, { className: "cc-tag cc-tag--good", textContent: "Here" });
      row.append(mark);
    }
    return row;
  }

  mark(place) {
    this.active = place;
    for (const [number, row] of [...this.list.children].entries()) {
      row.setAttribute("aria-selected", String(number === place));
      if (number !== place) continue;
      this.input.setAttribute("aria-activedescendant", row.id);
      row.scrollIntoView({ block: "nearest" });
    }
  }

  close() {
    if (this.isOpen) this.sheet.hidePopover();
    this.stay?.abort();
    this.stay = null;
    this.isMoved = false;
    this.active = -1;
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
  }

  take(value) {
    this.close();
    const isOther = this.select.value !== value;
    this.select.value = value;
    this.show();
    if (isOther) this.select.dispatchEvent(new Event("change", { bubbles: true }));
  }

  // On Enter and Tab the one that is marked is taken; where the field is only left, the one whom the words mean alone.
  settle({ isLeft = false } = {}) {
    if (this.isOpen && this.isMoved) this.take(this.found[this.active].value);
    else if (this.isShown) this.close();
    else if (!this.input.value.trim()) this.take("");
    else if (this.isOpen && this.found.length && (!isLeft || this.found.length === 1)) this.take(this.found[this.active].value);
    else this.takeNobody();
  }

  // Words that mean nobody, or several. What saves itself stays as it was; of a form the field is empty, so that nothing is
  // assigned to whom it had before.
  takeNobody() {
    this.close();
    if (this.select.dataset.field) {
      const { chosen } = this;
      this.show();
      announce(chosen ? `No match. ${chosen} is still selected.` : "No match.");
      return;
    }
    const typed = this.input.value;
    this.take("");
    this.input.value = typed;
    this.input.setAttribute("aria-invalid", "true");
  }
}
