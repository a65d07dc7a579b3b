// Acts: buttons that tell the server something. Only its own answer counts.

import { say, stopTrouble, tell } from "./notices.js";
import { ask, SignedOut } from "./server.js";

export const NOT_DONE = "That was not done: the server did not answer. Try again.";

// `flush`: wait until what is written is saved, false if it cannot be; `poll`: look what changed; `goTo`: a household.
export function readyActs({ flush, poll, goTo }) {
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-act]");
    if (!button) return;
    event.preventDefault();
    const menu = button.closest("details[data-menu]");
    if (menu) {
      menu.open = false;
      menu.querySelector("summary").focus({ preventScroll: true });
    }
    if (button.getAttribute("aria-busy") !== "true") act(button, { flush, poll, goTo });
  });
}

const NOT_SENT = new Set(["act", "actError", "actSaid", "actThen", "afterSave", "heard"]);

async function act(button, { flush, poll, goTo }) {
  const { act: url, actError, actSaid, actThen, afterSave } = button.dataset;
  let isDone = false;
  const form = {};
  for (const [name, value] of Object.entries(button.dataset)) {
    if (name.startsWith("act") && !NOT_SENT.has(name)) form[name.slice(3).toLowerCase()] = value;
  }
  const place = actError && document.getElementById(actError);
  if (place) place.hidden = true;
  button.setAttribute("aria-busy", "true");
  try {
    if (afterSave && !(await flush(afterSave === "1" ? "" : afterSave))) {
      say(place, "What you wrote is not saved yet. Press again once it is.");
      return;
    }
    const response = await ask(url, { method: "POST", form });
    if (response.status === 422) {
      const refused = await response.json();
      say(place, refused.errors.join(" "), ...wayOn(refused, button, goTo));
    } else if (response.status === 403) say(place, "You may not do this any more. Load the page again.");
    else if (!response.ok) say(place, "It did not work. Load the page again.");
    else {
      isDone = true;
      stopTrouble();
      document.dispatchEvent(new CustomEvent("session:renewed"));
      const answer = response.status === 200 ? await response.json() : {};
      if (answer.said) say(null, answer.said, "Go back to it", () => goTo(answer.review));
      else if (answer.undo && actSaid) say(null, actSaid, "Undo", () => takeBack(answer.undo, { flush, poll, goTo }));
      else if (actSaid) tell(actSaid);
    }
  } catch (error) {
    if (error instanceof SignedOut) document.dispatchEvent(new CustomEvent("call:signed-out"));
    else say(place, NOT_DONE);
  } finally {
    button.removeAttribute("aria-busy");
  }
  await poll();
  if (isDone && actThen === "reload") {
    location.reload();
    return;
  }
  if (isDone && actThen) {
    const next = document.getElementById(actThen);
    next.dataset.actSeen = button.dataset.review;
    next.click();
  }
  // what is over is not pressed again: the focus goes where the call is
  if (!button.isConnected || button.checkVisibility()) return;
  document.getElementById("household").focus({ preventScroll: true });
}

// A press that takes back the one before it; the same stands beside the agenda for as long as the sign-in lasts.
// The box that had the focus is gone afterward.
async function takeBack(url, ways) {
  const button = document.createElement("button");
  Object.assign(button.dataset, { act: url, actSaid: "Undone." });
  await act(button, ways);
  const active = document.activeElement;
  if (active === document.body || !active.checkVisibility()) document.getElementById("household").focus({ preventScroll: true });
}

// Where a household lacks its step, the way to it: to that household, if another one is shown.
function wayOn({ lacks }, button, goTo) {
  if (!lacks || !document.getElementById("s-what")) return [];
  const review = button.closest("#steer") && document.getElementById("steer-now").dataset.review;
  const go = async () => {
    if (review && !document.querySelector(`[data-save][data-review="${review}"]`)) await goTo(review);
    document.getElementById("s-what")?.focus();
  };
  return ["Go to the new step", go];
}
