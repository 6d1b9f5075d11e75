// @ts-check
// All that the shop does in the browser: it keeps a fresh nonce at hand, lets OneID draw its button, and follows the
// callback's answer. `OneID` comes from the service's script, which the page loads first.

const REFRESH = 4 * 60 * 1000; // a nonce is good for five minutes
const OUT_OF_ORDER = "Signing in is out of order at the moment. Please try again in a few minutes.";

/** @typedef {{error: string, errorcode: number, url?: string}} Answer  What `/auth` says. */

const OneID = /** @type {any} */ (window).OneID;
const place = /** @type {HTMLElement | null} */ (document.querySelector(".signin"));
const leaving = /** @type {HTMLElement | null} */ (document.querySelector(".leaving"));

/** @param {HTMLElement | null} where @param {string} words */
function say(where, words) {
  const status = where?.querySelector("[role=status]");
  if (status) {
    status.textContent = words;
  }
}

/** Whether nothing could be offered the last time. */
let out = false;

/** Fetch a nonce of this session, and offer to sign in with it. */
async function refresh() {
  try {
    const response = await fetch("/nonce", { method: "POST" });
    const answer = await response.json();
    if (!response.ok) {
      out = true;
      say(place, answer.error);
    } else if (String(answer.signed_in) !== document.body.dataset.signedIn) {
      location.reload(); // somebody signed in or out in another tab
    } else {
      offer(answer.nonce);
    }
  } catch {
    out = true;
    say(place, "The shop does not answer. Are you online?");
  }
}

/**
 * Draw the button, or give the one that is there its next nonce: at the click nothing may be awaited, or the browser
 * would not let a window open. A sign-in that is under way keeps the challenge that it began with.
 *
 * @param {string} nonce
 */
function offer(nonce) {
  const challenge = {
    nonce,
    callback: `${place?.dataset.callback}?nonce=${encodeURIComponent(nonce)}`,
    request_method: place?.dataset.requestMethod,
    attr: "email[email]", // which the person may leave out
  };
  OneID.config({ buttons: { "signin #oneid-signin": [{ challenge }, follow] } });
  if (out) {
    out = false;
    say(place, "");
  }
}

/** @param {Answer | null} answer  null: the person closed the window, or nothing came of it */
function follow(answer) {
  if (answer && answer.error === "success" && answer.errorcode === 0 && answer.url) {
    location.assign(answer.url);
    return;
  }
  say(place, answer ? answer.error : "You are not signed in yet. To go on, click once more.");
  void refresh(); // the nonce may be spent
}

/** Out of OneID in this browser, and then out of the shop. */
async function leave() {
  /** @type {string} */
  const failed = await OneID.signout().then(() => "", (/** @type {{code: string}} */ { code }) => code);
  if (!failed || failed === "not_signed_in") {
    /** @type {HTMLFormElement} */ (document.getElementById("signout")).requestSubmit();
  } else {
    say(leaving, "OneID could not sign you out, so you may still be signed in to it.");
  }
}

if (place && OneID) {
  void refresh();
  setInterval(() => document.hidden || refresh(), REFRESH);
  document.addEventListener("visibilitychange", () => document.hidden || refresh());
} else {
  say(place, OUT_OF_ORDER);
}
document.getElementById("oneid-signout")?.addEventListener("click", leave);

export {}; // a module: its names are its own
