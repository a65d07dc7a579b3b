// What a screen reader is told, politely, without a move of the focus.

const box = document.getElementById("call-announce");

export function announce(words) {
  box.textContent = "";
  requestAnimationFrame(() => {
    box.textContent = words;
  });
}
