// Who is here, for whoever writes: beside the household once it is asked for.

const button = document.getElementById("people-open");
const people = document.getElementById("people");

export function tellHowMany() {
  if (!button) return;
  const number = people.querySelector("h2 small")?.textContent;
  button.textContent = number ? `${number} here` : "Who is here";
}

button?.addEventListener("click", () => {
  const isOpen = people.classList.toggle("is-open");
  button.setAttribute("aria-expanded", String(isOpen));
  if (isOpen) people.focus();
});
people.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || !people.classList.contains("is-open")) return;
  button.click();
  button.focus();
});
