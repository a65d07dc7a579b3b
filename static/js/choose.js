// Households of the list are checked, one or many, and something is done for all of them at once.
// Works without script: the boxes are boxes, and the buttons stand below the list.

const boxes = () => [...document.querySelectorAll("[data-choose]")];
const form = () => document.querySelector("[data-chosen]");
const head = () => document.querySelector("[data-choose-all]");
const said = document.querySelector("#chosen-count");
let last = null;

// `gone`: how many are not shown any more, and so are not checked.
function tell(gone = 0) {
  const all = boxes();
  const checked = all.filter((box) => box.checked).length;
  const words = `${checked} checked` + (gone ? `. ${gone} no longer shown, and not checked any more` : "");
  if (said && (gone || checked || said.textContent)) said.textContent = words;
  if (!all.length || !form()) return;
  form().hidden = !checked && !gone;
  form().querySelector("[data-chosen-count]").textContent = words;
  form().querySelector("[data-chosen-acts]").hidden = !checked;
  head().checked = checked === all.length;
  head().indeterminate = checked > 0 && !head().checked;
  for (const box of all) box.closest("tr").toggleAttribute("data-is-chosen", box.checked);
}

function set(which, isChecked) {
  for (const box of which) box.checked = isChecked;
  tell();
}

// All from the last one that was checked to this one.
function reach(box) {
  const all = boxes();
  if (!all.includes(last)) return [box];
  const [from, to] = [all.indexOf(last), all.indexOf(box)].sort((one, other) => one - other);
  return all.slice(from, to + 1);
}

document.addEventListener("click", (event) => {
  const box = event.target;
  if (box.matches("[data-choose]")) {
    set(event.shiftKey ? reach(box) : [box], box.checked);
    last = box;
  } else if (box.matches("[data-choose-all]")) set(boxes(), box.checked);
  else if (box.matches("[data-chosen-none]")) {
    event.preventDefault();
    set(boxes(), false);
    head().focus();
  }
});
// Up and down from box to box; with Shift those passed are checked, too.
document.addEventListener("keydown", (event) => {
  const all = boxes();
  const step = all.includes(event.target) && { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const next = step && all[all.indexOf(event.target) + step];
  if (!next) return;
  event.preventDefault();
  if (event.shiftKey) set([event.target, next], true);
  last = next;
  next.focus();
});

// What only script can do: check all, and none.
function begin() {
  if (!form() || !boxes().length) return;
  form().querySelector("[data-chosen-none]").hidden = false;
  const all = document.createElement("input");
  all.type = "checkbox";
  all.className = "form-check-input cc-choose";
  all.dataset.chooseAll = "";
  all.setAttribute("aria-label", "Check all on this page");
  document.querySelector(".cc-table thead th").prepend(all);
}

// Where the list changes, who is still shown stays checked: nothing is done for whom nobody sees.
let kept = [];
document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.target.id !== "list") return;
  kept = boxes().filter((box) => box.checked).map((box) => box.value);
});
document.addEventListener("htmx:afterSwap", (event) => {
  if (event.target.id !== "list") return;
  begin();
  last = null;
  const still = boxes().filter((box) => kept.includes(box.value));
  for (const box of still) box.checked = true;
  tell(kept.length - still.length);
});
addEventListener("pageshow", () => tell()); // a browser that goes back keeps what was checked
begin();
tell();
