"""What a press of mouse or finger really meets, and where the focus is after an act."""

# For each link and control that is to be seen: is it what lies at its own middle?
TAKEN_BY_OTHERS = """() => {
  const faults = [];
  const all = "a[href], button, summary, select, textarea, input:not([type=hidden])";
  for (const each of document.querySelectorAll(all)) {
    if (!each.checkVisibility({ visibilityProperty: true, contentVisibilityAuto: true })) continue;
    each.scrollIntoView({ block: "center", inline: "center", behavior: "instant" });
    const box = [...each.getClientRects()].find((it) => it.width > 2 && it.height > 2);
    if (!box) continue;
    const [x, y] = [box.left + box.width / 2, box.top + box.height / 2];
    if (x < 0 || y < 0 || x >= innerWidth || y >= innerHeight) continue;
    const hit = document.elementFromPoint(x, y);
    if (!hit || hit === each || each.contains(hit)) continue;
    const label = hit.closest("label");
    if (label && label.control === each) continue;
    const said = (it) => (it.textContent || it.value || "").trim().slice(0, 40);
    const words = (it) => `${it.tagName.toLowerCase()}.${it.className} "${said(it)}"`;
    faults.push(`${words(each)} lies below ${words(hit)}`);
  }
  scrollTo(0, 0);
  return faults;
}"""


def taken_by_others(page) -> list[str]:
    """Links and controls of the page whose press another element would take, in words."""
    return page.evaluate(TAKEN_BY_OTHERS)


# Numbers the forms that one press sends; the words of each one's first button, "" for one that is
# not to be seen or that htmx or the page's script sends.
FORMS = """() => [...document.querySelectorAll("form[method=post]")].map((form, number) => {
  form.dataset.formNumber = number;
  const button = form.querySelector("[type=submit]");
  const others = "[hx-post], [data-auto-submit], [role=search], [action$='/sign-out/']";
  const isSent = form.matches(others);
  if (!button || isSent || !button.checkVisibility()) return "";
  return button.textContent.trim().replace(/\\s+/g, " ") || button.name;
})"""
# Where the focus is, once the page's scripts ran.
FOCUS = """() => new Promise((told) =>
  requestAnimationFrame(() => requestAnimationFrame(() => told(document.activeElement.tagName))))"""
