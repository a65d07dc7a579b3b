// Talking to the server from the pages of a call: who asks, with which token, and what counts as its answer.

const root = document.querySelector("[data-key-url]");
let token = JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"];

export class SignedOut extends Error {}
export class Unreachable extends Error {}

const LONGEST_MS = 10_000;
const NO_BODY = [204, 205, 304];

// Ask once. Gives the Response for every answer of the application; throws SignedOut where the session is over, and
// Unreachable where nothing answered, somebody else did, or a server that is not well. A refusal may only mean that the
// same person signed in anew in another tab, which changes the token: it is asked once more with the new one.
export async function ask(url, options = {}) {
  const response = await askOnce(url, options);
  if (response.status !== 403 || (options.method ?? "GET") === "GET") return response;
  if ((await takeSession()) !== "back") throw new SignedOut();
  return askOnce(url, options);
}

async function askOnce(url, { method = "GET", form, json, background = false, longest = LONGEST_MS } = {}) {
  const nonce = hex(crypto.getRandomValues(new Uint8Array(16)));
  const headers = { "X-Call": "1", "X-Call-Nonce": nonce };
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
  let bytes;
  try {
    response = await fetch(url, {
      method,
      headers,
      body,
      credentials: "same-origin",
      redirect: "manual",
      cache: "no-store",
      signal: AbortSignal.timeout(longest),
    });
    bytes = await response.arrayBuffer();
  } catch {
    throw new Unreachable();
  }
  if (!(await isOwn(response, nonce, bytes))) throw new Unreachable();
  if (response.status === 401) throw new SignedOut();
  if (response.status >= 500) throw new Unreachable();
  const { status } = response;
  return new Response(NO_BODY.includes(status) ? null : bytes, { status, headers: response.headers });
}

const hex = (bytes) => Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, "0")).join("");

// Whether the server itself gave this very answer to this very question: it says the question's number back, with a sum
// over number, status and body. A captive portal's page, an old answer, an empty or a changed one have none that fits.
async function isOwn(response, nonce, bytes) {
  const [number, sum] = (response.headers.get("X-Call-Ack") ?? "").split(" ");
  if (number !== nonce) return false;
  if (!crypto.subtle) return true; // without TLS a browser adds nothing up
  const before = new TextEncoder().encode(`${nonce}\n${response.status}\n`);
  const whole = new Uint8Array(before.length + bytes.byteLength);
  whole.set(before);
  whole.set(new Uint8Array(bytes), before.length);
  return hex(await crypto.subtle.digest("SHA-256", whole)) === sum;
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
