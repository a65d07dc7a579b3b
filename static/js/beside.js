// Where the list of a field stands.

const WIDTH = 352;
const GAP = 4;

// Over all else on the page, and above the field where there is more room: what ends the form stays free.
export function placeBeside({ style }, input) {
  const field = input.getBoundingClientRect();
  const isAbove = field.top > window.innerHeight - field.bottom;
  const width = Math.min(Math.max(field.width, WIDTH), window.innerWidth - 2 * GAP);
  style.width = `${width}px`;
  style.left = `${Math.max(GAP, Math.min(field.left, window.innerWidth - width - GAP))}px`;
  style.top = isAbove ? "auto" : `${field.bottom + GAP}px`;
  style.bottom = isAbove ? `${window.innerHeight - field.top + GAP}px` : "auto";
  style.maxHeight = `${(isAbove ? field.top : window.innerHeight - field.bottom) - 2 * GAP}px`;
}
