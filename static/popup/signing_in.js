// @ts-check
/** What follows consent: the frame gets its keys; where it can not keep them, this window signs, and asks the phone. */
import { sendBundle } from "../shared/messages.js";
import { RepoError } from "../shared/repo.js";
import { bundle, obtain, payload, throughPhone } from "./identities.js";

/** @typedef {import("./accounts.js").Account} Account */
/** @typedef {import("./identities.js").Found} Found */
/** @typedef {import("./identities.js").Identity} Identity */
/** @typedef {import("./popup.js").Popup} Popup */
/**
 * @typedef {{handed: true} | {payload: {uid: string} | null} | {failed: unknown}} Outcome the frame signs; or what the
 *   site gets, null if it was taken back; or what went wrong after the person had left the screen
 */

/** @param {import("../shared/messages.js").SignRequest} request @returns {boolean} */
export function wantsPhone({ name, level }) {
  return name === "confirm" || level !== "ON";
}

/**
 * @param {Popup} popup
 * @param {Account} account
 * @param {Found} found
 * @param {boolean} silently
 * @returns {Promise<Outcome>}
 */
export async function signIn(popup, account, { filed, phones }, silently) {
  const { origin, request } = popup.known();
  const { frame, id } = request;
  const identity = await obtain(account, origin, filed);
  if (frame !== null && id !== null) {
    const handed = { ...(await bundle(account, origin, identity, silently)), phone: phones.length > 0 };
    if (await sendBundle({ frame, id, origin, bundle: handed })) return { handed: true };
  }
  return sign(popup, account, identity);
}

/** @param {Popup} popup @param {Account} account @param {Identity} identity @returns {Promise<Outcome>} */
async function sign(popup, account, identity) {
  const { origin, request } = popup.known();
  if (!wantsPhone(request)) {
    try {
      return { payload: await payload(account, origin, identity, request.nonce) };
    } catch (error) {
      if (!(error instanceof RepoError) || error.code !== "phone_required") throw error; // else the account wants it so
    }
  }
  const ending = new AbortController();
  let asked = false;
  const onwaiting = (/** @type {string | null} */ number) => {
    asked = true;
    popup.go("waiting", { number, stop: () => ending.abort() });
  };
  try {
    return { payload: await throughPhone(account, origin, identity, request, { onwaiting, signal: ending.signal }) };
  } catch (error) {
    if (!asked) throw error;
    return { failed: error };
  }
}
