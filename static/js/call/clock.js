// The clock of the call, and that of the household on the table: a quiet signal at the planned minutes.

import { announce } from "./announce.js";
import { clockOf } from "./minutes.js";

const root = document.getElementById("call");
const skew = Number(root.dataset.now) * 1000 - Date.now();
let toldOver = "";
let tableBase = 0;
export function readyClock() {
  const clock = document.getElementById("table-clock");
  tableBase = clock ? Date.now() - Number(clock.dataset.seconds) * 1000 : 0;
}
// How long the call lasts, by the server's clock.
export const secondsGone = () => Math.max(0, Math.floor((Date.now() + skew) / 1000 - Number(root.dataset.began)));
setInterval(() => {
  const seconds = secondsGone();
  const clock = document.getElementById("call-clock");
  clock.textContent = clockOf(seconds);
  clock.classList.toggle("is-over", seconds > Number(root.dataset.minutes) * 60);
  const own = document.getElementById("table-clock");
  if (!own || !tableBase) return;
  const minutes = (Date.now() - tableBase) / 60_000;
  own.textContent = String(Math.floor(minutes));
  const isOver = minutes >= Number(own.dataset.planned);
  own.classList.toggle("is-over", isOver);
  const table = own.closest("li").querySelector("[data-review]").dataset.review;
  if (isOver && toldOver !== table) {
    toldOver = table;
    announce("The minutes planned for this household are used.");
  }
}, 1000);
