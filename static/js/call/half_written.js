// What waits for its own button (a step, a report, a barrier) stays when another household is shown, by household.

const householdPlace = document.getElementById("household");
const WAITS = "#step-form [name], #f-barrier, [data-report] [name]";
const aside = new Map();
const waiting = () => [...householdPlace.querySelectorAll(WAITS)].filter((field) => field.id);
export const isHalfWritten = () => waiting().some((field) => field.matches("input:not([type=date])") && field.value.trim());

export function setAside(shown) {
  if (!shown) return;
  if (isHalfWritten()) aside.set(shown, waiting().map((field) => [field.id, field.value]));
  else aside.delete(shown);
}
export function takeUp(shown) {
  for (const [id, value] of aside.get(shown) ?? []) {
    const field = document.getElementById(id);
    if (!field) continue;
    field.value = value;
    if (value && field.closest("details")) field.closest("details").open = true;
  }
  aside.delete(shown);
}
export const isSomethingAside = () => aside.size > 0;
