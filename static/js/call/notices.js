// What the page tells besides: a box at the foot, and a line beside the household. Neither takes the focus.

import { announce } from "./announce.js";

const away = document.getElementById("away");
const words = document.getElementById("away-words");
const button = document.getElementById("away-sign-in");
const told = document.getElementById("told");
const TROUBLE_MS = 12_000;
const DONE_MS = 6000;
let isKept = false;
let goesAt;

// What did not work: at `place` if there is one; where that is out of sight, or there is none, in the box as well, which
// goes by itself. `way` is a button of the box, with what it does.
export function say(place, text, way, go) {
  if (place) {
    place.hidden = false;
    place.textContent = text;
    if (isInSight(place)) return;
  }
  if (isKept) return;
  show(text, way, go);
  clearTimeout(goesAt);
  goesAt = setTimeout(() => {
    if (!isKept) away.hidden = true;
  }, TROUBLE_MS);
}

export function stopTrouble() {
  if (!isKept) away.hidden = true;
}

function isInSight(place) {
  const { top, bottom } = place.getBoundingClientRect();
  const bar = document.getElementById("call-bar").getBoundingClientRect().bottom;
  return top >= Math.max(bar, 0) && bottom <= window.innerHeight;
}

function show(text, way, go) {
  away.hidden = false;
  words.textContent = text;
  button.hidden = !way;
  if (!way) return;
  button.textContent = way;
  button.onclick = go;
}

// What worked, for a moment, wherever one is on the page.
let toldAt;
export function tell(text) {
  told.textContent = text;
  told.hidden = false;
  announce(text);
  clearTimeout(toldAt);
  toldAt = setTimeout(() => {
    told.hidden = true;
  }, DONE_MS);
}

// Something that stays until it is settled, with one way on.
export function keepSaying(text, way, go) {
  isKept = true;
  if (way) {
    show(text, way, go);
    return;
  }
  away.hidden = false; // the way on that stood there stays
  words.textContent = text;
}

export function stopSaying() {
  isKept = false;
  away.hidden = true;
}

// A line with one way on, beside the household's name, which stays in sight; the focus stays where it is.
export function showBar(id, text, way, go, key = "") {
  const bar = document.createElement("p");
  bar.id = id;
  bar.className = "cc-moved-on";
  const onward = document.createElement("button");
  onward.type = "button";
  onward.className = "btn btn-primary btn-sm";
  onward.textContent = way;
  if (key) {
    const sign = document.createElement("kbd");
    sign.dataset.key = key;
    sign.ariaHidden = "true";
    onward.append(" ", sign);
  }
  onward.addEventListener("click", go);
  bar.append(`${text} `, onward);
  const household = document.getElementById("household");
  (household.querySelector(".cc-household__name") ?? household).prepend(bar);
  announce(text);
}
