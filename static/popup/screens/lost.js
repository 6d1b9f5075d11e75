// @ts-check
/** After the way back with the OneID Key: the phones of the account, and the way to remove one that is lost. */
import { button, el, name, p, quiet } from "../../shared/dom.js";
import { remove } from "../phones.js";
import { moment } from "../parts.js";
import { show } from "../stage.js";
import { say, text } from "../words.js";

/** @typedef {import("../phones.js").Phone} Phone */

/** @typedef {import("../../shared/accounts.js").Account} Account */

/** @param {import("../popup.js").Popup} popup @param {{account: Account, phones: Phone[]}} given */
export function lost(popup, { account, phones }) {
  /** @param {Phone} phone */
  const item = (phone) => el("li", {}, el("div", { class: "card" }, p(name(phone.name)), phone.ends
    ? quiet(...say("lost.ends", { time: moment(phone.ends) }))
    : el("div", { class: "row" }, button("lost", text("lost.remove"), "plain", { "data-phone": phone.id }))));
  show({
    name: "lost",
    title: text("lost.title"),
    parts: [
      el("p", { class: "lead" }, text("lost.lead")),
      el("ul", { class: "list", id: "phones" }, ...phones.map(item)),
      quiet(text("lost.wait")),
    ],
    actions: [button("continue", text("app.continue"), "primary", { type: "submit" })],
    on: {
      lost: async ({ dataset }) => {
        const { phone: id = "" } = dataset;
        const told = await popup.tried(account.id, async () => ({ ends: await remove(account, id) }));
        if (!told) return;
        const left = phones.filter((phone) => phone.id !== id || told.ends);
        lost(popup, { account, phones: left.map((phone) => (phone.id === id ? { ...phone, ...told } : phone)) });
      },
      continue: () => popup.proceed(account),
      cancel: popup.cancel,
    },
  });
}
