// @ts-check
/**
 * Pairing, at the side that shows: a code for the phone's camera or to be typed, then six digits to be typed there.
 * This browser comes into the account of a phone (kind "browser"), or a phone into the account of this browser.
 */
import { now } from "../../shared/clock.js";
import { PairingError, show as offering } from "../../shared/pairing.js";
import { draw } from "../../shared/qr.js";
import { button, byId, el, field, p, quiet } from "../../shared/dom.js";
import { codeOf, explain } from "../explain.js";
import { admit, arrive, ask } from "../phones.js";
import { show } from "../stage.js";
import { text } from "../words.js";

/** @typedef {import("../popup.js").Popup} Popup */
/** @typedef {import("../../shared/accounts.js").Account} Account */
/** @typedef {import("../../shared/offer.js").Offer} Offer */
/** @typedef {{kind: "phone" | "browser", account?: Account}} Given the account that the phone comes into */

/**
 * One pairing, from its code to its end. Whatever happens after the person has left changes nothing on the screen.
 * @param {Popup} popup
 * @param {Given} given
 */
export async function pair(popup, given) {
  const over = new AbortController();
  const { signal } = over;
  const leave = (/** @type {() => unknown} */ next) => () => {
    over.abort();
    return next();
  };
  const course = { met: false };
  const refuse = (/** @type {() => unknown} */ next) => leave(() => {
    (course.met ? offer.refuse() : offer.end()).catch(() => {}); // the phone need not wait
    return next();
  });
  const quit = { back: leave(() => back(popup, given)), cancel: leave(popup.cancel) };
  const away = { back: refuse(() => back(popup, given)), cancel: refuse(popup.cancel) };
  /** @param {unknown} error */
  const fail = (error) => {
    if (signal.aborted) return undefined;
    over.abort();
    return popup.go("unpaired", { ...given, error });
  };
  const offer = await offering(given.kind, { signal });
  showCode(given, offer, away, { signal, late: () => fail(new PairingError("pairing_expired")) });
  follow(popup, given, offer, Object.assign(course, { away, quit, signal, fail, done: leave })).catch(fail);
}

/** It came to nothing. @param {Popup} popup @param {Given & {error: unknown}} given */
export function unpaired(popup, { error, ...given }) {
  const key = codeOf(error) === "phone_required" ? text("pair.another_phone") : explain(error);
  show({
    name: "unpaired",
    title: text("error.title"),
    parts: [p(key)],
    actions: [
      button("again", text("app.again"), "primary", { type: "submit" }),
      button("back", text("app.back"), "quiet"),
    ],
    on: { again: () => pair(popup, given), back: () => back(popup, given), cancel: popup.cancel },
  });
}

/** The phone has the account now. @param {Popup} popup @param {Given} given */
export function paired(popup, { account }) {
  show({
    name: "paired",
    title: text("paired.title"),
    parts: [p(text("paired.lead")), quiet(text("paired.key"))],
    actions: [button("continue", text("app.continue"), "primary", { type: "submit" })],
    on: { continue: () => popup.proceed(/** @type {Account} */ (account)), cancel: popup.cancel },
  });
}

/**
 * @param {Given} given
 * @param {Offer} offer
 * @param {Record<string, () => unknown>} away
 * @param {{signal: AbortSignal, late: () => void}} until
 */
function showCode({ kind }, { code, address, expires }, away, { signal, late }) {
  const left = el("span", { id: "left" });
  const place = `${location.host}/remote`;
  show({
    name: "pair",
    title: text(kind === "phone" ? "pair.phone.title" : "pair.browser.title"),
    parts: [
      el("p", { class: "lead" }, text(kind === "phone" ? "pair.phone.lead" : "pair.browser.lead")),
      el("div", { class: "qr-card" }, draw(address, text("pair.qr"))),
      p(text("pair.typed"), " ", el("bdi", { class: "origin", id: "place", translate: "no" }, place)),
      el("p", { class: "code", id: "code", translate: "no", dir: "ltr" }, code),
      quiet(text("pair.left"), " ", left),
    ],
    actions: [button("back", text("app.back"), "quiet")],
    on: away,
  });
  const tick = () => {
    const seconds = Math.max(0, Math.round((Date.parse(expires) - now()) / 1000));
    left.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    if (!left.isConnected || signal.aborted) clearInterval(ticking);
    else if (seconds === 0) late();
  };
  const ticking = setInterval(tick, 1000);
  tick();
}

/**
 * @typedef {object} Course
 * @property {boolean} met whether a phone has answered
 * @property {Record<string, () => unknown>} away
 * @property {Record<string, () => unknown>} quit the same, where the phone is not to be told at once
 * @property {AbortSignal} signal
 * @property {(error: unknown) => unknown} fail
 * @property {(next: () => unknown) => () => unknown} done
 */

/** @param {Popup} popup @param {Given} given @param {Offer} offer @param {Course} course */
async function follow(popup, given, offer, course) {
  const { digits } = await offer.digits();
  course.met = true;
  const keys = given.kind === "browser" ? await ask(offer, popup.deviceName) : null;
  if (course.signal.aborted) return;
  let proved = false;
  const finish = async (/** @type {string} */ typed) => {
    await offer.finish(typed);
    proved = true;
    if (!keys) showWaiting(course.quit);
    if (keys) {
      popup.persist();
      const account = await arrive(popup.accounts, offer, keys, Date.now());
      await course.done(() => popup.proceed(account))();
    } else {
      const account = /** @type {Account} */ (given.account);
      const letIn = () => admit(popup.accounts, account.id, offer, course.signal);
      const admitted = await popup.tried(account.id, async () => (await letIn(), true));
      if (!admitted || course.signal.aborted) return;
      await course.done(() => popup.go("paired", { account }))();
    }
  };
  showDigits(digits, async (typed) => {
    try {
      await finish(typed);
    } catch (error) {
      if (codeOf(error) === "wrong_finish") throw error; // to be typed again
      if (keys && proved) offer.refuse().catch(() => {}); // what the phone let in came to nothing
      await course.fail(error);
    }
  }, course.away);
  await offer.watched().catch((error) => { // a phone that refuses is heard of at once
    if (!proved) throw error;
  });
}

/**
 * @param {string} digits
 * @param {(typed: string) => Promise<void>} finish
 * @param {Record<string, () => unknown>} away
 */
function showDigits(digits, finish, away) {
  const input = el("input", {
    id: "number", type: "text", inputmode: "numeric", autocomplete: "off", maxlength: "8", required: "",
  });
  show({
    name: "digits",
    title: text("digits.title"),
    parts: [
      el("p", { class: "code", id: "digits", translate: "no", dir: "ltr" }, `${digits.slice(0, 3)} ${digits.slice(3)}`),
      quiet(text("digits.lead")),
      field(input, text("digits.number"), text("digits.number.hint")),
    ],
    actions: [
      button("finish", text("app.continue"), "primary", { type: "submit" }), button("back", text("app.back"), "quiet"),
    ],
    on: { ...away, finish: () => finish(byId("number").value) },
  });
}

/** The number was right: the two settle the rest between them. @param {Record<string, () => unknown>} away */
function showWaiting(away) {
  show({
    name: "joining",
    title: text("connecting.title"),
    parts: [el("p", { role: "status" }, text("digits.waiting"))],
    actions: [button("back", text("app.back"), "quiet")],
    on: away,
  });
}

/** @param {Popup} popup @param {Given} given */
function back(popup, { account }) {
  return account ? popup.proceed(account) : popup.start();
}
