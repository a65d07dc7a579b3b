// A filter, the order or a page of the list changes: the list alone is put in, and the keyboard goes on from where it was.

const CHIPS = ".cc-chips a";
const list = () => document.querySelector("#list");
let chip = -1;

document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.target.id !== "list") return;
  chip = [...document.querySelectorAll(CHIPS)].indexOf(document.activeElement);
});
// htmx finds again what has an id. A filter that was taken away is followed by the next one.
document.addEventListener("htmx:afterSwap", (event) => {
  if (event.target.id !== "list") return;
  const focused = document.activeElement;
  if (focused && focused !== document.body && focused.checkVisibility()) return;
  const chips = [...document.querySelectorAll(CHIPS)];
  const next = chip >= 0 && chips[Math.min(chip, chips.length - 1)];
  (next || document.querySelector("#list-more")).focus({ preventScroll: true });
});
// Not answered: as without script.
for (const name of ["htmx:sendError", "htmx:responseError", "htmx:timeout"]) {
  document.addEventListener(name, (event) => {
    const { elt, target } = event.detail;
    if (target?.id !== "list" || !list()) return;
    if (elt.matches("form")) elt.submit();
    else if (elt.href) location.assign(elt.href);
  });
}
