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
