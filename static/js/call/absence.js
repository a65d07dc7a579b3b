// Signed out in mid-sentence: the page stays, the sign-in comes beside it. "call:back" says that one is here again.

import { announce } from "./announce.js";
import { forgetKey } from "./drafts.js";
import { keepSaying, stopSaying } from "./notices.js";
import { ask, takeSession } from "./server.js";

const data = document.getElementById("call").dataset;
const AT_WORK_MS = 60_000;
let isOut = false;
let isClosed = false;

// Nobody is here: signed out, or the call is closed.
export const isAway = () => isOut || isClosed;

export function endOfCall(words, way, go) {
  isClosed = true;
  keepSaying(words, way, go);
}

function signedOut() {
  if (isAway()) return;
  isOut = true;
  keepSaying(
    "You were signed out. What you wrote stays on this page and is saved once you have signed in again.",
    "Sign in again here",
    () => window.open(data.signIn, "sign-in", "popup,width=520,height=720"),
  );
  document.dispatchEvent(new CustomEvent("call:away"));
}
document.addEventListener("call:signed-out", signedOut);
document.addEventListener("session:ended", (event) => {
  event.preventDefault();
  signedOut();
});

async function comeBack() {
  if (!isOut || isClosed) return;
  const state = await takeSession().catch(() => "out");
  if (state === "other") keepSaying("Somebody else signed in in this browser. What stands here is not sent in their name.");
  if (state !== "back") return;
  isOut = false;
  stopSaying();
  announce("You are signed in again.");
  forgetKey();
  document.dispatchEvent(new CustomEvent("call:back"));
}
if ("BroadcastChannel" in window) {
  new BroadcastChannel("conferencing-signed-in").addEventListener("message", comeBack);
  // any page of the site that somebody is signed in to tells how long its session lasts (session.js)
  new BroadcastChannel("conferencing-session").addEventListener("message", (event) => {
    if (!event.data.hasEnded) comeBack();
  });
}
window.addEventListener("focus", comeBack);

// Whoever types or clicks here is at work: the session's clock hears of it at most once a minute.
let toldAt = Date.now();
function atWork() {
  const url = document.body.dataset.sessionUrl;
  if (!url || isAway() || Date.now() - toldAt < AT_WORK_MS) return;
  toldAt = Date.now();
  ask(url, { method: "POST" })
    .then((response) => {
      const left = response.headers.get("X-Seconds-Left");
      document.dispatchEvent(new CustomEvent("session:renewed", { detail: left === null ? undefined : Number(left) }));
    })
    .catch(() => {});
}
document.addEventListener("input", atWork);
document.addEventListener("click", atWork);
