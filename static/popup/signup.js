// @ts-check
/** A new OneID: the secret and the device key are made here, and the repo files the public half. */
import { randomBytes } from "../shared/encoding.js";
import { RepoError, call } from "../shared/repo.js";
import { exclusively, signer } from "../shared/accounts.js";

/** @typedef {import("../shared/accounts.js").Account} Account */

const WORK = "sign-up";

/**
 * Create an account. Asked again after a lost answer, or from a second window, it is the same account.
 * @param {import("../shared/accounts.js").Accounts} accounts
 * @param {object} wanted
 * @param {string} wanted.label
 * @param {string} wanted.deviceName
 * @param {string[]} wanted.known the ids that the asking window knew: one made meanwhile is the one that was meant
 * @param {number} wanted.now ms
 * @returns {Promise<Account>}
 * @throws {RepoError}
 */
export function signUp(accounts, { label, deviceName, known, now }) {
  return exclusively(WORK, async () => {
    const begun = await accounts.isBegun(WORK);
    // One that came by its OneID Key meanwhile was not made here: nobody asked to sign up with that one.
    const made = begun ? undefined : (await accounts.all()).find(({ id, joined }) => !joined && !known.includes(id));
    if (made) return made;
    const device = await accounts.begun(WORK, randomBytes(32));
    const question = { device: { key: device.devicePublic, name: deviceName } };
    try {
      const { account } = await call("/repo/accounts", question, signer(device));
      const naming = { id: account.id, label, created: now, lastUsed: now, confirmed: false };
      return await accounts.settle(WORK, { ...device, ...naming });
    } catch (error) {
      // That account was closed before its answer came: this key is spent, and the next try takes another.
      if (error instanceof RepoError && error.code === "signer_revoked") await accounts.abandon(WORK);
      throw error;
    }
  });
}
