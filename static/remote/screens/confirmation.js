// @ts-check
/**
 * One thing that waits for the person's word: who asks, the words exactly as they will be signed, and four ways on.
 * The number is shown where the question was asked and never here: who can not see it did not ask.
 */
import { button, el, quiet } from "../../shared/dom.js";
import { now } from "../../shared/clock.js";
import { deviceName } from "../../shared/device.js";
import { isPassing } from "../../shared/relay.js";
import { TypedError } from "../explain.js";
import { digitsField, exactly, siteCard, told, warning } from "../parts.js";
import { show } from "../stage.js";
import { clockTime, text } from "../words.js";

/** @typedef {import("../remote.js").Remote} Remote */
/** @typedef {import("../confirmations.js").Asked} Asked */
/** @typedef {import("../confirmations.js").Decision} Decision */

/** @param {Remote} remote @param {{asked: Asked}} given */
export function confirmation(remote, { asked }) {
  const pinSet = remote.news.standing?.pin.set !== false;
  const locked = remote.news.standing?.pin.locked === true;
  const byServer = asked.kind === "send_2fa";
  const approvable = asked.fits && (!asked.needsPin || (pinSet && !locked));
  const number = digitsField("number", 2, "confirm.number", "confirm.number.hint");
  const pin = digitsField("pin", 12, "confirm.pin", "confirm.pin.hint", "digits secret");
  const said = words(asked);
  const fields = [number.input, pin.input];
  const approve = button("approve", text("confirm.approve"), "primary", { type: "submit" });
  const deciding = decider(remote, asked, () => ({ number: number.input.value, pin: pin.input.value }));

  show({
    name: "confirmation",
    title: text(`confirm.title.${asked.kind}`),
    wary: true,
    parts: [
      siteCard(asked.origin, "confirm.site"),
      ...said.parts,
      ...(asked.proved ? [] : [warning(text("confirm.unproved"))]),
      ...(asked.fits ? [] : [warning(text("confirm.unfit"))]),
      ...(asked.fits && asked.needsPin && !pinSet ? [warning(text("confirm.no_pin"))] : []),
      ...(asked.fits && asked.needsPin && locked ? [warning(text("error.pin_locked"))] : []),
      told([
        ["told.asked", clockTime(asked.asked)], ["told.until", clockTime(asked.expires)],
        ["told.address", asked.address], ["told.browser", byServer ? "" : deviceName(asked.browser)],
        ["told.server", byServer ? text("told.server.yes") : ""],
      ]),
      ...(approvable && asked.needsNumber ? [number.part] : []),
      ...(approvable && asked.needsPin ? [pin.part] : []),
    ],
    actions: [
      ...(approvable ? [approve] : []),
      ...(asked.fits && asked.needsPin && !pinSet ? [button("set-pin", text("confirm.set_pin"), "primary")] : []),
      button("reject", text("confirm.reject")),
      button("report", text("confirm.report"), "quiet"),
      quiet(text("confirm.report.hint")),
    ],
    on: {
      approve: () => {
        if (approve.disabled) return undefined;
        if (asked.needsNumber && !/^[1-9]\d$/.test(number.input.value.trim())) throw new TypedError("malformed_number");
        if (asked.needsPin && !pin.input.value) throw new TypedError("malformed_pin");
        return deciding("approve");
      },
      reject: () => deciding("reject"),
      report: () => deciding("report"),
      "set-pin": () => remote.go("pin", { then: () => remote.open(asked.id) }),
      cancel: remote.home,
    },
  });
  if (said.box) untilRead(said.box, said.more, [...fields, approve], remote.screen.signal);
}

/**
 * What decides, and what notices that there is nothing to decide any more.
 * @param {Remote} remote
 * @param {Asked} asked
 * @param {() => {number: string, pin: string}} typed
 * @returns {(decision: Decision) => Promise<void>}
 */
function decider(remote, asked, typed) {
  const { signal } = remote.screen;
  /** @type {Decision | null} one whose answer was lost: it may have arrived */
  let lost = null;
  let busy = false;

  /** @param {Decision} decision */
  const decide = async (decision) => {
    busy = true;
    try {
      const { number, pin } = typed();
      const outcome = await remote.news.decide(remote.known(), asked, decision, { number: number.trim(), pin });
      if (!signal.aborted) await remote.go("outcome", { asked, decision, outcome });
    } catch (error) {
      lost = isPassing(error) ? decision : null;
      throw error;
    } finally {
      busy = false;
    }
  };
  const waits = () => remote.news.pending.some(({ id }) => id === asked.id);
  const gone = async () => {
    if (busy || signal.aborted || waits()) return;
    const state = now() >= asked.expires ? "expired" : "gone";
    const end = (/** @type {string} */ what) => {
      return remote.go("outcome", { asked, outcome: { state: what, current: false } });
    };
    if (!lost) return end(state);
    // An answer of ours may have arrived although its answer was lost: then asking again tells, unless that fails too.
    const unknown = lost === "approve" ? "unknown" : state;
    return decide(lost).catch(() => (signal.aborted ? undefined : end(unknown)));
  };
  remote.onnews = gone;
  return (decision) => decide(decision).catch((error) => {
    if (waits()) throw error;
    return gone(); // the news of its end came while the answer was waited for
  });
}

/**
 * The very words that are signed: the title and the message, both the site's and in one place of their own.
 * @param {Asked} asked
 * @returns {{parts: HTMLElement[], box: HTMLElement | null, more: HTMLElement}} `more` tells that the words go on
 */
function words({ kind, title, message }) {
  const more = el("p", { class: "more", id: "more", role: "status" });
  if (kind === "signin") return { parts: [el("p", { class: "lead" }, text("confirm.signin"))], box: null, more };
  const label = el("p", { class: "quiet", id: "words-label" }, text("confirm.words"));
  const box = el("div", { class: "words", id: "words", tabindex: "0", role: "group", "aria-labelledby": label.id },
    ...(title ? [exactly(title, { class: "title", id: "words-title" })] : []), exactly(message, { id: "message" }));
  return { parts: [label, box, more], box, more };
}

/**
 * Words that do not fit into their box are scrolled to their end before they can be approved.
 * @param {HTMLElement} box on the screen
 * @param {HTMLElement} more
 * @param {(HTMLInputElement | HTMLButtonElement)[]} controls
 * @param {AbortSignal} signal ends it
 */
function untilRead(box, more, controls, signal) {
  const look = () => {
    const isRead = box.scrollTop + box.clientHeight >= box.scrollHeight - 2;
    for (const control of controls) control.disabled = !isRead;
    if (!isRead) more.textContent = text("confirm.more");
    else if (more.textContent) more.textContent = text("confirm.read"); // it keeps its place: nothing moves
    if (isRead) stop();
  };
  const resized = new ResizeObserver(look);
  const stop = () => {
    resized.disconnect();
    box.removeEventListener("scroll", look);
  };
  box.addEventListener("scroll", look);
  resized.observe(box);
  signal.addEventListener("abort", stop);
  look();
}
