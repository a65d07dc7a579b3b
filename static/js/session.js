// Warns two minutes before a session ends, keeps it when asked to, and leaves the page when it is over.
// The server ends the session by itself; this only tells in time. All tabs of the site share one clock: they say to
// each other how long the server still gives; a page that nobody is signed in to says so (page.js). No storage is used.
// What was typed into a form and not sent is left with the server, sealed, before the page goes (accounts/held_forms.py).

const WARN_SECONDS = 120;
// The server writes activity down every half minute at most, so that its clock may run ahead of this one by as much.
const GRAIN_SECONDS = 30;
const HOLD_MS = 4000;
const LEFT_HEADER = "X-Seconds-Left";

const body = document.body;
const idleSeconds = Number(body.dataset.idleSeconds);
const pingUrl = body.dataset.sessionUrl;
const loginUrl = body.dataset.loginUrl;
const dialog = document.getElementById("session-warning");

if (idleSeconds > 0 && pingUrl && loginUrl && dialog) {
  const announce = dialog.querySelector("[data-session-announce]");
  const stayButton = dialog.querySelector("[data-session-stay]");
  const closeButton = dialog.querySelector("[data-session-close]");
  const channel = "BroadcastChannel" in window ? new BroadcastChannel("conferencing-session") : null;
  let endsAt = Infinity;
  // when the sign-in itself is too old, which no activity changes; known once the idle limit is no longer the shorter
  let lastsUntil = Infinity;
  let lastAnnounced = null;
  let wasClosed = false;
  let isLeaving = false;

  const now = () => Date.now();
  const inWords = (seconds) =>
    seconds > 60 ? `${Math.ceil(seconds / 60)} minutes` : `${seconds} ${seconds === 1 ? "second" : "seconds"}`;

  function endIn(seconds) {
    if (seconds < idleSeconds - 2 * GRAIN_SECONDS) lastsUntil = Math.min(lastsUntil, now() + seconds * 1000);
    endsAt = Math.min(now() + seconds * 1000, lastsUntil);
    lastAnnounced = null;
    tick();
  }
  function renewed(seconds) {
    const given = seconds ?? idleSeconds - GRAIN_SECONDS;
    endIn(given);
    channel?.postMessage({ seconds: given });
  }
  const isChanged = (field) => {
    if (!field.name || field.type === "hidden" || field.type === "password" || field.type === "file") return false;
    if (field.type === "checkbox" || field.type === "radio") return field.checked !== field.defaultChecked;
    if (field.options) return [...field.options].some((each) => each.selected !== each.defaultSelected);
    return "defaultValue" in field && field.value !== field.defaultValue;
  };
  // Each form that was changed goes to where the server keeps it; returns the address at which the last one comes back.
  async function leaveForms() {
    let back = location.pathname + location.search;
    for (const form of document.querySelectorAll("form")) {
      if (form.method !== "post" || form.closest("dialog") || ![...form.elements].some(isChanged)) continue;
      const target = new URL(form.getAttribute("action") || location.href, location.href);
      const sent = new FormData(form);
      for (const [name, value] of [...sent]) if (value instanceof File) sent.delete(name);
      try {
        const response = await fetch(body.dataset.holdUrl, {
          method: "POST",
          credentials: "same-origin",
          redirect: "manual",
          body: sent,
          signal: AbortSignal.timeout(HOLD_MS),
          headers: { "X-Held-Path": target.pathname + target.search },
        });
        if (response.ok) back = (await response.json()).path || back;
      } catch {
        // The page has to go all the same: it shows what a signed-out person may not see.
      }
    }
    return back;
  }
  async function leave() {
    if (isLeaving) return;
    // A page that holds what was not sent yet stays, and lets the person sign in beside it.
    if (!document.dispatchEvent(new CustomEvent("session:ended", { cancelable: true }))) {
      if (dialog.open) dialog.close();
      endsAt = lastsUntil = Infinity;
      return;
    }
    isLeaving = true;
    location.assign(`${loginUrl}?next=${encodeURIComponent(await leaveForms())}`);
  }
  async function stay() {
    try {
      const response = await fetch(pingUrl, {
        method: "POST",
        credentials: "same-origin",
        redirect: "manual",
        headers: { "X-CSRFToken": JSON.parse(body.getAttribute("hx-headers"))["X-CSRFToken"] },
      });
      if (response.status !== 204) {
        leave();
        return;
      }
      const given = response.headers.get(LEFT_HEADER);
      renewed(given === null ? undefined : Number(given));
    } catch {
      announce.textContent = "The server cannot be reached. Check your connection and try again.";
    }
  }
  function show() {
    const isLast = endsAt === lastsUntil;
    for (const text of dialog.querySelectorAll("[data-session-why]")) {
      text.hidden = (text.dataset.sessionWhy === "limit") !== isLast;
    }
    stayButton.hidden = isLast;
    closeButton.hidden = !isLast;
    if (!dialog.open) {
      dialog.showModal();
      (isLast ? closeButton : stayButton).focus();
    }
  }
  function tick() {
    const seconds = Math.ceil((endsAt - now()) / 1000);
    if (seconds <= 0) {
      leave();
      return;
    }
    if (seconds > WARN_SECONDS) {
      wasClosed = false;
      if (dialog.open) dialog.close();
      return;
    }
    if (wasClosed) return;
    show();
    for (const place of dialog.querySelectorAll("[data-session-left]")) place.textContent = inWords(seconds);
    const step = [30, 60].find((mark) => seconds <= mark) ?? WARN_SECONDS;
    if (step !== lastAnnounced) {
      if (lastAnnounced !== null) announce.textContent = `You will be signed out in ${inWords(seconds)}.`;
      lastAnnounced = step;
    }
  }
  function close() {
    wasClosed = true;
    dialog.close();
  }

  channel?.addEventListener("message", (event) => {
    if (event.data.hasEnded) leave();
    else endIn(event.data.seconds);
  });
  stayButton.addEventListener("click", stay);
  closeButton.addEventListener("click", close);
  dialog.addEventListener("cancel", (event) => {
    event.preventDefault();
    if (stayButton.hidden) close();
    else stay();
  });
  // what htmx asks for renews the session, unless the page asks by itself
  document.addEventListener("htmx:afterRequest", (event) => {
    const { successful, requestConfig, xhr } = event.detail;
    if (!successful || requestConfig.headers["X-Background"] === "1") return;
    const given = xhr.getResponseHeader(LEFT_HEADER);
    renewed(given === null ? undefined : Number(given));
  });
  // a script that asks the server with fetch tells here that it answered; detail: the seconds left, if the server said
  document.addEventListener("session:renewed", (event) => renewed(event.detail ?? undefined));
  // timers sleep with the machine; look at the clock at once on waking
  document.addEventListener("visibilitychange", tick);
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) tick();
  });

  // The server's figure is rounded down: in the last second of a session it is 0, and the session not over yet.
  renewed(Math.max(1, Number(body.dataset.secondsLeft ?? idleSeconds)));
  setInterval(tick, 1000);
}
