// @ts-check
// What the shop's pages do about a phone. Buying: it keeps a fresh nonce at hand and asks within the click. Cancelling is
// asked for by the shop's server; here it is only said that the page waits. All words are the page's.

const REFRESH = 2 * 60 * 1000; // a nonce is good for five minutes, and a person may take two of them to answer

/** @typedef {{title: string, message: string, challenge: {nonce: string, callback: string}}} Asked */
/** @typedef {{state: string, asked: Asked, error?: string}} Standing  What `/orders/…/nonce` says. */
/** @typedef {{error?: string, errorcode?: number, url?: string, confirm?: boolean}} Outcome */

const OneID = /** @type {any} */ (window).OneID;
const section = /** @type {HTMLElement | null} */ (document.querySelector(".phone"));
const button = /** @type {HTMLButtonElement | null} */ (document.getElementById("confirm"));

/** What the next click asks for. @type {Asked | null} */
let next = null;
/** Whether the phone is being asked: its nonce has to stay. */
let asking = false;
/** Whether the shop could not be reached the last time. */
let out = false;

/** @param {string} code  of the service, the library, or one of the page's own */
function tell(code) {
  const words = section?.querySelector(`template[data-code="${CSS.escape(code)}"]`);
  const other = section?.querySelector('template[data-code=""]');
  const told = /** @type {HTMLTemplateElement | null | undefined} */ (words ?? other);
  status()?.replaceChildren(told?.content.cloneNode(true) ?? "");
  status()?.classList.toggle("asking", code === "asking"); // no trouble, so not in its colour
}

/** @param {string} words */
function say(words) {
  status()?.replaceChildren(words);
  status()?.classList.remove("asking");
}

/** @returns {Element | null} */
function status() {
  return section?.querySelector("[role=status]") ?? null;
}

/** Have the shop's words at hand, with a nonce of this session for this order. */
async function refresh() {
  if (asking || !section || !button) {
    return;
  }
  try {
    const response = await fetch(`/orders/${section.dataset.order}/nonce`, { method: "POST" });
    const standing = /** @type {Standing} */ (await response.json());
    if (!response.ok) {
      say(standing.error ?? "");
    } else if (standing.state !== section.dataset.state) {
      location.reload(); // confirmed in another tab
    } else {
      next = standing.asked;
      button.disabled = false;
      if (out) {
        say("");
      }
    }
    out = false;
  } catch {
    out = true;
    tell("unavailable");
  }
}

/** Nothing is awaited before the library is called, or it could not open a window where it needs one. */
async function ask() {
  if (asking) {
    return;
  }
  if (!next) {
    await refresh();
    return;
  }
  asking = true;
  say("");
  try {
    settle(await OneID.confirm(next, () => {}));
  } catch (error) {
    const { code, answer } = /** @type {{code: string, answer?: Outcome}} */ (error);
    code === "site_refused" && answer?.error ? say(answer.error) : tell(code);
  }
  asking = false;
  next = null;
  await refresh();
}

/** @param {Outcome | null} outcome  the callback's answer; or null, or a no, which no callback hears of */
function settle(outcome) {
  if (outcome?.error === "success" && outcome.errorcode === 0 && outcome.url) {
    location.assign(outcome.url);
  } else {
    tell(outcome?.confirm === false ? "confirmation_denied" : "closed");
  }
}

if (button && OneID) {
  button.addEventListener("click", ask);
  void OneID.init(); // so that the first click is quick
  void refresh();
  setInterval(() => document.hidden || refresh(), REFRESH);
  document.addEventListener("visibilitychange", () => document.hidden || refresh());
} else if (button) {
  tell("unavailable");
}
for (const form of document.querySelectorAll("form.asking")) {
  form.addEventListener("submit", () => {
    for (const each of document.querySelectorAll("form.asking button")) {
      each.setAttribute("disabled", "");
    }
    tell("asking");
  });
}

export {}; // a module: its names are its own
