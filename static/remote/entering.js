// @ts-check
/**
 * The last step of a phone that comes new: it has stored the account and has said so, and the other side admits it.
 * What counts is what the repo says. So it is asked whenever the other side does not tell, also after a reload; and
 * before its no is the end of it, the other side is kept from admitting later.
 */
import { now } from "../shared/clock.js";
import { exclusively, signer } from "../shared/devices.js";
import { pause } from "../shared/polling.js";
import { PairingError, isPassing } from "../shared/relay.js";
import { RepoError, call } from "../shared/repo.js";

/** @typedef {import("./phone.js").Phone} Phone */
/** @typedef {import("./phone.js").Held} Held */
/** @typedef {import("./phone.js").Stored} Stored */
/** @typedef {import("../shared/answering.js").Answering} Answering */
/** @typedef {{every: number, patient: number, last: number, over: number}} Times in ms */

/**
 * The other side has `patient` to hear that the account was stored. From then on it can not hear it any more, and what
 * it has begun by then is over after `last` (shared/handing_over.js, and how long one question may take). A pairing
 * that is older than `over` is over.
 * @type {Times}
 */
const TIMES = { every: 4000, patient: 60_000, last: 75_000, over: 900_000 };
const NOT_IN = new Set(["signer_refused", "signer_revoked"]);

/**
 * Wait until it is known whether this phone is in.
 * @param {Phone} phone
 * @param {Answering | null} answering what brought the account; null after a reload
 * @param {Times} [times]
 * @returns {Promise<Held | null>} null: it is not, and nothing was kept of it
 */
export async function enter(phone, answering, { every, patient, last, over } = TIMES) {
  const stored = await phone.stored();
  if (!stored) return (await phone.held()) ?? null; // another window was first
  const heard = new AbortController();
  let said = "";
  listen(answering).then((told) => {
    said = told;
    if (told) heard.abort();
  });
  let ended = now() - stored.since > over ? stored.since : 0;
  for (let wait = answering ? every : 0; ; wait = every) {
    await pause(wait, said ? undefined : heard.signal);
    if (said === "in" || (await isIn(stored))) return settle(phone, answering);
    const isOut = said === "no" || (ended > 0 && now() - ended > last);
    if (isOut && (await isIn(stored)) === false) return dropped(phone, stored);
    if (!ended && now() - stored.since > patient && (await end(stored))) ended = now();
  }
}

/** @param {Answering | null} answering @returns {Promise<"in" | "no" | "">} what the other side says, if it does */
async function listen(answering) {
  if (!answering) return "";
  try {
    await answering.send({ stored: true });
    return (await answering.receive()).in === true ? "in" : "";
  } catch (error) {
    const isNo = error instanceof PairingError && ["pairing_refused", "pairing_ended"].includes(error.code);
    return isNo ? "no" : "";
  }
}

/** @param {Stored} stored @returns {Promise<boolean | null>} null if the repo gives no answer */
async function isIn(stored) {
  try {
    await call("/repo/ticket", {}, signer(stored));
    return true;
  } catch (error) {
    return error instanceof RepoError && NOT_IN.has(error.code) ? false : null;
  }
}

/** @param {Stored} stored @returns {Promise<boolean>} whether nothing more can be heard in its pairing */
async function end({ ticket }) {
  try {
    await call("/repo/pairings/end", {}, { ticket });
    return true;
  } catch (error) {
    return error instanceof RepoError && !isPassing(error);
  }
}

/** @param {Phone} phone @param {Answering | null} answering */
async function settle(phone, answering) {
  const held = await exclusively("phone", () => phone.enter());
  answering?.end();
  return held ?? null;
}

/** @param {Phone} phone @param {Stored} stored */
async function dropped(phone, stored) {
  return exclusively("phone", async () => {
    if ((await phone.stored())?.deviceId === stored.deviceId) await phone.drop();
    return null;
  });
}
