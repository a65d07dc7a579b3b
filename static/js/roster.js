// A household of the roster is dragged to another place with the mouse. What it does is the form
// beside it: with keys, a number is typed there and sent.

const body = document.querySelector("tbody[data-movable]");
let dragged = null;

const rows = () => [...body.querySelectorAll("tr[id]")];
const clear = () => {
  for (const row of body.rows) row.removeAttribute("data-drop");
};

// The row of a household that the mouse is over, also over the reviews below it, and which half.
function place(event) {
  let row = event.target.closest?.("tr");
  if (!row || row.parentElement !== body) return null;
  const isBelow = !row.id;
  while (row && !row.id) row = row.previousElementSibling;
  const { top, height } = row.getBoundingClientRect();
  return { row, side: isBelow || event.clientY > top + height / 2 ? "below" : "above" };
}

// Where among the households it comes to stand, 1 is first.
function position({ row, side }) {
  const others = rows().filter((each) => each !== dragged);
  if (row === dragged) return rows().indexOf(row) + 1;
  return others.indexOf(row) + (side === "below" ? 2 : 1);
}

for (const row of body ? rows() : []) {
  const grip = document.createElement("span");
  grip.className = "cc-grip";
  grip.draggable = true;
  grip.ariaHidden = "true";
  row.cells[0].prepend(grip);
  grip.addEventListener("dragstart", (event) => {
    dragged = row;
    row.dataset.isDragged = "";
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", ""); // names nobody
    event.dataTransfer.setDragImage(row, 0, 0);
  });
  grip.addEventListener("dragend", () => {
    delete row.dataset.isDragged;
    dragged = null;
    clear();
  });
}
body?.addEventListener("dragover", (event) => {
  const at = dragged && place(event);
  if (!at) return;
  event.preventDefault();
  clear();
  if (at.row !== dragged) at.row.dataset.drop = at.side;
});
body?.addEventListener("drop", (event) => {
  const at = dragged && place(event);
  if (!at) return;
  event.preventDefault();
  const form = dragged.querySelector("form[data-move]");
  const to = position(at);
  if (to === rows().indexOf(dragged) + 1) return;
  form.elements.to.value = to;
  form.requestSubmit();
});
