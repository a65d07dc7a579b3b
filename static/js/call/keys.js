// Keys of the page: with Alt or Ctrl only, never a single letter.

const mayWrite = document.getElementById("call").dataset.write === "1";
const keys = document.getElementById("keys");
document.getElementById("keys-open").addEventListener("click", () => keys.showModal());
document.addEventListener("keydown", (event) => {
  if (document.querySelector("dialog[open]")) return;
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
  const code = event.code;
  if (code === "KeyN") press(document.getElementById("go-next"));
  else if (code === "KeyP") press(document.getElementById("go-previous"));
  else if (code === "KeyD") press(document.getElementById("discuss"));
  else if (code === "KeyU") press(document.activeElement?.closest("[data-element]")?.querySelector("[data-unchanged]"));
  else if (code === "KeyS" && document.getElementById("s-what")) {
    event.preventDefault();
    document.getElementById("s-what").focus();
  } else if (/^Digit[1-9]$/.test(code)) press(document.querySelector(`[data-heard="${code.slice(5)}"]`));
});
