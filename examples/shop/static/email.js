// @ts-check
// Sharing a verified address with the shop, on the account page: the person releases it in OneID's window, and signs in
// once more, which needs no window then and brings the service's word for it to the shop's server.

const OneID = /** @type {any} */ (window).OneID;
const place = /** @type {HTMLElement | null} */ (document.querySelector(".sharing"));
const button = /** @type {HTMLButtonElement | null} */ (place?.querySelector("button") ?? null);
const EMAIL = "email[email]";

/** @param {string} words */
function say(words) {
  const status = place?.querySelector("[role=status]");
  if (status) {
    status.textContent = words;
  }
}

/** Nothing is awaited before the library is called, or it could not open its window. */
async function share() {
  try {
    const given = await OneID.attr(EMAIL, () => {});
    if (!given?.attribute_data.email?.email) {
      say("No address was shared.");
      return;
    }
    const response = await fetch("/nonce", { method: "POST" });
    const { nonce } = await response.json();
    const challenge = { nonce, callback: `/auth?nonce=${encodeURIComponent(nonce)}`, attr: EMAIL };
    const answer = await OneID.signin({ challenge }, () => {});
    if (answer?.error === "success") {
      location.assign("/account?shared=yes");
    } else {
      say(answer?.error ?? "You are not signed in again yet, so the shop has no address. Please try once more.");
    }
  } catch {
    say("That did not work. Please try again.");
  }
}

if (button && OneID) {
  button.disabled = false;
  button.addEventListener("click", share);
  void OneID.init();
}

export {}; // a module: its names are its own
