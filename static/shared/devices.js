// @ts-check
/** A device of an account: a key that says who asks, and the account secret S sealed for this device alone. */
import { makeSigningKey, publicText, thumbprint } from "./keys.js";
import { BELONGS, LABELS, deriveSealKey, makeSealKey, open, seal } from "./sealing.js";

/** @typedef {import("./repo.js").Signer} Signer */
/** @typedef {Uint8Array<ArrayBuffer>} Bytes */
/**
 * @typedef {object} Keys what a device is made of
 * @property {string} deviceId the thumbprint of its key
 * @property {string} devicePublic X||Y in base64url
 * @property {CryptoKey} deviceKey private
 * @property {CryptoKey} sealKey AES-GCM
 */
/** @typedef {Keys & {sealedS: Bytes}} Device */

/**
 * Do work that two windows must not do at once.
 * @template T
 * @param {string} name
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function exclusively(name, work) {
  const locks = globalThis.navigator?.locks;
  return locks ? locks.request(`oneid ${name}`, work) : work();
}

/** @param {Keys} device @returns {Signer} */
export function signer({ deviceKey, deviceId }) {
  return { key: deviceKey, kid: deviceId };
}

/** @param {Device} device @returns {Promise<Bytes>} the account secret S */
export function secretOf({ sealKey, sealedS, deviceId }) {
  return open(sealKey, sealedS, BELONGS.device(deviceId));
}

/** @param {Device} device @returns {Promise<CryptoKey>} what seals the AD keys of the account */
export async function identitiesKey(device) {
  return deriveSealKey(await secretOf(device), LABELS.identities);
}

/** @returns {Promise<Keys>} of a new device, which has no secret yet */
export async function makeKeys() {
  const [{ publicKey, privateKey }, sealKey] = await Promise.all([makeSigningKey(), makeSealKey()]);
  const devicePublic = await publicText(publicKey);
  return { deviceId: await thumbprint(devicePublic), devicePublic, deviceKey: privateKey, sealKey };
}

/** @param {Keys} keys @param {Bytes} secret S @returns {Promise<Device>} */
export async function withSecret(keys, secret) {
  return { ...keys, sealedS: await seal(keys.sealKey, secret, BELONGS.device(keys.deviceId)) };
}
