// @ts-check
/**
 * An account comes to this browser from a phone, perhaps one that lives here already. Then the device stays that it has
 * here: it made the sessions of the frames, and it may have a OneID Key that is being written down. The one that the
 * phone admitted is a stray, and is ended: at once, or when it can be.
 */
import { withSecret } from "../shared/devices.js";
import { fromBase64url, toBase64url } from "../shared/encoding.js";
import { PairingError, patiently } from "../shared/relay.js";
import { RepoError, call } from "../shared/repo.js";
import { BELONGS, open, seal } from "../shared/sealing.js";
import { exclusively, secretOf, signer } from "../shared/accounts.js";
import { isAlive } from "./recovery.js";

/** @typedef {import("../shared/accounts.js").Account} Account */
/** @typedef {import("../shared/accounts.js").Accounts} Accounts */
/** @typedef {import("../shared/devices.js").Device} Device */
/** @typedef {import("../shared/devices.js").Keys} Keys */
/** @typedef {{account: string, label: string, s: string}} Told what the phone hands over */

/**
 * @param {Accounts} accounts
 * @param {Told} told
 * @param {Keys} keys of the device that the phone admitted
 * @param {number} now
 * @returns {Promise<Account>}
 * @throws {PairingError} `pairing_attacked` if the phone calls another account by the name of one that lives here
 */
export function settle(accounts, { account: id, label, s }, keys, now) {
  return exclusively(`join ${id}`, () => exclusively(`key ${id}`, async () => {
    const here = await accounts.get(id);
    if (here && toBase64url(await secretOf(here)) !== s) throw new PairingError("pairing_attacked");
    if (here && (await patiently(() => isAlive(here), {}))) {
      const strays = [...(here.strays ?? []), keys.deviceId];
      return ended(accounts, await accounts.change(id, { strays, locked: false, revoked: false, lastUsed: now }));
    }
    const device = await withSecret(keys, fromBase64url(s));
    const naming = { id, label, created: now, lastUsed: now, joined: true, ...(await standing(here, device)) };
    return accounts.settle(`pair ${id}`, { ...device, ...naming });
  }));
}

/**
 * End what an earlier arrival could not. It is nobody's wish at this moment, so nobody waits for it.
 * @param {Accounts} accounts
 * @param {Account} account
 */
export async function endStrays(accounts, { id, strays }) {
  if (!strays) return;
  try {
    await exclusively(`join ${id}`, async () => ended(accounts, await accounts.change(id, {})));
  } catch {
    // It is tried again with the next sign-in.
  }
}

/** @param {Accounts} accounts @param {Account} account @returns {Promise<Account>} without those that are ended */
async function ended(accounts, account) {
  const left = [];
  for (const device of account.strays ?? []) {
    try {
      await call("/repo/devices/revoke", { device }, signer(account));
    } catch (error) {
      if (!(error instanceof RepoError) || error.code !== "device_refused") left.push(device);
    }
  }
  return accounts.change(account.id, { strays: left.length ? left : undefined });
}

/**
 * How the account stands with its OneID Key: as the device that was removed here knew it. Whether the key of a new one
 * is saved, the phone knows as little as this browser does, and another key would end a saved one.
 * @param {Account | undefined} here
 * @param {Device} device
 */
async function standing(here, device) {
  if (!here) return { confirmed: true, keyed: true };
  const { confirmed, keyed, pendingKey, strays, sealKey, deviceId } = here;
  if (!pendingKey) return { confirmed, keyed, strays };
  const key = await open(sealKey, pendingKey.sealed, BELONGS.pendingKey(deviceId));
  const sealed = await seal(device.sealKey, key, BELONGS.pendingKey(device.deviceId));
  return { confirmed, keyed, strays, pendingKey: { ...pendingKey, sealed } };
}
