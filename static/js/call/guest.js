// A guest's side of a call: asks for itself anew, and says when something changed.

const place = document.getElementById("guest");
const told = document.getElementById("guest-announce");
const EVERY_MS = 2500;

async function look() {
  const version = place.firstElementChild?.dataset.version ?? "";
  try {
    const response = await fetch(`${place.dataset.url}?v=${version}`, {
      headers: { "X-Call": "1", "X-Background": "1" },
      credentials: "same-origin",
      redirect: "manual",
      cache: "no-store",
    });
    if (response.status === 200) {
      const before = place.querySelector("h2")?.textContent;
      place.innerHTML = await response.text();
      const now = place.querySelector("h2")?.textContent;
      if (now !== before) told.textContent = now;
    } else if (response.type === "opaqueredirect" || [401, 403, 404].includes(response.status)) {
      location.reload();
      return;
    }
  } catch {
    // the next look tries again
  }
  setTimeout(look, EVERY_MS);
}
setTimeout(look, EVERY_MS);
