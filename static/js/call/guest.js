// A guest's side of a call: asks for itself anew, says when something changed, and shows nothing that may be over.

import { ask, SignedOut } from "./server.js";

const place = document.getElementById("guest");
const stale = document.getElementById("guest-stale");
const told = document.getElementById("guest-announce");
const EVERY_MS = 2000;
const STALE_MS = 4000;
let heardAt = Date.now();

async function look() {
  const version = place.firstElementChild?.dataset.version ?? "";
  try {
    const response = await ask(`${place.dataset.url}?v=${version}`, { background: true, longest: STALE_MS });
    if (response.status === 200) {
      const before = place.querySelector("h2")?.textContent;
      place.innerHTML = await response.text();
      const now = place.querySelector("h2")?.textContent;
      if (now !== before) told.textContent = now;
    } else if (response.status !== 204) {
      place.replaceChildren();
      location.reload();
      return;
    }
    heardAt = Date.now();
    showStale(false);
  } catch (error) {
    if (error instanceof SignedOut) {
      place.replaceChildren();
      location.reload();
      return;
    }
    // the next look tries again
  }
  setTimeout(look, EVERY_MS);
}

// Whether the review is still on is not known any more: its words go until the server is heard again.
function showStale(is) {
  if (stale.hidden === !is) return;
  stale.hidden = !is;
  if (is) place.replaceChildren();
}
setInterval(() => {
  if (Date.now() - heardAt > STALE_MS) showStale(true);
}, 500);
setTimeout(look, EVERY_MS);
