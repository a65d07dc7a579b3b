// Parts of the page that the server renders: fetched anew and put in place, with the focus, what is open and what is
// typed in them kept.

import { ask, Unreachable } from "./server.js";

const turns = new WeakMap();

export async function refresh(place, url) {
  const turn = (turns.get(place) ?? 0) + 1;
  turns.set(place, turn);
  const response = await ask(url, { background: true });
  if (!response.ok) throw new Unreachable(); // the former words stay, and the page says that they are old
  const html = await response.text();
  if (turns.get(place) === turn) swap(place, html); // else it was asked for anew meanwhile
}

function swap(place, html) {
  const active = document.activeElement;
  const focusId = place.contains(active) ? active.id : "";
  const caret = focusId && typeof active.selectionStart === "number" ? [active.selectionStart, active.selectionEnd] : null;
  const typed = [...place.querySelectorAll("[data-report] [name]")].filter((field) => field.value).map((field) => [field.id, field.value]);
  const opened = [...place.querySelectorAll("details[open]")].map((each) => each.id || each.querySelector("summary")?.id);
  place.innerHTML = html;
  for (const id of opened.filter(Boolean)) {
    const found = document.getElementById(id);
    const details = found?.closest("details");
    if (details) details.open = true;
  }
  for (const [id, value] of typed) {
    const field = document.getElementById(id);
    if (field) field.value = value;
  }
  if (!focusId) return;
  const found = [focusId, twin(focusId)].map((id) => document.getElementById(id)).find((each) => each?.checkVisibility());
  if (!found) place.tabIndex = -1;
  (found ?? place).focus({ preventScroll: true });
  if (found && caret) found.setSelectionRange(...caret);
}

// The control that takes the place of another once that one was pressed.
const TWINS = { present: "absent", absent: "present", discuss: "reopen", carry: "reopen", reopen: "discuss" };
function twin(id) {
  const [, act, rest] = /^([a-z]+)(.*)$/.exec(id) ?? [];
  return `${TWINS[act] ?? act}${rest}`;
}
