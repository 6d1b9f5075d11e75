// @ts-check
/**
 * The identity of an account at one site: found, minted, handed to the frame, or used here for one sign-in.
 *
 * The AD key of an identity is made in the browser that first meets the site and is the same on all devices of the
 * account: the repo keeps it sealed, and the first one that was filed wins. It signs nothing but nonces.
 */
import { now } from "../shared/clock.js";
import { confirmed } from "../shared/confirming.js";
import { fromBase64url, toBase64url } from "../shared/encoding.js";
import { exportAdKey, importAdKey, makeSigningKey, publicText, signJws } from "../shared/keys.js";
import { isNonce, makeNonce } from "../shared/nonces.js";
import { releaseKey } from "../shared/releases.js";
import { RepoError, call } from "../shared/repo.js";
import { BELONGS, open, seal } from "../shared/sealing.js";
import { identitiesKey, secretOf, signer } from "../shared/accounts.js";

/** @typedef {import("../shared/accounts.js").Account} Account */
/** @typedef {import("../shared/messages.js").Bundle} Bundle */
/** @typedef {{uid: string, ad_key: string, sealed: string, minted: boolean}} Filed an identity as the repo tells it */
/** @typedef {{adKey: CryptoKey, adPublic: string, sealed: string}} Signing its AD key, as used and as filed */
/** @typedef {Signing & {uid: string}} Identity */
/** @typedef {Pick<Bundle, "silent" | "signs">} May what the person allows the frame */
/** @typedef {{filed: Filed | null, phones: import("./phones.js").Phone[]}} Found */

const TRIES = 3;

/**
 * What the repo has of the account at this site, and its phones; it also tells whether this browser may still ask.
 * @param {Account} account
 * @param {string} origin
 * @returns {Promise<Found>}
 * @throws {RepoError} `origin_refused` if nobody can sign in there
 */
export async function find(account, origin) {
  try {
    const { identity, phones } = await call("/repo/identities/find", { origin }, signer(account));
    return { filed: identity, phones };
  } catch (error) {
    // The origin is all that was said: browsers know some (`my_shop.example`) that the repo takes for malformed.
    if (error instanceof RepoError && error.code === "malformed_member") throw new RepoError("origin_refused");
    throw error;
  }
}

/**
 * The identity to sign in with, minted where it was not. Whatever was interrupted before is taken up again.
 * @param {Account} account
 * @param {string} origin
 * @param {Filed | null} filed
 * @returns {Promise<Identity>}
 */
export async function obtain(account, origin, filed) {
  const sealKey = await identitiesKey(account);
  const belongs = BELONGS.ad(account.id, origin);
  let signing = filed ? await opened(filed, sealKey, belongs) : await made(sealKey, belongs);
  if (filed?.minted) return { ...signing, uid: filed.uid };
  for (let tries = 0; tries < TRIES; tries++) {
    const { adKey, adPublic, sealed } = signing;
    const question = async () => {
      return { origin, ad_key: adPublic, sealed, ad: await signJws({ nonce: makeNonce(now()) }, adKey) };
    };
    /** @type {{identity: Filed}} */
    const { identity } = /** @type {any} */ (await call("/repo/identities", question, signer(account)));
    // Another device was first: its key is the identity's, ours is forgotten.
    if (identity.ad_key !== adPublic) signing = await opened(identity, sealKey, belongs);
    if (identity.minted) return { ...signing, uid: identity.uid };
  }
  throw new RepoError("identity_unminted");
}

/**
 * What the frame of this site needs to do by itself what the person allows it.
 * @param {Account} account
 * @param {string} origin
 * @param {Identity} identity
 * @param {May} may
 * @returns {Promise<Bundle>}
 */
export async function bundle(account, origin, { uid, adKey, adPublic }, { silent, signs }) {
  const { publicKey, privateKey: sessionKey } = await makeSigningKey();
  const question = { uid, origin, key: await publicText(publicKey), silent };
  const { session } = await call("/repo/sessions", question, signer(account));
  const opens = await releaseKey(await secretOf(account), uid);
  return { uid, adKey, adPublic, sessionKey, session: session.id, silent, signs, releaseKey: opens };
}

/**
 * Sign in here, where no frame can: the payload for the site.
 * @param {Account} account
 * @param {string} origin
 * @param {Identity} identity
 * @param {string | null} given the site's nonce; null: one is made
 * @returns {Promise<{uid: string, nonces: object, two_factor_token: string}>}
 * @throws {RepoError} `malformed_nonce` if the site's is none: the device keys sign nothing else
 */
export async function payload(account, origin, { uid, adKey, adPublic }, given) {
  if (given !== null && !isNonce(given)) throw new RepoError("malformed_nonce");
  let nonce = given ?? "";
  const ask = () => ({ uid, origin, nonce: (nonce = given ?? makeNonce(now())) });
  const { signed } = await call("/repo/cosign", given === null ? ask : ask(), signer(account));
  // Signed only now: the repo has taken the nonce for one, and this signature never passes through it.
  const ad = { nonce: await signJws({ nonce }, adKey), key: adPublic };
  const nonces = { ad, repo: { nonce: signed.nonce, key: signed.key } };
  return { uid, nonces, two_factor_token: signed.two_factor_token };
}

/**
 * The same through the phone: a sign-in, or the confirmation of words.
 * @param {Account} account
 * @param {string} origin
 * @param {Identity} identity
 * @param {import("../shared/messages.js").SignRequest} request
 * @param {import("../shared/confirming.js").How} how
 */
export function throughPhone(account, origin, { uid, adKey, adPublic }, { name, nonce, level, title, message }, how) {
  const asks = level === "OOBPIN" ? level : "OOB";
  const words = name === "confirm"
    ? { kind: /** @type {const} */ ("confirm"), title, message }
    : { kind: /** @type {const} */ ("signin"), title: "", message: "" };
  const wanted = { uid, origin, nonce, level: /** @type {"OOB" | "OOBPIN"} */ (asks), ...words, showsNumber: true };
  return confirmed(wanted, { signer: signer(account), adKey, adPublic }, how);
}

/** @param {CryptoKey} sealKey @param {string} belongs @returns {Promise<Signing>} a new one, and sealed to be filed */
async function made(sealKey, belongs) {
  const { publicKey, privateKey } = await makeSigningKey({ extractable: true });
  const pkcs8 = await exportAdKey(privateKey);
  const sealed = toBase64url(await seal(sealKey, pkcs8, belongs));
  return { adKey: await importAdKey(pkcs8), adPublic: await publicText(publicKey), sealed };
}

/** @param {Filed} filed @param {CryptoKey} sealKey @param {string} belongs @returns {Promise<Signing>} */
async function opened({ ad_key, sealed }, sealKey, belongs) {
  const adKey = await importAdKey(await open(sealKey, fromBase64url(sealed), belongs));
  return { adKey, adPublic: ad_key, sealed };
}
