// The fields of the household on the page, bound to its notes.

import { same } from "./notes.js";

const MARK_WORDS = { changed: "Changed", unchanged: "Unchanged", not_recorded: "Not confirmed yet" };
const OF_ELEMENT = {
  location: ["location", "location_words"],
  preferences: ["preferences"],
  barriers: ["barriers"],
  safety: ["safety"],
};

function element(tag, { text, ...attributes } = {}) {
  const made = document.createElement(tag);
  if (text !== undefined) made.textContent = text;
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}

export class Editor {
  constructor(article, notes) {
    this.article = article;
    this.notes = notes;
    const former = document.getElementById("v-former");
    this.former = former ? JSON.parse(former.textContent) : {};
    this.fields = new Map();
    for (const control of article.querySelectorAll("[data-field]")) {
      this.fields.set(control.dataset.field, control);
      const event = control.matches("select, [type=checkbox], [type=date]") ? "change" : "input";
      control.addEventListener(event, () => this.notes.edit(control.dataset.field, this.read(control)));
    }
    for (const button of article.querySelectorAll("[data-unchanged]")) {
      button.addEventListener("click", () => this.unchanged(button.dataset.unchanged));
    }
    for (const button of article.querySelectorAll("[data-take]")) {
      button.addEventListener("click", () => this.takeOver(button));
    }
    this.readyBarriers();
    this.onMerged = () => this.show();
    this.onState = () => this.showState();
    notes.addEventListener("merged", this.onMerged);
    notes.addEventListener("state", this.onState);
    this.show();
    this.showState();
  }

  close() {
    this.notes.removeEventListener("merged", this.onMerged);
    this.notes.removeEventListener("state", this.onState);
  }

  read(control) {
    return control.type === "checkbox" ? control.checked : control.value;
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
    for (const mark of this.article.querySelectorAll("[data-mark]")) {
      const value = this.notes.value(mark.dataset.mark);
      mark.textContent = MARK_WORDS[value] ?? "";
      mark.dataset.state = value;
    }
    for (const [field, control] of [...this.fields, ["barriers", this.article.querySelector("#f-barrier")]]) {
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
        control.removeAttribute("aria-describedby");
        if (hadFocus) control.focus({ preventScroll: true });
      }
      return;
    }
    box?.remove();
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
    control.setAttribute("aria-describedby", id);
  }

  unchanged(name) {
    const mark = `${name}_changed`;
    for (const field of OF_ELEMENT[name]) {
      if (field in this.former && this.notes.value(field) !== undefined && !same(this.notes.value(field), this.former[field])) {
        this.notes.edit(field, this.former[field], { isMark: true });
      }
    }
    this.notes.edit(mark, "unchanged");
    this.show();
    const names = Object.keys(OF_ELEMENT);
    const next = names[names.indexOf(name) + 1];
    const goal = next ? this.article.querySelector(`[data-unchanged="${next}"]`) : document.getElementById("f-notes");
    goal?.focus();
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
      const before = this.former[field] ?? "";
      this.notes.edit(field, !now || now === before ? value : `${now}\n${value}`);
    }
    this.show();
    button.textContent = "Taken over";
    button.disabled = true;
    if (button.dataset.accept) this.article.dispatchEvent(new CustomEvent("call:accept", { bubbles: true, detail: button.dataset.accept }));
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
    });
    row.append(name, label, remove);
    return row;
  }
}

// The dialog where two texts stand side by side.
export function askAboutConflict(notes, article) {
  const dialog = document.getElementById("conflict");
  if (dialog.open || !notes.conflict) return;
  const { fields, by } = notes.conflict;
  document.getElementById("conflict-who").textContent =
    `${by || "Somebody"} saved this household after you began to write. Nothing is lost: choose for each text.`;
  const holder = document.getElementById("conflict-fields");
  holder.replaceChildren();
  const texts = new Map();
  for (const field of fields) {
    const label = article?.querySelector(`label[for="f-${field}"]`)?.textContent ?? field.replaceAll("_", " ");
    const title = article?.querySelector(`[data-element="${field}"] h4`)?.textContent ?? label;
    const theirs = words(notes.server[field]);
    const mine = words(notes.typed[field]);
    const group = element("fieldset", { class: "cc-conflict" });
    group.append(element("legend", { text: title }));
    const both = element("div", { class: "cc-conflict__both" });
    both.append(side("Theirs", theirs), side("Yours", mine));
    const area = element("textarea", { class: "form-control", rows: "4", id: `merge-${field}` });
    area.value = mine;
    const choose = element("div", { class: "cc-buttons" });
    for (const [name, text] of [["Take theirs", theirs], ["Take mine", mine], ["Take both", `${theirs}\n${mine}`]]) {
      const button = element("button", { type: "button", text: name, class: "btn btn-outline-primary btn-sm" });
      button.addEventListener("click", () => {
        area.value = text;
      });
      choose.append(button);
    }
    group.append(both, choose, element("label", { text: "What will be saved", for: `merge-${field}` }), area);
    holder.append(group);
    texts.set(field, area);
  }
  document.getElementById("conflict-done").onclick = () => {
    const chosen = {};
    for (const [field, area] of texts) chosen[field] = back(notes.typed[field], area.value);
    dialog.close();
    notes.decide(chosen);
    notes.dispatchEvent(new CustomEvent("merged"));
  };
  // It must be decided: nothing is overwritten unseen. A second Escape closes without asking.
  dialog.oncancel = (event) => event.preventDefault();
  dialog.onclose = () => askAboutConflict(notes, article);
  dialog.showModal();
}

const words = (value) => (Array.isArray(value) ? value.join("\n") : String(value ?? ""));
function back(like, text) {
  if (Array.isArray(like)) return [...new Set(text.split("\n").map((each) => each.trim()).filter(Boolean))];
  return typeof like === "boolean" ? text === "true" : text;
}
function side(title, text) {
  const box = element("div");
  box.append(element("p", { text: title, class: "cc-conflict__side" }), element("p", { text: text || "(empty)", class: "cc-pre" }));
  return box;
}
