// Warns two minutes before an idle session ends, keeps it when asked to, and leaves the page when it is over.
// The server ends the session by itself; this only tells in time. All tabs of the site share one clock: they say to
// each other when the server was last asked for something. No storage is used.

const WARN_SECONDS = 120;
const body = document.body;
const idleSeconds = Number(body.dataset.idleSeconds);
const pingUrl = body.dataset.sessionUrl;
const loginUrl = body.dataset.loginUrl;
const dialog = document.getElementById("session-warning");

if (idleSeconds > 0 && pingUrl && loginUrl && dialog) {
  const left = dialog.querySelector("[data-session-left]");
  const announce = dialog.querySelector("[data-session-announce]");
  const channel = "BroadcastChannel" in window ? new BroadcastChannel("conferencing-session") : null;
  let lastAsked = Date.now();
  let lastAnnounced = null;
  let isLeaving = false;

  const inWords = (seconds) =>
    seconds > 60 ? `${Math.ceil(seconds / 60)} minutes` : `${seconds} ${seconds === 1 ? "second" : "seconds"}`;

  function stayed() {
    lastAsked = Date.now();
    lastAnnounced = null;
    if (dialog.open) dialog.close();
  }
  function tellOthers(what) {
    channel?.postMessage(what);
  }
  function leave() {
    if (isLeaving) return;
    isLeaving = true;
    const next = encodeURIComponent(location.pathname + location.search);
    location.assign(`${loginUrl}?next=${next}`);
  }
  async function stay() {
    try {
      const response = await fetch(pingUrl, {
        method: "POST",
        credentials: "same-origin",
        redirect: "manual",
        headers: { "X-CSRFToken": JSON.parse(body.getAttribute("hx-headers"))["X-CSRFToken"] },
      });
      if (response.status === 204) {
        stayed();
        tellOthers("stayed");
      } else {
        leave();
      }
    } catch {
      announce.textContent = "The server cannot be reached. Check your connection and try again.";
    }
  }
  function tick() {
    const seconds = Math.round(idleSeconds - (Date.now() - lastAsked) / 1000);
    if (seconds <= 0) {
      leave();
      return;
    }
    if (seconds > WARN_SECONDS) {
      if (dialog.open) dialog.close();
      return;
    }
    if (!dialog.open) dialog.showModal();
    left.textContent = inWords(seconds);
    const step = seconds <= 30 ? 30 : seconds <= 60 ? 60 : 120;
    if (step !== lastAnnounced) {
      lastAnnounced = step;
      announce.textContent = `You will be signed out in ${inWords(seconds)}.`;
    }
  }

  channel?.addEventListener("message", (event) => {
    if (event.data === "stayed") stayed();
    if (event.data === "ended") leave();
  });
  dialog.querySelector("[data-session-stay]").addEventListener("click", stay);
  dialog.addEventListener("cancel", (event) => {
    event.preventDefault();
    stay();
  });
  document.addEventListener("submit", (event) => {
    if (event.target.hasAttribute("data-ends-session")) tellOthers("ended");
  });
  // each answer to htmx is a request that renews the session
  document.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.successful) {
      stayed();
      tellOthers("stayed");
    }
  });
  // the call page saves with fetch: it tells here that the server answered
  document.addEventListener("session:renewed", () => {
    stayed();
    tellOthers("stayed");
  });
  // timers sleep with the machine; look at the clock at once on waking
  document.addEventListener("visibilitychange", tick);
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) tick();
  });

  tellOthers("stayed");
  setInterval(tick, 1000);
}
