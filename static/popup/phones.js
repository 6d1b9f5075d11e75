// @ts-check
/** The phones of an account, as a browser of it sees them: connected here, listed, and on their way out. */
import { makeKeys, secretOf, signer } from "../shared/devices.js";
import { toBase64url } from "../shared/encoding.js";
import { handOver } from "../shared/handing_over.js";
import { PairingError } from "../shared/relay.js";
import { whileSettled } from "../shared/renewed.js";
import { call } from "../shared/repo.js";
import { settle } from "./arriving.js";

/** @typedef {import("../shared/accounts.js").Account} Account */
/** @typedef {import("../shared/accounts.js").Accounts} Accounts */
/** @typedef {import("./arriving.js").Told} Told */
/** @typedef {import("../shared/offer.js").Offer} Offer */
/** @typedef {{id: string, name: string, ends: string | null}} Phone `ends`: when it is removed, unless it objects */
/** @typedef {import("../shared/devices.js").Keys} Keys */

/** @param {Account} account @returns {Promise<Phone[]>} those that live */
export async function phonesOf(account) {
  const { devices } = await call("/repo/devices/list", {}, signer(account));
  const phones = /** @type {(Phone & {phone: boolean, revoked: string | null})[]} */ (devices);
  return phones.filter(({ phone, revoked }) => phone && !revoked).map(({ id, name, ends }) => ({ id, name, ends }));
}

/**
 * A lost phone goes: not at once, because whoever holds the OneID Key may not be its owner.
 * @param {Account} account
 * @param {string} phone its id
 * @returns {Promise<string | null>} when it ends; null if it has ended
 */
export async function remove(account, phone) {
  const { device } = await call("/repo/devices/revoke", { device: phone }, signer(account));
  return device?.ends ?? null;
}

/**
 * Hand the account to the phone that accepted, and let it in: not with a secret that the account has no more by then.
 * @param {Accounts} accounts
 * @param {string} id
 * @param {Offer} offer whose end is proved
 * @param {AbortSignal} signal
 */
export function admit(accounts, id, offer, signal) {
  let given = "";
  const told = () => whileSettled(accounts, id, async (account) => {
    given = toBase64url(await secretOf(account));
    return { account: id, label: account.label, s: given };
  });
  const enter = (/** @type {any} */ device) => whileSettled(accounts, id, async (account) => {
    if (toBase64url(await secretOf(account)) !== given) throw new PairingError("pairing_ended");
    return call("/repo/devices/admit", { device, phone: true }, signer(account));
  });
  return handOver(offer, told, enter, signal);
}

/**
 * Say who wants to come in. The key is this try's own: where it comes to nothing, it opens nothing.
 * @param {Offer} offer whose digits are known
 * @param {string} name of this browser
 * @returns {Promise<Keys>}
 */
export async function ask(offer, name) {
  const keys = await makeKeys();
  await offer.send({ device: { key: keys.devicePublic, name } });
  return keys;
}

/**
 * The phone let this browser in: the account lives here from now on.
 * @param {Accounts} accounts
 * @param {Offer} offer whose end is proved
 * @param {Keys} keys
 * @param {number} now
 * @returns {Promise<Account>}
 */
export async function arrive(accounts, offer, keys, now) {
  const account = await settle(accounts, /** @type {Told} */ (await offer.receive()), keys, now);
  await offer.send({ in: true }).catch(() => {}); // who does not hear it takes this browser back
  return account;
}
