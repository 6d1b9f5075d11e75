// @ts-check
/** What windows hand to each other, and whether a value has that form: nothing else is believed. */

/** @typedef {"ON" | "OOB" | "OOBPIN"} Level how sure a site wants to be: the last two go through the phone */
/**
 * @typedef {object} SignRequest what the shim asks the popup for
 * @property {"signin" | "signup" | "confirm" | "attr"} name
 * @property {Level} level
 * @property {string} message the words to be confirmed, "" if there are none
 * @property {string} title
 * @property {string} attr the cards that the site asks for, as it wrote them; "" if none
 * @property {object | null} set cards that the site wants to be kept, as it wrote them
 * @property {string | null} nonce one that the site chose
 * @property {string | null} frame the name of the frame among the opener's frames
 * @property {string | null} id the frame's one-time id; null if it can store nothing
 * @property {boolean} silent
 * @property {string} label a name to fill in beforehand, "" if none
 */
/**
 * @typedef {object} Bundle what a frame needs to sign in at its one site
 * @property {string} uid
 * @property {CryptoKey} adKey private, never extractable
 * @property {string} adPublic X||Y in base64url
 * @property {CryptoKey} sessionKey private, never extractable
 * @property {string} session its id at the repo
 * @property {CryptoKey} releaseKey opens what is released to this site, and nothing else; never extractable
 * @property {boolean} silent whether it may be kept and used without asking
 * @property {boolean} signs whether it may sign in; else it reads what is released, and no more
 * @property {boolean} [phone] whether the account has a phone, as far as is known
 */

/** What a shim from before there were phones, or cards, leaves out: pages may have one for some minutes. */
const UNSAID = { level: "ON", message: "", title: "", set: null };
const NAMES = new Set(["signin", "signup", "confirm", "attr"]);
const LEVELS = new Set(["ON", "OOB", "OOBPIN"]);

/** @param {unknown} value @returns {boolean} */
export function isRequest(value) {
  if (typeof value !== "object" || value === null) return false;
  const request = /** @type {Record<string, unknown>} */ ({ ...UNSAID, ...value });
  return NAMES.has(/** @type {string} */ (request.name)) && LEVELS.has(/** @type {string} */ (request.level))
    && [request.attr, request.label, request.message, request.title].every((member) => typeof member === "string")
    && [request.nonce, request.frame, request.id].every((member) => member === null || typeof member === "string")
    && typeof request.silent === "boolean"
    && typeof request.set === "object"; // null, or whatever the page wrote: attributes.js reads it
}

/** @param {unknown} value one that `isRequest` @returns {SignRequest} */
export function asRequest(value) {
  return /** @type {any} */ ({ ...UNSAID, .../** @type {object} */ (value) });
}

/** @param {unknown} value @returns {boolean} */
export function isBundle(value) {
  const bundle = /** @type {Record<string, unknown> | null | undefined} */ (value);
  return typeof bundle === "object" && bundle !== null
    && [bundle.silent, bundle.signs].every((member) => typeof member === "boolean")
    && [bundle.uid, bundle.adPublic, bundle.session].every((member) => typeof member === "string")
    && [bundle.adKey, bundle.sessionKey, bundle.releaseKey].every((key) => key instanceof CryptoKey && !key.extractable);
}
