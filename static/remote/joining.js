// @ts-check
/** Devices that come into the account through a pairing: this phone itself, a browser, another phone. */
import { now } from "../shared/clock.js";
import { exclusively, makeKeys, secretOf, signer } from "../shared/devices.js";
import { toBase64url } from "../shared/encoding.js";
import { handOver } from "../shared/handing_over.js";
import { thumbprint } from "../shared/keys.js";
import { PairingError, patiently } from "../shared/relay.js";
import { RepoError, call } from "../shared/repo.js";

/** @typedef {import("./phone.js").Phone} Phone */
/** @typedef {import("./phone.js").Held} Held */
/** @typedef {import("../shared/devices.js").Keys} Keys */
/** @typedef {import("../shared/answering.js").Answering} Answering */
/** @typedef {import("../shared/offer.js").Offer} Offer */
/** @typedef {{key: string, name: string}} Newcomer a device that wants to come in */

/** Refusals that say that a device of ours is at its end already. */
const ENDED = new Set(["signer_revoked", "signer_refused"]);

/**
 * This phone accepts a pairing, and tells the device that it wants to come in with.
 * @param {Answering} answering whose digits were right
 * @param {string} name
 * @returns {Promise<Keys>} of that device
 */
export async function ask(answering, name) {
  const keys = await makeKeys();
  await answering.send({ device: { key: keys.devicePublic, name } });
  return keys;
}

/**
 * Wait until the other side hands the account over, and store it beside what is here.
 * @param {Phone} phone
 * @param {Answering} answering
 * @param {Keys} keys
 * @param {() => boolean} isWanted
 * @returns {Promise<boolean>} false if it is not wanted any more
 * @throws {PairingError | RepoError}
 */
export async function arrive(phone, answering, keys, isWanted) {
  const told = await answering.receive();
  if (!isWanted()) return false;
  const pairing = { since: now(), ticket: answering.ticket };
  await exclusively("phone", () => phone.store(keys, told, pairing));
  if (isWanted()) return true;
  await phone.drop();
  return false;
}

/**
 * Let a new browser in. It gets the account only if the person brings it a number from this phone. What it is told that
 * does not reach it, it is not let in for.
 * @param {Held} held
 * @param {Answering} answering
 * @param {Newcomer} device
 * @throws {PairingError | RepoError}
 */
export async function admitBrowser(held, answering, device) {
  await admit(held, device, false);
  try {
    await answering.send(await account(held));
  } catch {
    throw await takeBack(held, device);
  }
}

/**
 * Wait until the browser that was let in says that it is in. Whatever comes instead, it goes again.
 * @param {Held} held
 * @param {Answering} answering
 * @param {Newcomer} device
 * @throws {PairingError} what became of it
 */
export async function settled(held, answering, device) {
  const said = await answering.receive().catch(() => null);
  if (said?.in !== true) throw await takeBack(held, device);
  answering.end();
}

/**
 * A device that was let in goes again.
 * @param {Held} held
 * @param {Newcomer} device
 * @returns {Promise<PairingError>} what to say of it
 */
export async function takeBack(held, { key }) {
  const device = await thumbprint(key);
  try {
    await patiently(() => call("/repo/devices/revoke", { device }, signer(held)), {});
  } catch (error) {
    const isOut = error instanceof RepoError && error.code === "device_refused"; // it never was in
    if (!isOut) return new PairingError("not_taken_back");
  }
  return new PairingError("taken_back");
}

/**
 * Let another phone in, which has proved that it is the person's.
 * @param {Held} held
 * @param {Offer} offer whose end is proved
 * @param {AbortSignal} signal
 */
export function admitPhone(held, offer, signal) {
  return handOver(offer, () => account(held), (device) => admit(held, device, true), signal);
}

/**
 * What this phone was before leaves its account at the repo.
 * @param {Phone} phone
 * @throws {RepoError} it can be asked again
 */
export async function leaveFormer(phone) {
  const former = await phone.former();
  if (!former) return;
  await revoke(former);
  await phone.forgetFormer();
}

/**
 * This phone leaves its account at the repo. What it keeps is the caller's to forget.
 * @param {Phone} phone
 */
export async function leave(phone) {
  const held = await phone.held();
  if (held) await revoke(held);
}

/** @param {Held} held is to end itself */
async function revoke(held) {
  try {
    await call("/repo/devices/revoke", { device: held.deviceId }, signer(held));
  } catch (error) {
    if (!(error instanceof RepoError) || !ENDED.has(error.code)) throw error;
  }
}

/** @param {unknown} told @returns {Newcomer | null} null if it is none */
export function readNewcomer(told) {
  const { key, name } = /** @type {any} */ (told)?.device ?? {};
  return typeof key === "string" && typeof name === "string" ? { key, name } : null;
}

/** @param {Held} held @param {Newcomer} device @param {boolean} phone */
function admit(held, { key, name }, phone) {
  return call("/repo/devices/admit", { device: { key, name }, phone }, signer(held));
}

/** @param {Held} held */
async function account(held) {
  return { account: held.id, label: held.label, s: toBase64url(await secretOf(held)) };
}
