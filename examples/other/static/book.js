// @ts-check
// Signing in without a `callback` in the challenge: the payload comes here, and this page takes it to its server.

const OneID = /** @type {any} */ (window).OneID;
const place = document.getElementById("oneid-signin");

/** @param {object | null} payload  null: the person closed the window, or nothing came of it */
async function signIn(payload) {
  if (payload) {
    const headers = { "content-type": "application/json" };
    const response = await fetch("/signin", { method: "POST", headers, body: JSON.stringify(payload) });
    if (!response.ok) {
      alert((await response.json()).error);
    }
  }
  location.reload(); // as somebody, or with a fresh nonce
}

if (place) {
  const challenge = { nonce: place.dataset.nonce };
  OneID?.config({ buttons: { "signin #oneid-signin": [{ challenge }, signIn] } });
}

export {}; // a module: its names are its own
