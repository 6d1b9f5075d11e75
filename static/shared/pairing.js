// @ts-check
/**
 * Pairing: a device comes into an account through another one of it. Side A shows a QR code or a short code and six
 * digits; side B is the phone that scans or types them. Of the two, the side that has the account hands the secret S
 * over, sealed to keys that both have proved to share. The repo relays and learns nothing.
 *
 * What each proof is for: the digits, typed at the phone, tell B that nobody stands between. A needs its own proof that
 * it was this person's phone that accepted, or whoever answers first would be let in, or would bring A into an account
 * of his: so the phone shows a number, which the person types at A. Somebody may have looked at the screen, so also
 * after a scan; what only A's screen told (the QR's last part) goes into the proof besides.
 */
import { Answering } from "./answering.js";
import { commitment, makeSide } from "./channel.js";
import { fromBase64url, randomBytes, toBase64url, utf8 } from "./encoding.js";
import { Offer } from "./offer.js";
import { Channel, attacked, refused, shareFrom } from "./pairing_channel.js";
import { PairingError, Relay, patiently } from "./relay.js";
import { call } from "./repo.js";

export { PairingError };

/** @typedef {import("./channel.js").Kind} Kind */
/** @typedef {import("./relay.js").Patience} Patience */
/** @typedef {{commitment: string, q: string}} Seen what the QR told beside the code */
/** @typedef {{kind: Kind, commitment: string, address: string, browser: string}} Found what the repo tells of a code */

const GONE = new Map([["pairing_refused", "pairing_expired"]]);
const CODE = /^[0-9A-HJKMNP-TV-Z]{8}$/;
const PLACE = /#pair\.([0-9A-HJKMNP-TV-Z]{8})\.([\w-]{43})\.([\w-]{22})$/;

/**
 * What the address of a QR code says.
 * @param {string} address whole, or from its "#" on
 * @returns {(Seen & {code: string}) | null} null if it is none
 */
export function readAddress(address) {
  const [, code, commitment, q] = PLACE.exec(address) ?? [];
  return code ? { code: withHyphen(code), commitment, q } : null;
}

/**
 * A code as a person typed it: spaces, hyphens and lower case do not matter, and O and I are what they look like.
 * @param {string} typed
 * @returns {string | null} null if it is none
 */
export function readCode(typed) {
  const letters = typed.toUpperCase().replace(/[\s\p{Dash_Punctuation}]/gu, "");
  const code = letters.replace(/[IL]/g, "1").replace(/O/g, "0");
  return CODE.test(code) ? withHyphen(code) : null;
}

/**
 * Side A: offer a pairing, to be shown at once.
 * @param {Kind} kind what comes new
 * @param {Patience} [patience]
 * @returns {Promise<Offer>}
 */
export async function show(kind, patience = {}) {
  const own = await makeSide();
  const committed = await commitment(kind, own);
  const q = toBase64url(randomBytes(16));
  const { pairing } = await call("/repo/pairings", { kind, commitment: committed }, null);
  return new Offer(kind, own, { ...pairing, commitment: committed, q }, patience);
}

/**
 * Side B: what waits under a code, without using it up.
 * @param {string} code as `readCode` gives it
 * @returns {Promise<Found>}
 * @throws {PairingError | import("./repo.js").RepoError}
 */
export async function look(code) {
  return (await patiently(() => call("/repo/pairings/find", { code }, null), {}, GONE)).pairing;
}

/**
 * Side B: answer a pairing that another device offers. Done when the other side has shown its hand, and held to it.
 * @param {string} code as `readCode` gives it
 * @param {Seen | null} seen what the QR told; null if the code was typed
 * @param {Patience} [patience]
 * @param {Found} [known] what `look` told, if that was asked already
 * @returns {Promise<Answering>}
 * @throws {PairingError | import("./repo.js").RepoError}
 */
export async function answer(code, seen, patience = {}, known = undefined) {
  const found = known ?? (await look(code));
  if (seen && seen.commitment !== found.commitment) throw new PairingError("pairing_attacked");
  const own = await makeSide();
  const hello = utf8(JSON.stringify({ key: own.key, random: own.random, scanned: seen !== null }));
  const message = toBase64url(hello);
  const { pairing } = await patiently(() => call("/repo/pairings/open", { code, message }, null), patience, GONE);
  const relay = new Relay(pairing.ticket, 1, patience);
  const first = await relay.receive().catch((error) => {
    if (patience.signal?.aborted) refused(relay); // the other side shows digits by now: tell it that nobody types them
    throw error;
  });
  const other = await shareFrom(relay, first);
  if ((await commitment(found.kind, other)) !== found.commitment) throw attacked(relay);
  const channel = await Channel.of(found.kind, { a: other, b: own, own, relay, id: pairing.id, side: "b" });
  return new Answering(channel, found, seen ? fromBase64url(seen.q) : utf8(""));
}

/** @param {string} code */
function withHyphen(code) {
  return `${code.slice(0, 4)}-${code.slice(4)}`;
}
