// Acts: buttons that tell the server something.

import { say } from "./notices.js";
import { ask, SignedOut } from "./server.js";

// `flush`: wait until what is written is saved, false if it cannot be; `poll`: look what changed.
export function readyActs({ flush, poll }) {
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-act]");
    if (!button) return;
    event.preventDefault();
    const menu = button.closest("details[data-menu]");
    if (menu) {
      menu.open = false;
      menu.querySelector("summary").focus({ preventScroll: true });
    }
    act(button, { flush, poll });
  });
}

async function act(button, { flush, poll }) {
  const { act: url, actError, afterSave, ...rest } = button.dataset;
  const form = {};
  for (const [name, value] of Object.entries(rest)) {
    if (name.startsWith("act")) form[name.slice(3).toLowerCase()] = value;
  }
  const place = actError && document.getElementById(actError);
  if (place) place.hidden = true;
  try {
    if (afterSave && !(await flush())) {
      say(place, "What you wrote is not saved yet. It is marked discussed once it is.");
      return;
    }
    const response = await ask(url, { method: "POST", form });
    if (response.status === 422) say(place, (await response.json()).errors.join(" "));
    else if (response.status === 403) say(place, "You may not do this any more. Load the page again.");
    else if (!response.ok) say(place, "It did not work. Load the page again.");
    else document.dispatchEvent(new CustomEvent("session:renewed"));
  } catch (error) {
    if (error instanceof SignedOut) document.dispatchEvent(new CustomEvent("call:signed-out"));
    else say(place, "The server cannot be reached. Try again.");
  }
  await poll();
  // what is over is not pressed again: the focus goes where the call is
  if (!button.isConnected || button.checkVisibility()) return;
  document.getElementById("household").focus({ preventScroll: true });
}
