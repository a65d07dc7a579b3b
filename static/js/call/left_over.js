// What was typed on the page of a call and came too late for it. The browser keeps it as ciphertext: here it is offered
// to who typed it, as words to add to the minutes.

import { forget, HALF, hasDrafts, recall } from "./drafts.js";
import { LABELS } from "./field_names.js";

const place = document.getElementById("left-over");
const data = JSON.parse(document.getElementById("left-over-data").textContent);

function show(field, value) {
  if (Array.isArray(value)) return value.join("; ") || "none";
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (field === "navigator") return value ? "somebody was chosen; say who" : "nobody";
  if (field === "target_on" && value) return day(value);
  return data.choices[field]?.[value] ?? (value || "(taken out)");
}

function day(value) {
  return new Date(`${value}T12:00`).toLocaleDateString("en-US", { year: "numeric", month: "long", day: "numeric" });
}

function linesOfNotes(draft) {
  const typed = Object.entries(draft?.typed ?? {}).filter(([field]) => field in LABELS && !field.endsWith("_changed"));
  return typed.map(([field, value]) => `${LABELS[field]}: ${show(field, value)}`);
}

function linesOfHalf(half) {
  const fields = new Map((half?.fields ?? []).map(([id, value, text]) => [id, value && (text || value)]));
  const lines = [];
  const joined = (...parts) => parts.filter(Boolean).join("; ");
  if (fields.get("s-what")) {
    const due = fields.get("s-due") && `due ${day(fields.get("s-due"))}`;
    const isCritical = fields.get("s-critical") && "critical";
    lines.push(`Step, not assigned: ${joined(fields.get("s-what"), fields.get("s-person"), due, isCritical)}`);
  }
  for (const [id, line] of fields) {
    if (id.startsWith("l-") && line) lines.push(`Update, not saved: ${joined(fields.get(`p-${id.slice(2)}`), line)}`);
  }
  if (fields.get("f-barrier")) lines.push(`Barrier, not added: ${fields.get("f-barrier")}`);
  return lines;
}

// `Map` of review to its words, of those of which something is left.
async function leftOver() {
  const found = new Map();
  const drafts = new Map(hasDrafts() ? await recall() : []);
  for (const name of drafts.keys()) {
    const review = name.replace(HALF, "");
    const words = [...linesOfNotes(drafts.get(review)), ...linesOfHalf(drafts.get(HALF + review))].join("\n");
    if (words) found.set(review, words);
  }
  return found;
}

function letGo(review) {
  forget(review);
  forget(HALF + review);
}

function element(tag, text, attributes = {}) {
  const made = document.createElement(tag);
  made.textContent = text;
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}

function offer(review, words) {
  const household = data.households[review] ?? { label: "A household of this call", may_add: false };
  const box = element("div", "");
  const name = element("h3", "");
  name.append(element("bdi", household.label));
  const acts = element("p", "", { class: "cc-buttons" });
  const hidden = () => element("span", `: ${household.label}`, { class: "visually-hidden" });
  if (household.may_add) {
    const add = element("a", "Add it to the minutes", { class: "btn btn-primary", href: `${place.dataset.addUrl}?about=${review}` });
    add.append(hidden());
    acts.append(add);
  } else {
    box.append(element("p", "Only who ran the call, or keeps the record, adds to its minutes: tell your CE Specialist."));
  }
  const discard = element("button", "Discard it", { type: "button", class: "btn btn-outline-primary" });
  discard.append(hidden());
  discard.addEventListener("click", () => {
    if (!discard.dataset.isAsked) {
      discard.dataset.isAsked = "1";
      discard.firstChild.textContent = "Press again to discard it for good";
      return;
    }
    letGo(review);
    box.remove();
    if (!place.querySelector("h3")) place.hidden = true;
    const next = place.hidden ? document.querySelector("h1") : place.querySelector("h2");
    next.tabIndex = -1;
    next.focus();
  });
  acts.append(discard);
  box.prepend(name, element("p", words, { class: "cc-pre", dir: "auto" }));
  box.append(acts);
  place.append(box);
}

async function offerAll() {
  const address = new URL(location.href);
  const added = address.searchParams.get("added");
  if (added) {
    letGo(added);
    address.searchParams.delete("added");
    history.replaceState(null, "", address);
  }
  const left = await leftOver();
  for (const [review, words] of left) offer(review, words);
  place.hidden = left.size === 0;
}

// On the form of an addendum: the words stand in it already, to be changed before they are added.
async function fillIn(form) {
  const review = place.dataset.about;
  const words = (await leftOver()).get(review);
  const area = form.elements.words;
  if (!words || (area.value && area.value !== words)) return;
  area.value = words;
  form.elements.is_left_over.value = "on";
  place.hidden = false;
}

const form = document.querySelector("main form:has([name=is_left_over])");
(form ? fillIn(form) : offerAll()).catch(() => {}); // without the key nothing is shown, and nothing is lost
