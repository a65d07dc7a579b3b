// What tests ask of a page from within it: who would take a press, what is cut off, what was acted on.
// Evaluated as one expression; gives functions that answer in words.
(() => {
  const PRESSED = "a[href], button, summary, input:not([type=hidden]), select, textarea";
  const seen = (each) => each.checkVisibility({ visibilityProperty: true, opacityProperty: true });
  const named = (each) => {
    const words = (each.getAttribute("aria-label") ?? each.textContent ?? "").replace(/\s+/g, " ").trim();
    const where = each.id ? `#${each.id}` : each.classList.length ? `.${each.classList[0]}` : "";
    return `<${each.localName}${where}> ${JSON.stringify(words.slice(0, 50) || each.name || "")}`;
  };
  // Shown to ears alone, or on focus alone.
  const isClipped = (each) => getComputedStyle(each).clipPath === "inset(50%)";
  const isHiddenFromEyes = (each) =>
    each.closest(".visually-hidden, .visually-hidden-focusable, .cc-skip") || isClipped(each) || isClipped(each.parentElement);
  // With all that is folded open, and as it was afterward.
  const unfolded = (ask) => () => {
    const folds = [...document.querySelectorAll("details:not([data-menu]):not([open])")];
    for (const each of folds) each.open = true;
    try {
      return [...new Set(ask())];
    } finally {
      for (const each of folds) each.open = false;
      scrollTo(0, 0);
    }
  };
  const takenBy = (each) => {
    each.scrollIntoView({ block: "center", inline: "center", behavior: "instant" });
    for (const box of each.getClientRects()) {
      if (box.width < 2 || box.height < 2) continue;
      const hit = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
      if (!hit) return "nothing: it lies outside the window";
      const isOwn = each.contains(hit) || hit.closest("label")?.control === each;
      if (!isOwn) return named(hit);
    }
    return null;
  };
  const coveredIn = (root) => {
    const faults = [];
    for (const each of root.querySelectorAll(PRESSED)) {
      if (!seen(each) || each.disabled || isHiddenFromEyes(each)) continue;
      const other = takenBy(each);
      if (other) faults.push(`a press on ${named(each)} goes to ${other}`);
    }
    return faults;
  };
  // Each link, button and field takes the press that is meant for it; of menus, each opened alone.
  const covered = unfolded(() => {
    const asking = document.querySelector("dialog:modal");
    if (asking) return coveredIn(asking);
    const faults = coveredIn(document);
    for (const menu of document.querySelectorAll("details[data-menu]")) {
      if (!seen(menu) || menu.open) continue;
      menu.open = true;
      faults.push(...coveredIn(menu));
      menu.open = false;
    }
    return faults;
  });
  const sideways = () => {
    const over = document.scrollingElement.scrollWidth - innerWidth;
    return over > 0 ? [`${over} px wider than a window of ${innerWidth}`] : [];
  };
  const hasOwnText = (each) => [...each.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
  const pen = document.createElement("canvas").getContext("2d");
  const isCutChoice = (each) => {
    const style = getComputedStyle(each);
    pen.font = `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
    const room = each.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
    return pen.measureText(each.selectedOptions[0]?.text ?? "").width > room + 2;
  };
  const isCut = (each) => {
    const style = getComputedStyle(each);
    const hides = (overflow) => overflow === "hidden" || overflow === "clip";
    const isWide = hides(style.overflowX) && each.scrollWidth > each.clientWidth + 1;
    return isWide || (hides(style.overflowY) && each.scrollHeight > each.clientHeight + 1);
  };
  // What is written is seen whole: no text without width, none cut off by what holds it.
  const cutOff = unfolded(() => {
    const faults = [];
    for (const each of document.body.querySelectorAll("*")) {
      const isChoice = each.matches("select:not([multiple], [size])");
      if (!isChoice && !hasOwnText(each)) continue;
      if (each.closest("svg, option, script") || !seen(each) || isHiddenFromEyes(each)) continue;
      const box = each.getBoundingClientRect();
      if (box.width < 1 || box.height < 1) faults.push(`${named(each)} has no room`);
      else if (isChoice ? isCutChoice(each) : isCut(each)) faults.push(`${named(each)} is cut off`);
    }
    return faults;
  });
  const withTextTwice = (ask) => {
    document.documentElement.style.fontSize = "200%";
    try {
      return ask();
    } finally {
      document.documentElement.style.fontSize = "";
    }
  };
  const enlarged = () =>
    withTextTwice(() => [...sideways(), ...cutOff()]).map(
      (fault) => `with text twice as large: ${fault}`,
    );
  return { covered, sideways, cutOff, enlarged };
})()
