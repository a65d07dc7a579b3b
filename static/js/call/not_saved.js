// Before the call is closed: which households this browser still keeps words of that the server does not have.

import { HALF, hasDrafts, recall } from "./drafts.js";

const box = document.getElementById("not-saved");
const list = document.getElementById("not-saved-list");

// A step or a report that was begun counts like a note: it waits for its own button.
const isWritten = (draft) => Object.keys(draft.typed ?? {}).length > 0 || (draft.fields ?? []).some(([id, value]) => value && /^(s-what|l-|f-barrier)/.test(id));

async function tell() {
  if (!hasDrafts()) return;
  const reviews = new Set();
  for (const [name, draft] of await recall()) if (isWritten(draft)) reviews.add(name.replace(HALF, ""));
  for (const review of reviews) {
    const label = document.querySelector(`[data-label-of="${review}"]`)?.textContent ?? "A household of this call";
    const row = document.createElement("li");
    const link = document.createElement("a");
    link.href = `${box.dataset.call}?review=${review}`;
    link.append(Object.assign(document.createElement("bdi"), { textContent: label }));
    row.append(link);
    list.append(row);
  }
  box.hidden = reviews.size === 0;
}

tell().catch(() => {}); // without the key nothing is shown, and nothing is lost
