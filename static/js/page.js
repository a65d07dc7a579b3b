// What every page gains with script; each page works without it.

// Errors first: the summary takes the focus, so that it is read and seen.
const summary = document.querySelector("[data-error-summary]");
if (summary) summary.focus();

// After an act the focus is where it was, on what took its place, or on what the act said: never lost.
const PRESSED = "conferencing-pressed";
function digest(text) {
  let sum = 5381;
  for (const letter of text) sum = ((sum * 33) ^ letter.charCodeAt(0)) >>> 0;
  return sum.toString(36);
}
// A form by where it leads: rows change places, and no address is kept.
const keyOfForm = (form) => digest(`${form.method} ${form.getAttribute("action") ?? ""} ${form.id}`);
const keyOfControl = (each) => `${each.name} ${digest(each.matches("button, [type=submit], [type=checkbox], [type=radio]") ? each.value : "")}`;
function controlAgain({ form, control }) {
  const forms = [...document.forms].filter((each) => keyOfForm(each) === form);
  const controls = forms.flatMap((each) => [...each.elements].filter((part) => part.matches("button, input:not([type=hidden]), select, textarea")));
  const able = controls.filter((each) => !each.disabled && each.checkVisibility?.() !== false);
  return able.find((each) => keyOfControl(each) === control) ?? able.find((each) => each.matches("button, [type=submit]"));
}
function focusOn(place) {
  if (!place) return false;
  if (!place.matches("a[href], button, input, select, textarea, summary, [tabindex]")) place.tabIndex = -1;
  place.focus();
  return document.activeElement === place;
}
function notePressed(form, control) {
  const pressed = { path: digest(location.pathname), at: Date.now(), form: keyOfForm(form) };
  sessionStorage.setItem(PRESSED, JSON.stringify({ ...pressed, control: control ? keyOfControl(control) : "" }));
}
addEventListener("submit", (event) => {
  if (event.defaultPrevented || event.target.method === "dialog") return;
  const focused = event.target.contains(document.activeElement) ? document.activeElement : null;
  notePressed(event.target, event.submitter ?? focused);
});
const pressed = JSON.parse(sessionStorage.getItem(PRESSED) ?? "null");
sessionStorage.removeItem(PRESSED);
if (pressed && Date.now() - pressed.at < 60000 && !summary && document.activeElement === document.body) {
  const isSamePage = pressed.path === digest(location.pathname);
  const target = location.hash && document.getElementById(location.hash.slice(1));
  const said = document.querySelector("#messages .cc-notice");
  // What the server chose for the keyboard goes first: it knows which of two alike was pressed.
  const chosen = document.querySelector("[autofocus]:not(:disabled)");
  [target, chosen, isSamePage && controlAgain(pressed), said, document.querySelector("#content")].some(focusOn);
}
// A part that was put in by an act, not one that asks by itself again and again.
document.addEventListener("htmx:afterSettle", (event) => {
  const { target, requestConfig } = event.detail;
  if (document.activeElement !== document.body || !requestConfig?.triggeringEvent) return;
  focusOn(target.isConnected ? target : event.target);
});

// Menus close on Escape, on a click elsewhere, and when the focus leaves.
function closeMenus(except) {
  for (const menu of document.querySelectorAll("details[data-menu][open]")) {
    if (!menu.contains(except)) menu.open = false;
  }
}
// Not while a button is held down: what moves then is not what was pressed.
let isPressing = false;
document.addEventListener("pointerdown", () => {
  isPressing = true;
});
document.addEventListener("click", (event) => {
  isPressing = false;
  closeMenus(event.target);
});
document.addEventListener("focusin", (event) => {
  if (!isPressing) closeMenus(event.target);
});
document.addEventListener("keydown", () => {
  isPressing = false;
});
document.addEventListener("keydown", (event) => {
  const menu = event.key === "Escape" && event.target.closest?.("details[data-menu][open]");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});

// On a phone long sections begin folded, but for the one that the address leads to.
const folds = document.querySelectorAll("details[data-fold]");
const isNarrow = matchMedia("(max-width: 47.99rem)").matches;
function unfoldTarget() {
  const target = location.hash && document.getElementById(location.hash.slice(1));
  const fold = target && target.closest("details[data-fold]");
  if (fold) fold.open = true;
}
if (isNarrow) for (const fold of folds) fold.open = false;
if (folds.length) {
  unfoldTarget();
  window.addEventListener("hashchange", unfoldTarget);
  window.addEventListener("beforeprint", () => {
    for (const fold of folds) fold.open = true;
  });
}

// Copy buttons.
function readyCopyButtons(root) {
  if (!navigator.clipboard) return;
  for (const button of root.querySelectorAll("button[data-copy][hidden]")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      const source = document.getElementById(button.dataset.copy);
      const status = button.parentElement.querySelector("[data-copy-status]");
      const text = "value" in source ? source.value : source.textContent.trim();
      try {
        await navigator.clipboard.writeText(text);
        if (status) status.textContent = "Copied";
      } catch {
        if (status) status.textContent = "Could not copy. Select the text and copy it yourself.";
      }
    });
  }
}
readyCopyButtons(document);
document.addEventListener("htmx:load", (event) => readyCopyButtons(event.target));

// Filter bars that send themselves when a choice changes. Text is sent by the button or Enter.
document.addEventListener("change", (event) => {
  const form = event.target.form;
  // What is chosen several at once waits for the button.
  if (!form?.matches("[data-auto-submit]") || event.target.closest("[data-by-hand]")) return;
  if (event.target.matches("select, input[type=checkbox], input[type=radio]")) form.requestSubmit();
});

// A form that htmx sends and that could not be sent says so beside its button; what was typed stays.
for (const [name, words] of [
  ["htmx:sendError", "Not saved: the network did not answer. What you typed is still here; try again."],
  ["htmx:responseError", "Not saved: the page could not take it. Open the page again in a new tab and try there."],
]) {
  document.addEventListener(name, (event) => {
    const problem = event.target.closest("form[data-problem]")?.querySelector("[data-problem-words]");
    if (!problem) return;
    problem.textContent = words;
    problem.hidden = false;
  });
}

// A form is sent once: a second press within a few seconds does nothing.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || event.defaultPrevented) return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
  setTimeout(() => delete form.dataset.sent, 4000);
});

// A page that nobody is signed in to: the session is over, and other tabs may still show what belongs to it.
if (!document.body.dataset.idleSeconds && "BroadcastChannel" in window) {
  new BroadcastChannel("conferencing-session").postMessage({ hasEnded: true });
}
