// The facilitator's bar: the household's clock, the pace of the hour, who was not heard, and Next, which asks in place.

import { announce } from "./announce.js";
import { secondsGone } from "./clock.js";
import { clockOf } from "./minutes.js";
import { refresh } from "./parts.js";

const place = document.getElementById("steer");
const ON_TIME = 60; // seconds
let since = 0; // when the household on the table had no second yet
let asking = ""; // the household of which Next asks

export async function refreshSteer() {
  if (!place) return;
  const id = place.contains(document.activeElement) ? document.activeElement.id : "";
  await refresh(place, place.dataset.part);
  ready();
  // what had the focus may be a part of the question, which is seen again only now
  if (id && document.getElementById(id)?.checkVisibility()) document.getElementById(id).focus({ preventScroll: true });
  else if (id && document.activeElement === place) document.getElementById("go-next").focus({ preventScroll: true });
}

const bar = () => document.getElementById("steer-now");

function ready() {
  const { seconds, review } = bar().dataset;
  since = review ? Date.now() - Number(seconds) * 1000 : 0;
  const ask = document.getElementById("steer-ask");
  const wasAsking = asking === review ? asking : "";
  asking = "";
  tick();
  if (!wasAsking) return;
  if (ask) {
    asking = wasAsking;
    ask.hidden = false;
  } else document.getElementById("go-on").click(); // finished meanwhile: that was the question
}

export function tellUnheard() {
  const found = document.getElementById("unheard");
  const line = document.getElementById("steer-unheard");
  if (!line) return;
  const words = found ? found.lastChild.textContent.trim() : "";
  line.hidden = !words;
  line.querySelector("span").textContent = words;
}

function tick() {
  if (!bar()) return;
  const planned = Number(bar().dataset.planned ?? 0) * 60;
  const used = since ? Math.max(0, Math.floor((Date.now() - since) / 1000)) : 0;
  const clock = document.getElementById("steer-clock");
  if (clock) {
    clock.textContent = clockOf(used);
    clock.classList.toggle("is-over", used > planned);
  }
  const behind = secondsGone() - Number(bar().dataset.expected) - Math.min(used, planned);
  const minutes = Math.round(Math.abs(behind) / 60);
  const pace = document.getElementById("steer-pace");
  const words = Math.abs(behind) < ON_TIME ? "on time" : `${minutes} min ${behind > 0 ? "behind" : "ahead"}`;
  if (pace.textContent !== words) pace.textContent = words;
  pace.classList.toggle("is-behind", behind >= ON_TIME);
}

const isAsked = () => document.getElementById("steer-ask")?.hidden === false;

// As things stand now: whoever takes notes may have finished the household since the bar was drawn.
async function askFirst() {
  asking = bar().dataset.review;
  await refreshSteer().catch(ready);
  if (!isAsked()) return;
  document.querySelector("#steer-ask button").focus();
  announce(document.getElementById("steer-asks").textContent);
}

function stay() {
  asking = "";
  document.getElementById("steer-ask").hidden = true;
  document.getElementById("go-next").focus();
}

if (place) {
  ready();
  setInterval(tick, 1000);
  // Before the act itself hears of it: an unfinished household is asked about first, and a second click is none.
  document.addEventListener(
    "click",
    (event) => {
      if (event.target.closest("#ask-stay")) stay();
      const isNext = event.target.closest("#go-next");
      if (!isNext && event.target.closest("#steer [data-act]")) asking = ""; // answered
      if (!isNext || !(bar().dataset.asks || event.detail > 1)) return;
      event.preventDefault();
      event.stopPropagation();
      if (!asking && event.detail < 2) askFirst();
    },
    { capture: true },
  );
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !event.defaultPrevented && isAsked() && !document.querySelector("dialog[open]")) stay();
  });
}
