// The two small forms of a household: a new step, and what an agency reports on one. Both stay as typed until taken.

import { announce } from "./announce.js";
import { ask, SignedOut } from "./server.js";

const tellSignedOut = () => document.dispatchEvent(new CustomEvent("call:signed-out"));
const tellDone = () => document.dispatchEvent(new CustomEvent("call:done"));

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (form.id !== "step-form") return;
  event.preventDefault();
  const key = keyOf(form);
  const sent = Object.fromEntries(new FormData(form));
  for (const box of form.querySelectorAll(".cc-act-error")) box.hidden = true;
  const whole = document.getElementById("e-__all__");
  whole.hidden = true;
  try {
    const response = await ask(form.getAttribute("action"), { method: "POST", form: { ...sent, key } });
    if (response.status === 422) {
      const { errors, is_hint: isHint } = await response.json();
      form.elements.keep_words.value = isHint ? "on" : "";
      let first = null;
      for (const [name, messages] of Object.entries(errors)) {
        const box = document.getElementById(`e-${name}`) ?? whole;
        box.hidden = false;
        box.textContent = messages.join(" ") + (isHint ? " Press “Give the step” again to keep it as it is." : "");
        first ??= form.elements[name];
      }
      first?.focus();
      return;
    }
    if (!response.ok) throw new Error(String(response.status));
  } catch (error) {
    whole.hidden = false;
    whole.textContent = "The step was not saved: the server cannot be reached. It stands here; try again.";
    if (error instanceof SignedOut) tellSignedOut();
    return;
  }
  keysOfForms.delete(form.getAttribute("action"));
  form.elements.what.value = "";
  form.elements.keep_words.value = "";
  form.elements.is_critical.checked = false;
  form.elements.what.focus();
  announce("The step is given.");
  tellDone();
});

// Each form has a key of its own until it was taken, so that what is sent twice counts once.
export const keysOfForms = new Map();
function keyOf(form) {
  const name = form.getAttribute("action");
  if (!keysOfForms.has(name)) keysOfForms.set(name, crypto.randomUUID());
  return keysOfForms.get(name);
}

// What an agency says on the call became of its step.
document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.matches("[data-report]")) return;
  event.preventDefault();
  const sent = { ...Object.fromEntries(new FormData(form)), pk: keyOf(form) };
  if (!sent.last_seen_on) sent.is_not_known = "on";
  const box = form.querySelector(".cc-act-error");
  box.hidden = true;
  let words = "";
  try {
    const response = await ask(form.getAttribute("action"), { method: "POST", form: sent });
    if (response.status === 422) {
      const refused = await response.json();
      words = Object.values(refused.errors).flat().join(" ");
      form.elements.kept.value = refused.kept ?? "";
    } else if (!response.ok) words = "It was not saved. Load the page again.";
  } catch (error) {
    if (error instanceof SignedOut) tellSignedOut();
    words = "It was not saved: the server cannot be reached. It stands here; try again.";
  }
  if (words) {
    box.hidden = false;
    box.textContent = words;
    return;
  }
  keysOfForms.delete(form.getAttribute("action"));
  for (const field of form.querySelectorAll("[name]")) field.value = "";
  form.closest("details").open = false;
  form.closest("details").querySelector("summary").focus({ preventScroll: true });
  announce("The report is written down.");
  tellDone();
});
