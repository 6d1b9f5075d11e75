// @ts-check
/**
 * What follows consent: cards are stored and released, and only then the frame gets its keys; where it can not keep
 * them, this window signs, and asks the phone.
 */
import { sendBundle } from "../shared/messages.js";
import { RepoError } from "../shared/repo.js";
import { bundle, obtain, payload, throughPhone } from "./identities.js";
import { Sharing, sealing } from "./sharing.js";

/** @typedef {import("../shared/accounts.js").Account} Account */
/** @typedef {import("../shared/messages.js").Bundle} Bundle */
/** @typedef {import("./identities.js").Found} Found */
/** @typedef {import("./identities.js").Identity} Identity */
/** @typedef {import("./popup.js").Popup} Popup */
/** @typedef {import("./sharing.js").Choice} Choice */
/** @typedef {import("./sharing.js").Handed} Handed */
/**
 * @typedef {{payload?: {uid: string} | null, failed?: unknown}} Outcome nothing if the frame signs; or what the site
 *   gets, null if it was taken back; or what went wrong after the person had left the screen
 */
/**
 * @typedef {object} Consent the person's word
 * @property {boolean} silently whether the site may come back without asking
 * @property {Choice[]} choices about the cards that it asks for
 */

/** @param {import("../shared/messages.js").SignRequest} request @returns {boolean} */
export function wantsPhone({ name, level }) {
  return name === "confirm" || level !== "ON";
}

/**
 * @param {Popup} popup
 * @param {Account} account
 * @param {Found} found
 * @param {Consent} consent
 * @returns {Promise<Outcome & {handed: Handed | null}>} `handed`: of cards, null if none were asked for
 */
export async function signIn(popup, account, { filed, phones }, { silently, choices }) {
  const { origin } = popup.known();
  const { identity, handed, keys } = await sealing(popup.accounts, account, async (now) => {
    const identity = await obtain(now, origin, filed);
    const handed = await share(popup, now, choices, identity);
    return { identity, handed, keys: await keysFor(popup, now, identity, { silent: silently, signs: true }) };
  });
  if (keys && (await deliver(popup, { ...keys, phone: phones.length > 0 }))) return { handed };
  return { handed, ...(await sign(popup, account, identity)) };
}

/**
 * Cards alone: the site gets no sign-in, now or later. Only one that may come back without asking gets more than what
 * it reads now; what it got before and is not given any more, it reads no more.
 * @param {Popup} popup
 * @param {Account} account
 * @param {Found} found
 * @param {Consent} consent
 * @returns {Promise<Handed | null>}
 */
export async function handOver(popup, account, { filed, phones }, { silently, choices }) {
  const { origin } = popup.known();
  const { handed, keys } = await sealing(popup.accounts, account, async (now) => {
    const identity = silently ? await obtain(now, origin, filed) : null;
    const handed = await share(popup, now, choices, identity, filed);
    return { handed, keys: identity && (await keysFor(popup, now, identity, { silent: true, signs: false })) };
  });
  if (keys) await deliver(popup, { ...keys, phone: phones.length > 0 });
  return handed;
}

/**
 * @param {Popup} popup
 * @param {Account} account
 * @param {Choice[]} choices
 * @param {Identity | null} identity
 * @param {Found["filed"]} [filed]
 * @returns {Promise<Handed | null>}
 */
async function share({ accounts, wishes, site }, account, choices, identity, filed) {
  if (wishes.wanted.length === 0) return null;
  const sharing = await Sharing.of(accounts, account);
  if (!identity && filed) await sharing.withdraw(filed.uid, choices);
  return sharing.share(wishes, choices, identity && { uid: identity.uid, origin: site?.origin ?? "" });
}

/**
 * @param {Popup} popup
 * @param {Account} account
 * @param {Identity} identity
 * @param {import("./identities.js").May} may
 */
async function keysFor(popup, account, identity, may) {
  const { origin, request: { frame, id } } = popup.known();
  return frame !== null && id !== null ? bundle(account, origin, identity, may) : null;
}

/** @param {Popup} popup @param {Bundle} keys @returns {Promise<boolean>} whether the frame holds them now */
async function deliver(popup, keys) {
  const { origin, request } = popup.known();
  const [frame, id] = /** @type {[string, string]} */ ([request.frame, request.id]);
  return sendBundle({ frame, id, origin, bundle: keys });
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
