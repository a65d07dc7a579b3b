// The search of the header answers as one types: a combobox with a list (WAI-ARIA 1.2). What is typed goes by POST alone.
// Enter opens the line that is marked; with none it sends the form, as without script.

import { placeBeside } from "./beside.js";

const REST_MS = 200;
const FROM = 2;
const input = document.querySelector("[data-find-url]");
if (input) begin();

function begin() {
  const form = input.form;
  const list = document.createElement("ul");
  Object.assign(list, { id: "find-list", className: "cc-combo__list", role: "listbox", ariaLabel: "Found so far" });
  const told = document.createElement("p");
  told.className = "cc-combo__told";
  const spoken = document.createElement("p");
  Object.assign(spoken, { className: "visually-hidden", role: "status" });
  const sheet = document.createElement("div");
  Object.assign(sheet, { className: "cc-combo__sheet", popover: "manual" });
  sheet.append(list, told);
  form.append(sheet, spoken);
  for (const [name, value] of Object.entries({ autocomplete: "list", expanded: "false", controls: list.id })) {
    input.setAttribute(`aria-${name}`, value);
  }
  input.setAttribute("role", "combobox");
  let rest, asked, active = -1;

  const isOpen = () => sheet.matches(":popover-open");
  const place = () => placeBeside(sheet, input);

  function close() {
    clearTimeout(rest);
    asked?.abort();
    if (isOpen()) sheet.hidePopover();
    list.replaceChildren(); // no name stays behind
    spoken.textContent = "";
    mark(-1);
    input.setAttribute("aria-expanded", "false");
    for (const name of ["scroll", "resize"]) window.removeEventListener(name, place, { capture: true });
  }

  function mark(number) {
    active = number;
    input.removeAttribute("aria-activedescendant");
    for (const [each, row] of [...list.children].entries()) {
      row.setAttribute("aria-selected", String(each === number));
      if (each !== number) continue;
      input.setAttribute("aria-activedescendant", row.id);
      row.scrollIntoView({ block: "nearest" });
    }
  }

  async function ask() {
    const typed = input.value.trim();
    asked?.abort();
    if (typed.length < FROM) return close();
    asked = new AbortController();
    const { signal } = asked;
    try {
      const response = await fetch(input.dataset.findUrl, {
        method: "POST",
        headers: { ...JSON.parse(document.body.getAttribute("hx-headers")), "X-Background": "1" },
        body: new URLSearchParams({ find: typed }),
        redirect: "error",
        cache: "no-store",
        signal,
      });
      const text = await response.text();
      if (signal.aborted || document.activeElement !== input) return;
      if (response.ok) show(text);
      else close();
    } catch {
      if (!signal.aborted) close(); // Enter says what is the matter
    }
  }

  function show(text) {
    const page = new DOMParser().parseFromString(`<ul>${text}</ul>`, "text/html");
    list.replaceChildren(...page.querySelectorAll("[role=option]"));
    mark(-1);
    const count = list.children.length;
    list.hidden = !count;
    const words = count ? `${count} found so far` : "Nothing found so far";
    told.textContent = count ? "Enter without a choice shows all results." : "Nothing found. A name is searched only where you may see it.";
    spoken.textContent = `${words}.`;
    if (!isOpen()) {
      sheet.showPopover();
      for (const name of ["scroll", "resize"]) window.addEventListener(name, place, { capture: true });
    }
    input.setAttribute("aria-expanded", String(count > 0));
    place();
  }

  function askSoon() {
    clearTimeout(rest);
    rest = setTimeout(ask, REST_MS);
  }

  input.addEventListener("input", askSoon);
  input.addEventListener("blur", () => {
    if (document.hasFocus()) close();
  });
  input.addEventListener("keydown", (event) => {
    const { key, isComposing } = event;
    const count = list.children.length;
    if (isComposing) return;
    if ((key === "ArrowDown" || key === "ArrowUp") && !isOpen()) {
      event.preventDefault();
      ask();
    } else if ((key === "ArrowDown" || key === "ArrowUp") && count) {
      event.preventDefault();
      const from = active === -1 && key === "ArrowUp" ? 0 : active;
      mark((from + (key === "ArrowDown" ? 1 : -1) + count) % count);
    } else if (key === "Escape" && isOpen()) {
      event.preventDefault(); // the first closes the list, the second empties the field
      close();
    } else if (key === "Enter" && isOpen() && active >= 0) {
      event.preventDefault();
      open(list.children[active]);
    }
  });
  form.addEventListener("submit", close);
  sheet.addEventListener("mousedown", (event) => event.preventDefault()); // the focus stays in the field
  list.addEventListener("click", (event) => {
    const row = event.target.closest("[role=option]");
    if (row) open(row);
  });
  window.addEventListener("pagehide", close);

  function open({ dataset }) {
    close();
    location.assign(dataset.url);
  }
}
