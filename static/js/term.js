// The "?" beside a term opens its entry of the glossary in place. Without script it is a link there.

import { placeBeside } from "./beside.js";

const card = Object.assign(document.createElement("div"), { className: "cc-term-card", popover: "auto", role: "dialog", tabIndex: -1 });
const name = Object.assign(document.createElement("p"), { id: "term-name", className: "cc-term-card__name" });
const words = document.createElement("p");
const more = Object.assign(document.createElement("a"), { textContent: "Open the glossary" });
const close = Object.assign(document.createElement("button"), { type: "button", className: "btn btn-outline-primary btn-sm", textContent: "Close" });
const foot = Object.assign(document.createElement("p"), { className: "cc-term-card__foot" });
foot.append(close, more);
card.setAttribute("aria-labelledby", name.id);
card.append(name, words, foot);
let link;

// Before htmx, which would fetch the glossary in place of a part of the page.
document.addEventListener(
  "click",
  (event) => {
    const pressed = event.target.closest?.(".cc-term");
    if (!pressed || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    open(pressed);
  },
  { capture: true },
);
close.addEventListener("click", () => card.hidePopover());
card.addEventListener("toggle", ({ newState }) => {
  // Whoever pressed elsewhere is there already.
  if (newState === "closed" && [document.body, null, card].includes(document.activeElement)) link.focus();
});

function open(pressed) {
  link = pressed;
  name.textContent = link.dataset.term;
  words.textContent = link.dataset.words;
  more.href = link.href;
  if (!card.isConnected) document.querySelector("main").append(card);
  if (card.matches(":popover-open")) card.hidePopover();
  card.showPopover();
  placeBeside(card, link);
  card.focus();
}
