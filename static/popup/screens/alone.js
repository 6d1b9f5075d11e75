// @ts-check
/** Opened without a site: what this is, and the OneIDs of this browser. */
import { button, el, p, quiet } from "../dom.js";
import { accountWords, reminder, revokedItem } from "../parts.js";
import { show } from "../stage.js";
import { text } from "../words.js";

/** @param {import("../popup.js").Popup} popup */
export async function alone(popup) {
  const accounts = await popup.accounts.all();
  const items = accounts.map((account) => el("li", {}, account.revoked
    ? revokedItem(account)
    : el("div", { class: "card" }, accountWords(account), ...reminder(account))));
  const list = [el("h2", {}, text("alone.list")), el("ul", { class: "list", id: "accounts" }, ...items)];
  show({
    name: "alone",
    title: text("alone.title"),
    parts: [
      el("p", { class: "lead" }, text("alone.lead")),
      ...(items.length ? [...list, p(text("alone.next"))] : []),
    ],
    actions: [
      button("create", text("welcome.create"), items.length ? "plain" : "primary"),
      button("have-key", text("welcome.have"), items.length ? "quiet" : "plain"),
      quiet(text("alone.severed")),
    ],
    on: {
      create: () => popup.go("create"),
      "have-key": () => popup.go("recover"),
      remind: ({ dataset }) => popup.go("key", { id: dataset.account, make: true }),
      remove: async ({ dataset }) => {
        await popup.accounts.remove(dataset.account ?? "");
        await popup.go("alone");
      },
    },
  });
}
