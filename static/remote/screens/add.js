// @ts-check
/** Another device is to come in: a phone that scans what is shown here, or a browser whose code is typed here. */
import { button, el, field, p, quiet } from "../../shared/dom.js";
import { show as offer } from "../../shared/pairing.js";
import { draw } from "../../shared/qr.js";
import { admitPhone } from "../joining.js";
import { digitsField, largeDigits } from "../parts.js";
import { show } from "../stage.js";
import { codeInput, connect } from "./start.js";
import { clockTime, text } from "../words.js";

/** @typedef {import("../remote.js").Remote} Remote */
/** @typedef {import("../../shared/offer.js").Offer} Offer */

/** @param {Remote} remote */
export function add(remote) {
  const code = codeInput();
  show({
    name: "add",
    title: text("add.title"),
    parts: [
      el("h2", {}, text("add.browser")),
      p(text("add.browser.lead")),
      field(code, text("code.label"), text("code.hint")),
      el("div", { class: "row" }, button("connect", text("add.browser.go"), "primary", { type: "submit" })),
      el("h2", {}, text("add.phone")),
      p(text("add.phone.lead")),
      el("div", { class: "row" }, button("offer", text("add.phone.go"))),
    ],
    actions: [button("home", text("app.back"), "quiet")],
    on: {
      connect: () => connect(remote, code),
      offer: () => remote.go("offer"),
      home: remote.home, cancel: remote.home,
    },
  });
}

/** A code for another phone, and the wait for it. @param {Remote} remote */
export async function offering(remote) {
  const waiting = new AbortController();
  const { signal } = remote.screen;
  const made = await offer("phone", { signal: waiting.signal });
  if (signal.aborted) return;
  const stop = async () => {
    waiting.abort();
    made.end();
    await remote.home();
  };
  show({
    name: "offer",
    title: text("offer.title"),
    parts: [
      p(text("offer.lead")),
      el("div", { class: "card" }, draw(made.address, text("offer.qr"))),
      p(text("offer.typed", { address: `${location.host}/remote` })),
      el("p", { class: "large", id: "pairing-code", dir: "ltr", translate: "no" }, made.code),
      quiet(text("offer.until", { time: clockTime(Date.parse(made.expires)) })),
    ],
    actions: [button("stop", text("app.cancel"), "quiet")],
    on: { stop, cancel: stop },
  });
  made.digits().then(async ({ digits }) => {
    if (!signal.aborted) await remote.go("offer-digits", { offer: made, digits, waiting });
  }).catch(ifStill(remote));
}

/** @param {Remote} remote @param {{offer: Offer, digits: string, waiting: AbortController}} given */
export function offered(remote, { offer: made, digits, waiting }) {
  const { input, part } = digitsField("finish", 4, "offer.number", "offer.number.hint");
  const { signal } = remote.screen;
  let proved = false;
  const stop = async () => {
    made.refuse();
    waiting.abort();
    await remote.home();
  };
  show({
    name: "offer-digits",
    title: text("offer.digits.title"),
    parts: [p(text("offer.digits.lead")), largeDigits(digits, "offer.digits"), part],
    actions: [
      button("finish", text("offer.go"), "primary", { type: "submit" }),
      button("stop", text("app.cancel"), "quiet"),
    ],
    on: {
      finish: async () => {
        const typed = input.value;
        input.value = "";
        await remote.pairing(async () => {
          await made.finish(typed);
          proved = true;
          await remote.go("meeting", { stop: waiting, lead: "offer.waiting" });
          handOver(remote, made, waiting.signal);
        });
      },
      stop, cancel: stop,
    },
  });
  made.watched().catch(async (error) => {
    if (!proved && !signal.aborted) await remote.failed(error);
  });
}

/** The number was right. @param {Remote} remote @param {Offer} made @param {AbortSignal} stopped */
function handOver(remote, made, stopped) {
  const { signal } = remote.screen;
  admitPhone(remote.known(), made, stopped).then(async () => {
    if (!signal.aborted) await remote.go("admitted");
  }).catch(ifStill(remote));
}

/** @param {Remote} remote @returns {(error: unknown) => Promise<void>} tells what failed, unless the screen was left */
function ifStill(remote) {
  const { signal } = remote.screen;
  return async (error) => {
    if (!signal.aborted) await remote.failed(error);
  };
}
