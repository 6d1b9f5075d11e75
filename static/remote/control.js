// @ts-check
/**
 * Control keys on the records of the account's identities: this phone's are put there, those of phones that have ended
 * are taken off. Every change is signed by the identity's AD key, which the account secret S opens, and a new key signs
 * for itself. The audience "record" keeps such a signature from ever passing for a sign-in.
 */
import { now } from "../shared/clock.js";
import { exclusively, identitiesKey, signer } from "../shared/devices.js";
import { fromBase64url } from "../shared/encoding.js";
import { importAdKey, signJws } from "../shared/keys.js";
import { makeNonce } from "../shared/nonces.js";
import { isPassing } from "../shared/relay.js";
import { RepoError, call } from "../shared/repo.js";
import { BELONGS, open } from "../shared/sealing.js";

/** @typedef {import("./phone.js").Phone} Phone */
/** @typedef {import("./phone.js").Held} Held */
/** @typedef {{uid: string, origin: string, ad_key: string, sealed: string}} Wanted an identity as the repo files it */

const AUDIENCE = "record";
const MOST = 50; // so many are told at once
const ROUNDS = 20;

/**
 * Do what is to be done to the records. What fails for one identity does not stop the others.
 * @param {Phone} phone
 * @param {() => void} [onpassing] told when something failed that another try may not
 * @returns {Promise<number>} how many of this phone's keys were put on record
 * @throws {RepoError} if the repo can not be asked
 */
export function settleControls(phone, onpassing = () => {}) {
  return exclusively("control", async () => {
    let pinned = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const held = await phone.held();
      if (!held) break;
      const { wanted } = await call("/repo/control_keys/wanted", {}, signer(held));
      const pins = await each(wanted.pin, (identity) => pin(phone, held, identity), onpassing);
      const unpins = await each(wanted.unpin, (identity) => unpin(phone, held, identity), onpassing);
      pinned += pins;
      const more = wanted.pin.length === MOST || wanted.unpin.length === MOST;
      if (!more || pins + unpins === 0) break;
    }
    return pinned;
  });
}

/**
 * @template T
 * @param {T[]} wishes
 * @param {(wish: T) => Promise<boolean>} fulfil
 * @param {() => void} onpassing
 * @returns {Promise<number>} how many were
 */
async function each(wishes, fulfil, onpassing) {
  let done = 0;
  for (const wish of wishes) {
    try {
      if (await fulfil(wish)) done++;
    } catch (error) {
      // A key that is none, as a DOMException or SyntaxError says, is this identity's own trouble too.
      const isOurs = error instanceof TypeError || (error instanceof RepoError && error.code === "network");
      if (isOurs) throw error;
      if (isPassing(error)) onpassing();
    }
  }
  return done;
}

/** @param {Phone} phone @param {Held} held @param {Wanted} identity @returns {Promise<boolean>} */
async function pin(phone, held, { uid, origin, sealed }) {
  const adKey = await opened(held, origin, sealed); // it opens for this account and this origin alone
  const control = await phone.begunControl(uid, origin);
  if (control.origin !== origin) return false; // one uid, one site: the repo changed its mind, we do not
  await call("/repo/control_keys", async () => {
    const claims = { nonce: makeNonce(now()), aud: AUDIENCE, pins: { cd: control.id } };
    const [ad, cd] = await Promise.all([signJws(claims, adKey), signJws(claims, control.key)]);
    return { uid, origin, key: control.publicKey, ad, cd };
  }, signer(held));
  await phone.pinned(control);
  return true;
}

/**
 * @param {Phone} phone
 * @param {Held} held
 * @param {Wanted & {control_key: string}} identity and the key that is to be taken off its record
 * @returns {Promise<boolean>}
 */
async function unpin(phone, held, { uid, origin, sealed, control_key: id }) {
  if ((await phone.control(uid))?.id === id) return false; // this phone lives: who says otherwise is wrong
  const adKey = await opened(held, origin, sealed);
  await call("/repo/control_keys/end", async () => {
    const ad = await signJws({ nonce: makeNonce(now()), aud: AUDIENCE, unpins: { cd: id } }, adKey);
    return { uid, origin, control_key: id, ad };
  }, signer(held));
  return true;
}

/** @param {Held} held @param {string} origin @param {string} sealed @returns {Promise<CryptoKey>} the AD key */
async function opened(held, origin, sealed) {
  return importAdKey(await open(await identitiesKey(held), fromBase64url(sealed), BELONGS.ad(held.id, origin)));
}
