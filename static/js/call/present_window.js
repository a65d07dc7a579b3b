// The window that is made to be shared opens beside the page, in the size in which it needs no scrolling.

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-window]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const opened = window.open(link.href, link.target, "popup,width=1280,height=720");
  if (!opened) return; // where such windows are blocked the link opens a tab
  event.preventDefault();
  opened.focus();
});
