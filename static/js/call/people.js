// Numbers for “heard”, by key: whoever has one keeps it for the hour, however many come and go.

const root = document.getElementById("call").dataset;
const KEPT = `cc-numbers:${root.meeting}`;
const MOST = 9;
const numbers = new Map(JSON.parse(sessionStorage.getItem(KEPT) ?? "[]"));

export function numberPeople() {
  const buttons = [...document.querySelectorAll("#people [data-attendance]")];
  for (const button of buttons) {
    const row = button.dataset.attendance;
    if (!numbers.has(row)) give(row, buttons);
    const number = numbers.get(row);
    if (!number) continue;
    button.dataset.heard = number;
    const key = document.createElement("kbd");
    key.textContent = number;
    key.ariaHidden = "true";
    const who = button.closest("li").querySelector(".cc-people__who");
    if (!who.querySelector("kbd")) who.prepend(key, " ");
  }
  sessionStorage.setItem(KEPT, JSON.stringify([...numbers]));
}

// The next number; when all are given, that of somebody who is not here any more.
function give(row, buttons) {
  if (numbers.size < MOST) {
    numbers.set(row, numbers.size + 1);
    return;
  }
  const here = new Set(buttons.map((button) => button.dataset.attendance));
  const left = [...numbers].find(([each]) => !here.has(each));
  if (!left) return;
  numbers.delete(left[0]);
  numbers.set(row, left[1]);
}
