// How much of the screen's top the bar of the call takes: the household's name and its parts keep below it.

export function watchHeight() {
  const bar = document.getElementById("call-bar");
  const tell = () => {
    const style = getComputedStyle(bar);
    const stuck = style.position === "sticky" ? bar.offsetHeight + (parseFloat(style.top) || 0) : 0;
    document.documentElement.style.setProperty("--cc-call-bar", `${Math.max(stuck, 0)}px`);
  };
  new ResizeObserver(tell).observe(bar);
  window.addEventListener("resize", tell);
  tell();
}
