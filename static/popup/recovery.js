// @ts-check
/**
 * The OneID Key of an account: made, registered before it is shown, confirmed; and the way back with it.
 *
 * The key never leaves the browser. From it come the locator, under which the repo files the sealed secrets, and the
 * key that seals them. Sealed are S, the private recovery key that admits a new device, and the account's name.
 */
import { fromBase64url, randomBytes, toBase64url, utf8 } from "../shared/encoding.js";
import { importPrivateJwk, makeSigningKey, publicText, thumbprint } from "../shared/keys.js";
import { RepoError, call } from "../shared/repo.js";
import { BELONGS, LABELS, derive, deriveSealKey, open, seal } from "../shared/sealing.js";
import { exclusively, secretOf, signer } from "./accounts.js";

/** @typedef {import("./accounts.js").Account} Account */
/** @typedef {import("./accounts.js").Accounts} Accounts */
/** @typedef {import("./accounts.js").Bytes} Bytes */

/**
 * The OneID Key to write down: the one that is being written down already, or a new one, which ends the former.
 * @param {Accounts} accounts
 * @param {string} id
 * @returns {Promise<Bytes>} 16 bytes that the repo knows by now
 */
export function offerKey(accounts, id) {
  return exclusively(`key ${id}`, async () => {
    let account = await existing(accounts, id);
    const belongs = BELONGS.pendingKey(account.deviceId);
    if (!account.pendingKey) {
      const sealed = await seal(account.sealKey, randomBytes(16), belongs);
      account = await accounts.change(id, { pendingKey: { sealed, registered: false } });
    }
    const { sealed, registered } = /** @type {{sealed: Bytes, registered: boolean}} */ (account.pendingKey);
    const key = await open(account.sealKey, sealed, belongs);
    if (!registered) {
      await register(account, key);
      await accounts.change(id, { pendingKey: { sealed, registered: true } });
    }
    return key;
  });
}

/**
 * The person has typed the key back: the account counts as opened, and the key is forgotten here.
 * @param {Accounts} accounts
 * @param {Account} account
 * @returns {Promise<Account>}
 */
export async function confirmKey(accounts, account) {
  await call("/repo/recovery/confirm", {}, signer(account));
  return accounts.change(account.id, { confirmed: true, pendingKey: undefined });
}

/** @param {Accounts} accounts @param {string} id @returns {Promise<Account>} the key is forgotten here, unconfirmed */
export function skipKey(accounts, id) {
  return accounts.change(id, { pendingKey: undefined });
}

/**
 * Bring an account to this browser with its OneID Key.
 * @param {Accounts} accounts
 * @param {Bytes} key 16 bytes
 * @param {{deviceName: string, now: number}} here
 * @returns {Promise<Account>}
 * @throws {RepoError} `oneid_key_refused` if the repo knows no such key
 */
export async function joinWithKey(accounts, key, { deviceName, now }) {
  const locator = toBase64url(await derive(key, LABELS.locator));
  const { recovery } = await call("/repo/recovery/open", { locator }, null);
  const envelope = fromBase64url(recovery.sealed);
  const opened = await open(await deriveSealKey(key, LABELS.recovery), envelope, BELONGS.recovery(recovery.account));
  const { s, recovery: jwk, label } = JSON.parse(new TextDecoder().decode(opened));
  const work = `join ${recovery.account}`;
  return exclusively(work, async () => {
    const here = await accounts.get(recovery.account);
    if (here && (await isAlive(here))) {
      await confirmKey(accounts, here);
      return accounts.change(here.id, { locked: false, lastUsed: now });
    }
    const device = await accounts.begun(work, fromBase64url(s));
    const question = { device: { key: device.devicePublic, name: deviceName } };
    const by = { key: await importPrivateJwk(jwk), kid: await thumbprint(publicOf(jwk)) };
    const { account } = await call("/repo/devices", question, by);
    return accounts.settle(work, { ...device, id: account.id, label, created: now, lastUsed: now, confirmed: true });
  });
}

/**
 * Undo a signing out of this browser.
 * @param {Accounts} accounts
 * @param {Account} account
 * @returns {Promise<Account>}
 */
export async function unlock(accounts, account) {
  await call("/repo/unlock", {}, signer(account));
  return accounts.change(account.id, { locked: false });
}

/** @param {Account} account @param {Bytes} key */
async function register(account, key) {
  const { publicKey, privateKey } = await makeSigningKey({ extractable: true });
  const contents = {
    s: toBase64url(await secretOf(account)),
    recovery: await crypto.subtle.exportKey("jwk", privateKey),
    label: account.label,
  };
  const sealKey = await deriveSealKey(key, LABELS.recovery);
  const sealed = await seal(sealKey, utf8(JSON.stringify(contents)), BELONGS.recovery(account.id));
  const question = {
    locator: toBase64url(await derive(key, LABELS.locator)),
    key: await publicText(publicKey),
    sealed: toBase64url(sealed),
  };
  await call("/repo/recovery", question, signer(account));
}

/** @param {Account} account @returns {Promise<boolean>} whether this browser is still one of its devices; unlocks it */
async function isAlive(account) {
  try {
    await call("/repo/unlock", {}, signer(account));
    return true;
  } catch (error) {
    const ended = error instanceof RepoError && (error.code === "signer_revoked" || error.code === "signer_refused");
    if (!ended) throw error;
    return false;
  }
}

/** @param {Accounts} accounts @param {string} id @returns {Promise<Account>} */
function existing(accounts, id) {
  return accounts.change(id, {});
}

/** @param {JsonWebKey} jwk @returns {string} its public half, X||Y in base64url */
function publicOf({ x = "", y = "" }) {
  return toBase64url(new Uint8Array([...fromBase64url(x), ...fromBase64url(y)]));
}
