// @ts-check
/** A pairing that this phone answers: the six digits, a new browser's wish, the four digits, and how it ended. */
import { button, el, name, p } from "../../shared/dom.js";
import { deviceName } from "../../shared/device.js";
import { PairingError } from "../../shared/pairing.js";
import { TypedError } from "../explain.js";
import { enter } from "../entering.js";
import { admitBrowser, arrive, ask, readNewcomer, settled, takeBack } from "../joining.js";
import { digitsField, largeDigits, told, warning } from "../parts.js";
import { show } from "../stage.js";
import { say, text } from "../words.js";

/** @typedef {import("../remote.js").Remote} Remote */
/** @typedef {import("../../shared/answering.js").Answering} Answering */
/** @typedef {import("../joining.js").Newcomer} Newcomer */

/** @param {Remote} remote @param {{go: () => Promise<unknown>}} given this phone has a OneID, and another is to come */
export function replace(remote, { go }) {
  show({
    name: "replace",
    title: text("replace.title"),
    wary: true,
    parts: [
      p(...say("replace.lead", { label: name(remote.known().label) })),
      warning(text("replace.loss")),
    ],
    actions: [
      button("replace", text("replace.go")),
      button("keep", text("replace.keep"), "primary"),
    ],
    on: { replace: go, keep: remote.home, cancel: remote.home },
  });
}

/**
 * The other side is being asked; it shows its hand as soon as it has heard.
 * @param {Remote} remote
 * @param {{stop: AbortController, lead?: import("../words.js").Key}} given
 */
export function meeting(remote, { stop, lead = "meeting.lead" }) {
  const cancel = async () => {
    stop.abort();
    await remote.home();
  };
  show({
    name: "meeting",
    title: text("meeting.title"),
    parts: [el("p", { role: "status" }, text(lead))],
    actions: [button("stop", text("app.cancel"), "quiet")],
    on: { stop: cancel, cancel },
  });
}

/** @param {Remote} remote @param {{answering: Answering}} given */
export function digits(remote, { answering }) {
  const { input, part } = digitsField("digits-input", 7, "digits.label", "digits.hint");
  const stop = async () => {
    answering.refuse();
    await remote.home();
  };
  show({
    name: "digits",
    title: text("digits.title"),
    wary: true,
    parts: [el("p", { class: "lead" }, text(`digits.lead.${answering.kind}`)), part],
    actions: [
      button("check", text("digits.go"), "primary", { type: "submit" }),
      button("stop", text("app.cancel"), "quiet"),
    ],
    on: {
      check: () => remote.pairing(async () => {
        const right = await answering.check(input.value);
        input.value = right ? input.value : "";
        if (!right) throw new TypedError("wrong_digits");
        await (answering.kind === "phone" ? join(remote, answering) : meet(remote, answering));
      }),
      stop, cancel: stop,
    },
  });
}

/** This phone is new. @param {Remote} remote @param {Answering} answering */
async function join(remote, answering) {
  remote.persist();
  const keys = await ask(answering, remote.deviceName);
  const until = async (/** @type {AbortSignal} */ left) => {
    const came = await arrive(remote.phone, answering, keys, () => !left.aborted);
    await (came ? remote.go("joining", { answering }) : answering.refuse());
  };
  await remote.go("number", { answering, until, stop: remote.home });
}

/**
 * The account has come. The other side admits this phone now: too late to take anything back.
 * @param {Remote} remote
 * @param {{answering?: Answering}} given none after a reload
 */
export function joining(remote, { answering }) {
  show({
    name: "joining",
    title: text("connecting.title"),
    parts: [el("p", { role: "status" }, text("joining.lead"))],
  });
  enter(remote.phone, answering ?? null).then(async (held) => {
    if (!held) return remote.go("pairing-ended", { code: "not_in" });
    await remote.paired();
    return remote.go("paired");
  }).catch(remote.failed);
}

/** A browser is new. @param {Remote} remote @param {Answering} answering */
async function meet(remote, answering) {
  const device = readNewcomer(await answering.receive());
  if (!device) throw new PairingError("pairing_attacked");
  await remote.go("admit", { answering, device });
}

