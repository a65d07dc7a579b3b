// What waits for its own button (a step, a report, a barrier) stays when another household is shown, and over a reload:
// kept by household, beside the drafts of what saves itself.

import { HALF, keep } from "./drafts.js";
import { keysOfForms } from "./forms.js";

const householdPlace = document.getElementById("household");
const WAITS = "#step-form [name], #f-barrier, [data-report] [name]";
const WORDS = "input:not([type=date], [type=checkbox])";
const AFTER_MS = 300;
const aside = new Map();

const waiting = () => [...householdPlace.querySelectorAll(WAITS)].filter((field) => field.id);
export const isHalfWritten = () => waiting().some((field) => field.matches(WORDS) && field.value.trim());

// Each field with its value, and what a list shows for it; and the keys by which what is sent twice counts once.
function halfOfPage() {
  const fields = waiting().map((field) => [
    field.id,
    field.type === "checkbox" ? field.checked : field.value,
    field.selectedOptions?.[0]?.textContent.trim() ?? "",
  ]);
  return { fields, keys: Object.fromEntries(keysOfForms) };
}

export function setAside(shown) {
  if (!shown) return;
  if (isHalfWritten()) aside.set(shown, halfOfPage());
  else aside.delete(shown);
  keepHalf(shown);
}

export function takeUp(shown) {
  const half = aside.get(shown);
  aside.delete(shown);
  if (!half) return;
  for (const [form, key] of Object.entries(half.keys)) keysOfForms.set(form, key);
  for (const [id, value] of half.fields) {
    const field = document.getElementById(id);
    if (!field) continue;
    if (field.type === "checkbox") field.checked = value;
    else field.value = value;
    if (value && field.closest("details")) field.closest("details").open = true;
  }
}
export const isSomethingAside = () => aside.size > 0;

export async function keepHalf(shown) {
  clearTimeout(timer);
  if (shown) await keep(HALF + shown, isHalfWritten() ? halfOfPage() : null);
}

// Take over what the browser kept under this name, if it is of this kind.
export function bringBack(name, half) {
  if (!name.startsWith(HALF)) return false;
  aside.set(name.slice(HALF.length), half);
  return true;
}

let timer = null;
function soon(event) {
  if (!event.target.matches?.(WAITS)) return;
  clearTimeout(timer);
  timer = setTimeout(keepNow, AFTER_MS);
}
const keepNow = () => keepHalf(householdPlace.querySelector("[data-save]")?.dataset.review);
document.addEventListener("input", soon);
document.addEventListener("change", soon);
document.addEventListener("submit", keepNow);
document.addEventListener("call:done", keepNow);
