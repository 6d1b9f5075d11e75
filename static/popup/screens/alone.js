// @ts-check
/** Opened without a site: what this is, and the OneIDs of this browser. */
import { button, el, name, p, quiet } from "../../shared/dom.js";
import { accountWords, goodbyes, reminder, revokedItem } from "../parts.js";
import { phonesOf } from "../phones.js";
import { show } from "../stage.js";
import { say, text } from "../words.js";

/** @typedef {import("../../shared/accounts.js").Account} Account */

/** @param {import("../popup.js").Popup} popup */
export async function alone(popup) {
  const accounts = await popup.accounts.all();
  const items = accounts.map((account) => el("li", {}, account.revoked
    ? revokedItem(account)
    : el("div", { class: "card" }, accountWords(account), phoneOf(account), ...reminder(account))));
  const list = [el("h2", {}, text("alone.list")), el("ul", { class: "list", id: "accounts" }, ...items)];
  const account = el("a", { href: "/account" }, text("alone.account"));
  show({
    name: "alone",
    title: text("alone.title"),
    parts: [
      el("p", { class: "lead" }, text("alone.lead")),
      ...(items.length ? [...list, p(account), p(text("alone.next"))] : []),
    ],
    actions: [
      button("create", text("welcome.create"), items.length ? "plain" : "primary"),
      button("use-phone", text("welcome.phone"), items.length ? "quiet" : "plain"),
      button("have-key", text("welcome.have"), "quiet"),
      quiet(text("alone.severed")),
    ],
    on: {
      create: () => popup.go("create"),
      "have-key": () => popup.go("recover"),
      "use-phone": () => popup.go("pair", { kind: "browser" }),
      connect: async ({ dataset }) => {
        const account = await popup.accounts.change(dataset.account ?? "", {});
        await popup.go("pair", { kind: "phone", account });
      },
      lost: async ({ dataset }) => {
        const account = await popup.accounts.change(dataset.account ?? "", {});
        const phones = await popup.tried(account.id, () => phonesOf(account));
        if (phones) await popup.go(phones.length ? "lost" : "alone", { account, phones });
      },
      remind: ({ dataset }) => popup.go("key", { id: dataset.account, make: true }),
      remove: async ({ dataset }) => {
        await popup.accounts.remove(dataset.account ?? "");
        await popup.go("alone");
      },
    },
  });
}

/**
 * What is known of an account's phone, as soon as it is; and the way to connect one.
 * @param {Account} account
 * @returns {HTMLElement}
 */
function phoneOf(account) {
  const place = el("div", { class: "row phone", "data-account": account.id });
  const connect = button("connect", text("phone.connect"), "plain", { "data-account": account.id });
  phonesOf(account).then((phones) => {
    const names = phones.map((phone) => p(...say("phone.there", { phone: name(phone.name) })));
    const lost = button("lost", text("phone.lost"), "quiet", { "data-account": account.id });
    const ways = phones.length === 0 ? [connect] : phones.some(({ ends }) => ends === null) ? [lost] : [];
    place.append(...names, ...goodbyes(phones), ...ways);
  }, () => place.append(connect)); // pressed, it says what is wrong
  return place;
}
