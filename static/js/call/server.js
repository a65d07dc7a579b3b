// Talking to the server from the page of a call: who asks, with which token, and what can go wrong.

const root = document.querySelector("[data-key-url]");
let token = JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"];

export class SignedOut extends Error {}
export class Unreachable extends Error {}

const LONGEST_MS = 10_000;

// Ask once. Gives the Response for every answer of the application; throws SignedOut where the session is over, and
// Unreachable where nothing answered, or a server that is not well. A refusal may only mean that the same person signed
// in anew in another tab, which changes the token: it is asked once more with the new one.
export async function ask(url, options = {}) {
  const response = await askOnce(url, options);
  if (response.status !== 403 || (options.method ?? "GET") === "GET") return response;
  if ((await takeSession()) !== "back") throw new SignedOut();
  return askOnce(url, options);
}

async function askOnce(url, { method = "GET", form, json, background = false } = {}) {
  const headers = { "X-Call": "1" };
  let body;
  if (background) headers["X-Background"] = "1";
  if (method !== "GET") headers["X-CSRFToken"] = token;
  if (json !== undefined) {
    headers["Content-Type"] = "application/json";
    body = JSON.stringify(json);
  } else if (form) {
    body = new URLSearchParams(form);
  }
  let response;
  try {
    response = await fetch(url, {
      method,
      headers,
      body,
      credentials: "same-origin",
      redirect: "manual",
      cache: "no-store",
      signal: AbortSignal.timeout(LONGEST_MS),
    });
  } catch {
    throw new Unreachable();
  }
  if (response.type === "opaqueredirect" || response.status === 401) throw new SignedOut();
  if (response.status >= 500) throw new Unreachable();
  return response;
}

// After a sign-in beside this page: take the new session's token, if it is still the same person.
// Gives "back", "other" (somebody else signed in) or "out".
export async function takeSession() {
  let response;
  try {
    response = await askOnce(root.dataset.stateUrl, { background: true });
  } catch (error) {
    if (error instanceof SignedOut) return "out";
    throw error;
  }
  if (!response.ok) return "out";
  const state = await response.json();
  if (state.user !== root.dataset.user) return "other";
  token = state.csrf;
  document.body.setAttribute("hx-headers", JSON.stringify({ "X-CSRFToken": token }));
  document.dispatchEvent(new CustomEvent("session:renewed", { detail: state.seconds }));
  return "back";
}