/** @param {Remote} remote @param {{answering: Answering, device: Newcomer}} given */
export function admit(remote, { answering, device }) {
  let tried = false;
  const refuse = async () => {
    answering.refuse();
    if (tried) throw await takeBack(remote.known(), device); // it may be in, although nobody said so
    throw new PairingError("refused_here");
  };
  show({
    name: "admit",
    title: text("admit.title"),
    wary: true,
    parts: [
      el("p", { class: "lead" }, text("admit.lead")),
      told([
        ["told.device", device.name], ["told.browser", deviceName(answering.browser)],
        ["told.address", answering.address],
      ]),
      warning(text("admit.warning")),
    ],
    actions: [
      button("approve", text("admit.go"), "primary", { type: "submit" }),
      button("refuse", text("admit.refuse")),
    ],
    on: {
      approve: () => remote.pairing(async () => {
        tried = true;
        const held = remote.known();
        await admitBrowser(held, answering, device);
        const until = async (/** @type {AbortSignal} */ left) => {
          await settled(held, answering, device);
          if (!left.aborted) await remote.go("admitted");
        };
        await remote.go("number", { answering, until, stop: null });
      }),
      refuse: () => remote.pairing(refuse), cancel: () => remote.pairing(refuse),
    },
  });
}

/**
 * @typedef {object} Numbered
 * @property {Answering} answering
 * @property {(left: AbortSignal) => Promise<unknown>} until what is waited for; the screen may have been left by then
 * @property {(() => unknown) | null} stop where "Cancel" leads; null where `until` says what came of that
 */

/** @param {Remote} remote @param {Numbered} given */
export function number(remote, { answering, until, stop: leave }) {
  const left = new AbortController();
  const stop = async () => {
    if (leave) left.abort();
    await answering.refuse(); // whatever waits for the other side ends by that
    await (leave ? leave() : done);
  };
  show({
    name: "number",
    title: text("number.title"),
    parts: [
      el("p", { class: "lead" }, text("number.lead")),
      largeDigits(answering.finishNumber, "number.label"),
      el("p", { class: "quiet", role: "status" }, text("number.waiting")),
    ],
    actions: [button("stop", text("app.cancel"), "quiet")],
    on: { stop, cancel: stop },
  });
  const { signal } = remote.screen;
  signal.addEventListener("abort", () => left.abort());
  const done = until(left.signal).catch(async (/** @type {unknown} */ error) => {
    if (!left.signal.aborted) await remote.failed(error);
  });
}

/** @param {Remote} remote */
export function paired(remote) {
  show({
    name: "paired",
    title: text("paired.title"),
    parts: [
      el("p", { class: "tick", "aria-hidden": "true" }, "✓"),
      el("p", { class: "lead" }, ...say("paired.lead", { label: name(remote.known().label) })),
      p(text("paired.next")),
    ],
    actions: [
      button("settings", text("paired.settings"), "primary", { type: "submit" }),
      button("home", text("paired.later"), "quiet"),
    ],
    on: { settings: () => remote.go("settings"), home: remote.home, cancel: remote.home },
  });
}

/** @param {Remote} remote */
export function admitted(remote) {
  show({
    name: "admitted",
    title: text("admitted.title"),
    parts: [
      el("p", { class: "tick", "aria-hidden": "true" }, "✓"),
      el("p", { class: "lead" }, text("admitted.lead")),
    ],
    actions: [
      button("home", text("app.done"), "primary", { type: "submit" }),
      button("devices", text("home.devices"), "quiet"),
    ],
    on: { home: remote.home, devices: () => remote.go("devices"), cancel: remote.home },
  });
}

/** @param {Remote} remote @param {{code: string}} given */
export function ended(remote, { code }) {
  const devices = code === "not_taken_back" ? [button("devices", text("home.devices"))] : [];
  show({
    name: "pairing-ended",
    title: text("ended.title"),
    parts: [
      p(text(/** @type {any} */ (`error.${code}`))),
      ...(code === "pairing_attacked" ? [warning(text("ended.attacked"))] : []),
    ],
    actions: [button("home", text("app.back"), "primary", { type: "submit" }), ...devices],
    on: { home: remote.home, devices: () => remote.go("devices"), cancel: remote.home },
  });
}
