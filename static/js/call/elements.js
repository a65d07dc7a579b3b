// The elements of a review as the page declares them (conferencing/elements.py): key, words, mark, title.

const declared = document.getElementById("declared-elements");
export const ELEMENTS = declared ? JSON.parse(declared.textContent) : [];
export const MARK_OF = Object.fromEntries(ELEMENTS.flatMap(({ key, words, mark }) => [[key, mark], [words, mark]]));
