// @ts-check
/**
 * The account's proved e-mail address. The repo keeps a salted hash of it: which of the cards it is, only a device can
 * tell. Whatever fails here is in nobody's way.
 */
import { saltedHash } from "../shared/claims.js";
import { call } from "../shared/repo.js";
import { signer } from "../shared/accounts.js";
import { language } from "./words.js";

/** @typedef {import("../shared/accounts.js").Account} Account */
/** @typedef {{salt: string, digest: string} | null} Proved null if none is; digest of salt and address */
/** @typedef {{id: string, expires: string}} Mailed a code that is on its way */

/** @param {Account} account @returns {Promise<Proved | undefined>} undefined if that is not known */
export async function provedOf(account) {
  try {
    return (await call("/repo/emails/state", {}, signer(account))).email;
  } catch {
    return undefined;
  }
}

/** @param {Proved} proved @param {string} address @returns {Promise<boolean>} whether this address is the proved one */
export async function isProved(proved, address) {
  return proved !== null && (await saltedHash(proved.salt, address)) === proved.digest;
}

/** @param {Account} account @param {string} address @returns {Promise<Mailed>} a code and a link were sent there */
export async function mailCode(account, address) {
  return (await call("/repo/emails", { address, language }, signer(account))).email;
}

/** @param {Account} account @param {Mailed} mailed @param {string} typed @returns {Promise<Proved>} */
export async function proveAddress(account, { id }, typed) {
  return (await call("/repo/emails/confirm", { id, code: typed.replace(/\D/g, "") }, signer(account))).email;
}
