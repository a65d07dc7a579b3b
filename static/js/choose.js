// Households of the list are checked, one or many, and something is done for all of them at once.
// Works without script: the boxes are boxes, and the buttons stand below the list.

const form = document.querySelector("[data-chosen]");
const boxes = [...document.querySelectorAll("[data-choose]")];
if (form && boxes.length) begin();

function begin() {
  const count = form.querySelector("[data-chosen-count]");
  const none = form.querySelector("[data-chosen-none]");
  let last = null;
  none.hidden = false;

  const head = document.createElement("input");
  head.type = "checkbox";
  head.className = "form-check-input cc-choose";
  head.setAttribute("aria-label", "Check all on this page");
  document.querySelector(".cc-table thead th").prepend(head);

  function tell() {
    const checked = boxes.filter((box) => box.checked).length;
    form.hidden = !checked;
    head.checked = checked === boxes.length;
    head.indeterminate = checked > 0 && !head.checked;
    count.textContent = `${checked} checked`;
    for (const box of boxes) box.closest("tr").toggleAttribute("data-is-chosen", box.checked);
  }

  function set(which, isChecked) {
    for (const box of which) box.checked = isChecked;
    tell();
  }

  // All from the last one that was checked to this one.
  function reach(box) {
    if (!last) return [box];
    const [from, to] = [boxes.indexOf(last), boxes.indexOf(box)].sort((one, other) => one - other);
    return boxes.slice(from, to + 1);
  }

  for (const box of boxes) {
    box.addEventListener("click", (event) => {
      set(event.shiftKey ? reach(box) : [box], box.checked);
      last = box;
    });
    // Up and down from box to box; with Shift those passed are checked, too.
    box.addEventListener("keydown", (event) => {
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      const next = step && boxes[boxes.indexOf(box) + step];
      if (!next) return;
      event.preventDefault();
      if (event.shiftKey) set([box, next], true);
      last = next;
      next.focus();
    });
  }
  head.addEventListener("click", () => set(boxes, head.checked));
  none.addEventListener("click", (event) => {
    event.preventDefault();
    set(boxes, false);
    head.focus();
  });
  addEventListener("pageshow", tell); // a browser that goes back keeps what was checked
  tell();
}
