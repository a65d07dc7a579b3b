// What the page tells besides: a box at the foot, and a line beside the household. Neither takes the focus.

import { announce } from "./announce.js";

const away = document.getElementById("away");
const words = document.getElementById("away-words");
const button = document.getElementById("away-sign-in");
let isKept = false;

// Something for the moment; at `place` if there is one, else in the box, which goes by itself.
export function say(place, text) {
  if (place) {
    place.hidden = false;
    place.textContent = text;
    return;
  }
  if (isKept) return;
  away.hidden = false;
  words.textContent = text;
  button.hidden = true;
  setTimeout(() => {
    if (!isKept) away.hidden = true;
  }, 8000);
}

// Something that stays until it is settled, with one way on.
export function keepSaying(text, way, go) {
  isKept = true;
  away.hidden = false;
  words.textContent = text;
  if (!way) return;
  button.hidden = false;
  button.textContent = way;
  button.onclick = go;
}

export function stopSaying() {
  isKept = false;
  away.hidden = true;
}

// A line with one way on, beside the household's name, which stays in sight; the focus stays where it is.
export function showBar(id, words, way, go) {
  const bar = document.createElement("p");
  bar.id = id;
  bar.className = "cc-moved-on";
  const button = document.createElement("button");
  button.type = "button";
  button.className = "btn btn-primary btn-sm";
  button.textContent = way;
  button.addEventListener("click", go);
  bar.append(`${words} `, button);
  const household = document.getElementById("household");
  (household.querySelector(".cc-household__name") ?? household).prepend(bar);
  announce(words);
}
