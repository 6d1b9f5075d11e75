// @ts-check
/**
 * What waits for the person's word: fetched, judged, answered. What is signed is computed from the very object that was
 * shown, and whatever does not fit the keys that this phone has pinned can not be approved.
 */
import { signer } from "../shared/devices.js";
import { utf8 } from "../shared/encoding.js";
import { sha256, signJws } from "../shared/keys.js";
import { isNonce } from "../shared/nonces.js";
import { call } from "../shared/repo.js";
import { pinProof } from "./phone.js";

/** @typedef {import("./phone.js").Phone} Phone */
/** @typedef {import("./phone.js").Held} Held */
/** @typedef {import("./phone.js").Control} Control */
/**
 * A confirmation as the repo tells it, in our words, and whether it can be approved here.
 * @typedef {object} Asked
 * @property {string} id
 * @property {string} uid
 * @property {string} origin
 * @property {"confirm" | "signin" | "send_2fa"} kind
 * @property {string | null} audience the API ID that alone may use the approval; null: the asker is a browser's frame
 * @property {boolean} needsPin
 * @property {string} title
 * @property {string} message
 * @property {string} nonce
 * @property {number} asked ms
 * @property {number} expires ms
 * @property {string} address
 * @property {string} browser
 * @property {boolean} proved
 * @property {boolean} needsNumber
 * @property {boolean} fits
 */
/** @typedef {"approve" | "reject" | "report"} Decision */
/** @typedef {{state: string, current: boolean}} Outcome what became of it; `current`: by this very phone */

const KINDS = new Set(["confirm", "signin", "send_2fa"]);
const LEVELS = new Set(["OOB", "OOBPIN"]);
const API_ID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/; // never "record", which changes records
const LONGEST_TITLE = 200;
const LONGEST_MESSAGE = 10_000;

/**
 * All that waits, oldest first.
 * @param {Phone} phone
 * @param {Held} held
 * @returns {Promise<Asked[]>}
 */
export async function pending(phone, held) {
  const { confirmations } = await call("/repo/confirmations/pending", {}, signer(held));
  const controls = new Map((await phone.controls()).map((control) => [control.uid, control]));
  return confirmations.map((/** @type {any} */ told) => judged(told, controls.get(told.uid)));
}

/**
 * @param {any} told
 * @param {Control | undefined} control the key of its identity
 * @returns {Readonly<Asked>}
 */
export function judged(told, control) {
  const { id, uid, origin, kind, title, message, nonce, address, browser } = told;
  const audience = told.audience ?? null;
  const isForOne = (kind === "send_2fa") === (typeof audience === "string" && API_ID.test(audience));
  const areForms = KINDS.has(kind) && LEVELS.has(told.level) && isNonce(nonce);
  const inForm = areForms && isForOne && areWords(kind, title, message);
  const isOurs = control?.pinned === true && control.uid === uid && control.origin === origin;
  return Object.freeze({
    id, uid, nonce, audience,
    kind: KINDS.has(kind) ? kind : "confirm", // what this page does not know does not fit, and is shown all the same
    origin: String(origin), title: String(title), message: String(message),
    address: String(address ?? ""), browser: String(browser ?? ""),
    needsPin: told.level === "OOBPIN", needsNumber: told.number_wanted === true, proved: told.proved === true,
    asked: Date.parse(told.asked), expires: Date.parse(told.expires),
    fits: inForm && isOurs,
  });
}

/**
 * Answer one. Asked again after a lost answer it tells what became of it.
 * @param {Phone} phone
 * @param {Held} held
 * @param {Asked} asked what was shown
 * @param {Decision} decision
 * @param {{number?: string, pin?: string}} [typed]
 * @returns {Promise<Outcome>}
 */
export async function decide(phone, held, asked, decision, { number, pin } = {}) {
  const approves = decision === "approve";
  const question = {
    confirmation: asked.id,
    decision,
    cd: approves ? await signed(phone, asked) : null,
    number: approves && asked.needsNumber ? number : null,
    pin: approves && asked.needsPin ? await pinProof(held, pin ?? "") : null,
  };
  return (await call("/repo/confirmations/decide", question, signer(held))).confirmation;
}

/** @param {{title: string, message: string}} words @returns {Promise<string>} 43 characters */
export function digestOf({ title, message }) {
  return sha256(utf8(`${title}\n${message}`));
}

/** What was asked can not be approved with the keys of this phone. */
export class UnfitError extends Error {
  code = "unfit";
}

/** @param {Phone} phone @param {Asked} asked @returns {Promise<string>} the control key's JWS over what was shown */
async function signed(phone, asked) {
  const control = await phone.control(asked.uid);
  if (!asked.fits || !control?.pinned || control.origin !== asked.origin) throw new UnfitError();
  const claims = {
    nonce: asked.nonce,
    words_sha256: await digestOf(asked),
    origin: control.origin,
    ...(asked.audience === null ? {} : { aud: asked.audience }),
    ...(asked.needsPin ? { pin: true } : {}),
  };
  return signJws(claims, control.key);
}

/**
 * Can these words be signed as they are? Half a character can not: it would be signed as another one.
 * @param {string} kind
 * @param {unknown} title
 * @param {unknown} message
 */
function areWords(kind, title, message) {
  if (typeof title !== "string" || typeof message !== "string" || /\p{Cs}/u.test(title + message)) return false;
  if (kind === "signin") return title === "" && message === "";
  const [titled, said] = [title, message].map((words) => [...words].length);
  return titled <= LONGEST_TITLE && !title.includes("\n") && said >= 1 && said <= LONGEST_MESSAGE;
}
