// @ts-check
/**
 * Phones that are gone leave their control keys on record at each site's identity. Whichever device comes by takes them
 * off: a change of the record that the AD key signs here, and the repo beside it. Nobody waits for it, and what fails
 * is done by the next one.
 */
import { now } from "../shared/clock.js";
import { fromBase64url } from "../shared/encoding.js";
import { importAdKey, signJws } from "../shared/keys.js";
import { makeNonce } from "../shared/nonces.js";
import { call } from "../shared/repo.js";
import { BELONGS, open } from "../shared/sealing.js";
import { identitiesKey, signer } from "../shared/accounts.js";

/** @typedef {import("../shared/accounts.js").Account} Account */
/** @typedef {{uid: string, origin: string, ad_key: string, sealed: string, control_key: string}} Unpin */

/** @param {Account} account @returns {Promise<number>} how many keys were taken off */
export async function unpin(account) {
  let ended = 0;
  try {
    const { wanted } = await call("/repo/control_keys/wanted", {}, signer(account));
    if (wanted.unpin.length === 0 || !(await anyPhoneEnded(account))) return 0;
    for (const key of /** @type {Unpin[]} */ (wanted.unpin)) {
      await end(account, key);
      ended++;
    }
  } catch {
    // It was nobody's wish at this moment.
  }
  return ended;
}

/** @param {Account} account @returns {Promise<boolean>} else nothing can be left over, whatever is said to be */
async function anyPhoneEnded(account) {
  const { devices } = await call("/repo/devices/list", {}, signer(account));
  return devices.some((/** @type {{phone: boolean, revoked: string | null}} */ { phone, revoked }) => phone && revoked);
}

/**
 * The envelope opens with this account's own secret and for this origin alone: so the key is one that was made for it.
 * @param {Account} account
 * @param {Unpin} key
 */
async function end(account, { uid, origin, sealed, control_key }) {
  const pkcs8 = await open(await identitiesKey(account), fromBase64url(sealed), BELONGS.ad(account.id, origin));
  const adKey = await importAdKey(pkcs8);
  const change = async () => {
    // For the record alone ("aud"): no site can take it for a sign-in.
    const ad = await signJws({ nonce: makeNonce(now()), aud: "record", unpins: { cd: control_key } }, adKey);
    return { uid, origin, control_key, ad };
  };
  await call("/repo/control_keys/end", change, signer(account));
}
