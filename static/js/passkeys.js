// Passkeys: forms marked data-passkey ask the browser for one before they are sent.
//   data-passkey="login"  sign in by passkey alone: the options come from the form's address
//   data-passkey="use"    prove oneself: the options stand in the page
//   data-passkey="add"    make a new one: the options stand in the page
// The forms are hidden until this script shows that it can help.

const bytes = (text) => {
  const plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(plain, (character) => character.charCodeAt(0));
};
const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replace(/\+/g, "-")
    .replace(/\//g, "_")
    .replace(/=+$/, "");
const withBytes = (descriptors) => (descriptors ?? []).map((one) => ({ ...one, id: bytes(one.id) }));

const sayings = {
  NotAllowedError: "The passkey was not used: it was canceled, or it took too long. Try again.",
  InvalidStateError: "This device or key already holds a passkey for your account.",
  NotSupportedError: "This device or key cannot make a passkey that this site accepts. Try another one.",
  SecurityError: `Passkeys do not work at this address (${location.hostname}).`,
};

async function make(options, form) {
  const selection = { ...options.authenticatorSelection };
  const alone = form.elements.passwordless;
  if (alone) {
    const isAlone = alone.type === "checkbox" ? alone.checked : alone.value !== "";
    selection.residentKey = isAlone ? "required" : "discouraged";
    selection.requireResidentKey = isAlone;
    if (isAlone) selection.userVerification = "required";
  }
  const made = await navigator.credentials.create({
    publicKey: {
      ...options,
      challenge: bytes(options.challenge),
      user: { ...options.user, id: bytes(options.user.id) },
      excludeCredentials: withBytes(options.excludeCredentials),
      authenticatorSelection: selection,
    },
  });
  return {
    type: made.type,
    id: made.id,
    rawId: text(made.rawId),
    authenticatorAttachment: made.authenticatorAttachment,
    response: {
      clientDataJSON: text(made.response.clientDataJSON),
      attestationObject: text(made.response.attestationObject),
      transports: made.response.getTransports?.() ?? [],
    },
    clientExtensionResults: made.getClientExtensionResults(),
  };
}

async function use(options) {
  const used = await navigator.credentials.get({
    publicKey: {
      ...options,
      challenge: bytes(options.challenge),
      allowCredentials: withBytes(options.allowCredentials),
    },
  });
  return {
    type: used.type,
    id: used.id,
    rawId: text(used.rawId),
    authenticatorAttachment: used.authenticatorAttachment,
    response: {
      clientDataJSON: text(used.response.clientDataJSON),
      authenticatorData: text(used.response.authenticatorData),
      signature: text(used.response.signature),
      userHandle: used.response.userHandle ? text(used.response.userHandle) : null,
    },
    clientExtensionResults: used.getClientExtensionResults(),
  };
}

class Refused extends Error {}

async function fetchOptions(address) {
  const response = await fetch(address, { headers: { Accept: "application/json" }, credentials: "same-origin" });
  if (response.status === 429) throw new Refused("There were too many attempts. Wait a few minutes, then try again.");
  if (!response.ok) throw new Refused("The server did not answer as it should. Load the page again and try once more.");
  return response.json();
}

async function credentialFor(form) {
  if (form.dataset.passkey === "login") return use((await fetchOptions(form.action)).request_options.publicKey);
  const given = JSON.parse(document.getElementById(form.dataset.passkeyOptions).textContent);
  if (form.dataset.passkey === "add") return make(given.creation_options.publicKey, form);
  return use(given.request_options.publicKey);
}

for (const form of document.querySelectorAll("form[data-passkey]")) {
  const status = form.querySelector("[data-passkey-status]");
  const button = form.querySelector("button[type=submit]");
  form.hidden = false;
  if (!window.PublicKeyCredential) {
    status.textContent = "This browser cannot use passkeys here.";
    button.disabled = true;
    continue;
  }
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    status.textContent = "";
    button.disabled = true;
    try {
      form.elements.credential.value = JSON.stringify(await credentialFor(form));
      form.submit();
    } catch (error) {
      status.textContent = error instanceof Refused ? error.message : (sayings[error.name] ?? "The passkey could not be used. Load the page again and try once more.");
      button.disabled = false;
    }
  });
}
