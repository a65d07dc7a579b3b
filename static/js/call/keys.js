// Keys of the page: with Alt or Ctrl only, never a single letter.

const mayWrite = document.getElementById("call").dataset.write === "1";
const keys = document.getElementById("keys");
document.getElementById("keys-open").addEventListener("click", () => keys.showModal());
document.addEventListener("keydown", (event) => {
  if (document.querySelector("dialog:modal")) return;
  if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "s" && mayWrite) {
    event.preventDefault();
    document.dispatchEvent(new CustomEvent("call:save"));
    return;
  }
  if (!event.altKey || event.ctrlKey || event.metaKey) return;
  const press = (target) => {
    if (!target) return;
    event.preventDefault();
    target.click();
  };
  const go = (target) => {
    if (!target) return;
    event.preventDefault();
    target.focus();
  };
  const code = event.code;
  if (code === "KeyN") press(document.getElementById("go-next"));
  else if (code === "KeyP") press(document.getElementById("go-previous"));
  else if (code === "KeyD") press(document.getElementById("discuss"));
  else if (code === "KeyU") press(unchanged());
  else if (code === "KeyS") go(document.getElementById("s-what"));
  else if (code === "KeyW") go(document.getElementById("f-notes"));
  else if (code === "KeyC") go(document.querySelector("#conflict[open] textarea, #conflict[open] button"));
  else if (/^Digit[1-9]$/.test(code)) press(document.querySelector(`[data-heard="${code.slice(5)}"]`));
});

// “Unchanged” of the element that has the focus; from anywhere else, of the first that nobody confirmed yet.
function unchanged() {
  const own = document.activeElement?.closest("[data-element]")?.querySelector("[data-unchanged]");
  if (own) return own;
  const open = [...document.querySelectorAll("[data-element]")].filter(
    (each) => each.querySelector("[data-mark]")?.dataset.state === "not_recorded",
  );
  return open.map((each) => each.querySelector("[data-unchanged]")).find(Boolean);
}

// A link to a part of the page takes the focus there, too.
document.addEventListener("click", (event) => {
  const link = event.target.closest('a[href^="#"]');
  const goal = link && document.getElementById(link.hash.slice(1));
  if (!goal || !goal.closest("main")) return;
  event.preventDefault();
  if (!goal.matches("a, button, input, select, textarea, [tabindex]")) goal.tabIndex = -1;
  goal.focus({ preventScroll: true });
  goal.scrollIntoView({ block: "start" });
});
