// What is open for the household on the table: asked for anew each time it is unfolded, for facts are filled in beside.

import { refresh } from "./parts.js";

document.addEventListener("toggle", (event) => {
  const fold = event.target;
  if (!(fold instanceof HTMLDetailsElement) || !fold.matches("[data-openings]") || !fold.open) return;
  const place = fold.querySelector("[data-from]");
  refresh(place, place.dataset.from).catch(() => {}); // the page says by itself when it hears nothing
}, true);
document.addEventListener("keydown", (event) => {
  const fold = event.key === "Escape" && document.querySelector("details[data-openings][open]");
  if (!fold) return;
  fold.open = false;
  if (fold.contains(document.activeElement)) fold.querySelector("summary").focus();
});
