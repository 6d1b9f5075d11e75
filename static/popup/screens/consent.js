// @ts-check
/** The person's word: this site, as this OneID. Given here, in a window of its own, and nowhere else. */
import { button, byId, el, name, quiet, ticked } from "../../shared/dom.js";
import { asked, goodbyes, reminder, siteCard } from "../parts.js";
import { wantsPhone } from "../signing_in.js";
import { show } from "../stage.js";
import { text } from "../words.js";

/** @typedef {import("../accounts.js").Account} Account */
/** @typedef {import("../identities.js").Found} Found */

/** @param {import("../popup.js").Popup} popup @param {Found & {account: Account}} given */
export function consent(popup, { account, ...found }) {
  const { origin, request } = popup.known();
  const as = el("p", {}, el("span", { class: "quiet" }, text("consent.as")), " ", name(account.label));
  show({
    name: "consent",
    title: text("consent.title"),
    wary: true,
    parts: [
      siteCard(origin, "site.to"),
      el("div", { class: "as" }, as, button("use-another", text("choose.another"), "quiet")),
      quiet(text("consent.gets")),
      ...(wantsPhone(request) ? [quiet(text("consent.phone"))] : []),
      ...asked(request.attr),
      ticked("without-asking", text("consent.silent")),
    ],
    actions: [
      button("sign-in", text("consent.go"), "primary", { type: "submit" }),
      button("cancel", text("app.cancel")),
      ...reminder(account),
      ...goodbyes(found.phones),
    ],
    on: {
      "sign-in": () => popup.signIn(account, found, byId("without-asking").checked),
      "use-another": popup.another,
      remind: () => popup.go("key", { id: account.id, make: true }),
      cancel: popup.cancel,
    },
  });
}
