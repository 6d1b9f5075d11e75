// @ts-check
/** Several OneIDs in this browser, or one that it was removed from. */
import { button, el } from "../../shared/dom.js";
import { accountWords, revokedItem, siteCard } from "../parts.js";
import { show } from "../stage.js";
import { text } from "../words.js";

/** @param {import("../popup.js").Popup} popup */
export async function choose(popup) {
  const accounts = await popup.accounts.all();
  const items = accounts.map((account) => {
    const pick = (/** @type {string | Node} */ label) => button("pick", label, "plain", { "data-account": account.id });
    if (!account.revoked) return el("li", {}, pick(accountWords(account)));
    return el("li", {}, revokedItem(account, [pick(text("app.again"))]));
  });
  show({
    name: "choose",
    title: text("choose.title"),
    parts: [
      siteCard(popup.known().origin, "site.to"),
      el("ul", { class: "list", id: "accounts" }, ...items),
    ],
    actions: [
      button("use-another", text("choose.another"), "quiet"),
      button("use-phone", text("welcome.phone"), "quiet"),
      button("cancel", text("app.cancel"), "quiet"),
    ],
    on: {
      pick: async ({ dataset }) => popup.proceed(await popup.accounts.change(dataset.account ?? "", {})),
      "have-key": () => popup.go("recover"),
      remove: async ({ dataset }) => {
        await popup.accounts.remove(dataset.account ?? "");
        await popup.start();
      },
      "use-another": () => popup.go("welcome"),
      "use-phone": () => popup.go("pair", { kind: "browser" }),
      cancel: popup.cancel,
    },
  });
}
