// SPDX-FileCopyrightText: The OpenJuki contributors
// SPDX-License-Identifier: Apache-2.0
//
// The only script of these pages: what the server asks of a passkey goes to the device, and what the device
// signed goes back in the form. Everything else works without it.

const form = document.querySelector("form[data-passkey]");
const failed = form.querySelector("[data-failed]");
const options = JSON.parse(form.dataset.options);

/** Bytes of base64url. */
function bytes(text) {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (character) => character.charCodeAt(0));
}

/** Base64url of bytes; undefined where there are none. */
function text(buffer) {
  if (!buffer) return undefined;
  const plain = String.fromCharCode(...new Uint8Array(buffer));
  return btoa(plain).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

const known = (list) => (list ?? []).map((one) => ({ ...one, id: bytes(one.id) }));

const ask = {
  create: () =>
    navigator.credentials.create({
      publicKey: {
        ...options,
        challenge: bytes(options.challenge),
        user: { ...options.user, id: bytes(options.user.id) },
        excludeCredentials: known(options.excludeCredentials),
      },
    }),
  get: () =>
    navigator.credentials.get({
      publicKey: {
        ...options,
        challenge: bytes(options.challenge),
        allowCredentials: known(options.allowCredentials),
      },
    }),
};

/** What the server reads of a credential. */
function read({ id, rawId, type, response }) {
  return {
    id,
    rawId: text(rawId),
    type,
    clientExtensionResults: {},
    response: {
      clientDataJSON: text(response.clientDataJSON),
      attestationObject: text(response.attestationObject),
      authenticatorData: text(response.authenticatorData),
      signature: text(response.signature),
      userHandle: text(response.userHandle),
    },
  };
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  failed.hidden = true;
  try {
    form.elements.response.value = JSON.stringify(read(await ask[form.dataset.passkey]()));
    form.submit();
  } catch {
    failed.hidden = false;
  }
});
