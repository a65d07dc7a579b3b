// The two small forms of a household: a new step, and what an agency reports on one. Both stay as typed until the
// server itself says that it has them.

import { say, tell } from "./notices.js";
import { ask, SignedOut } from "./server.js";

const tellSignedOut = () => document.dispatchEvent(new CustomEvent("call:signed-out"));
const tellDone = () => document.dispatchEvent(new CustomEvent("call:done"));

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (form.id !== "step-form") return;
  event.preventDefault();
  if (isBusy(form)) return;
  const key = keyOf(form);
  const sent = Object.fromEntries(new FormData(form));
  for (const box of form.querySelectorAll(".cc-act-error")) box.hidden = true;
  const whole = document.getElementById("e-__all__");
  whole.hidden = true;
  setBusy(form, true);
  try {
    const response = await ask(form.getAttribute("action"), { method: "POST", form: { ...sent, key } });
    if (response.status === 422) {
      const { errors, is_hint: isHint, is_used: isUsed } = await response.json();
      if (isUsed) keysOfForms.delete(form.getAttribute("action"));
      form.elements.keep_words.value = isHint ? "on" : "";
      let first = null;
      for (const [name, messages] of Object.entries(errors)) {
        const box = document.getElementById(`e-${name}`) ?? whole;
        box.hidden = false;
        box.textContent = messages.join(" ") + (isHint ? " Press “Assign step” again to keep it as it is." : "");
        first ??= form.elements[name];
      }
      first?.focus();
      return;
    }
    if (response.status === 403) {
      say(whole, "You do not take notes at this call any more. The step was not assigned.");
      return;
    }
    if (!response.ok) throw new Error(String(response.status));
  } catch (error) {
    say(whole, "The step is not assigned: the server did not answer. What you typed stays here; try again.");
    if (error instanceof SignedOut) tellSignedOut();
    return;
  } finally {
    setBusy(form, false);
  }
  keysOfForms.delete(form.getAttribute("action"));
  // what was typed while the answer was on its way is the beginning of the next step
  if (form.elements.what.value === sent.what) form.elements.what.value = "";
  form.elements.keep_words.value = "";
  form.elements.is_critical.checked = false;
  // the next step is not this person's, or due that day, unless somebody says so
  if (form.elements.follow_up_person.value === sent.follow_up_person) form.elements.follow_up_person.value = "";
  if (form.elements.due_on.value === sent.due_on) form.elements.due_on.value = form.elements.due_on.defaultValue;
  if (form.contains(document.activeElement)) form.elements.what.focus();
  tell("The step is assigned.");
  tellDone();
});

// Each form has a key of its own until it was taken, so that what is sent twice counts once.
export const keysOfForms = new Map();
function keyOf(form) {
  const name = form.getAttribute("action");
  if (!keysOfForms.has(name)) keysOfForms.set(name, crypto.randomUUID());
  return keysOfForms.get(name);
}

const isBusy = (form) => form.getAttribute("aria-busy") === "true";
function setBusy(form, is) {
  if (is) form.setAttribute("aria-busy", "true");
  else form.removeAttribute("aria-busy");
}

// What an agency says on the call of its step.
document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.matches("[data-report]")) return;
  event.preventDefault();
  if (isBusy(form)) return;
  const sent = { ...Object.fromEntries(new FormData(form)), pk: keyOf(form) };
  if (!sent.last_seen_on) sent.is_not_known = "on";
  const box = form.querySelector(".cc-act-error");
  box.hidden = true;
  let words = "";
  setBusy(form, true);
  try {
    const response = await ask(form.getAttribute("action"), { method: "POST", form: sent });
    if (response.status === 422) {
      const refused = await response.json();
      words = Object.values(refused.errors).flat().join(" ");
      form.elements.kept.value = refused.kept ?? "";
      if (refused.is_used) keysOfForms.delete(form.getAttribute("action"));
    } else if (response.status === 403) words = "You do not take notes at this call any more. It was not saved.";
    else if (!response.ok) words = "It was not saved. Load the page again.";
  } catch (error) {
    if (error instanceof SignedOut) tellSignedOut();
    words = "The update is not saved: the server did not answer. What you typed stays here; try again.";
  } finally {
    setBusy(form, false);
  }
  // the page may have drawn the form anew while the answer was on its way
  const now = form.isConnected ? form : document.querySelector(`[data-report][action="${form.getAttribute("action")}"]`);
  if (!now) return;
  if (words) {
    say(now.querySelector(".cc-act-error"), words);
    return;
  }
  keysOfForms.delete(now.getAttribute("action"));
  tell("Update saved.");
  const isSame = (now.elements.line?.value ?? "") === sent.line;
  if (isSame) {
    const hadFocus = now.contains(document.activeElement);
    for (const field of now.querySelectorAll("[name]")) field.value = "";
    const details = now.closest("details");
    details.open = false;
    if (hadFocus) details.querySelector("summary").focus({ preventScroll: true });
  }
  tellDone();
});
