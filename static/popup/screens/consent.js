// @ts-check
/** The person's word: this site, as this OneID, with these cards. Given here, in a window of its own, nowhere else. */
import { button, byId, el, name, quiet, ticked } from "../../shared/dom.js";
import { signsIn } from "../deciding.js";
import { blocks, goodbyes, reminder, siteCard } from "../parts.js";
import { prepare } from "../preparing.js";
import { wantsPhone } from "../signing_in.js";
import { show } from "../stage.js";
import { text } from "../words.js";
import { verify } from "./email_code.js";

/** @typedef {import("../../shared/accounts.js").Account} Account */
/** @typedef {import("../identities.js").Found} Found */
/** @typedef {import("../popup.js").Popup} Popup */
/** @typedef {Found & {account: Account, prepared?: import("../preparing.js").Prepared, gone?: boolean}} Given */

/** @param {Popup} popup @param {Given} given */
export async function consent(popup, { account, prepared: before, gone, ...found }) {
  const { origin, request } = popup.known();
  const prepared = before ?? (await prepare(popup, account, found));
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
      ...blocks(prepared, gone),
      ticked("without-asking", text("consent.silent")),
    ],
    actions: [
      button("sign-in", text("consent.go"), "primary", { type: "submit" }),
      button("cancel", text("app.cancel")),
      ...reminder(account),
      ...goodbyes(found.phones),
    ],
    on: {
      "sign-in": () => {
        const choices = prepared.asking?.read() ?? [];
        return signsIn(popup, account, found, { silently: byId("without-asking").checked, choices });
      },
      verify: () => verify(popup, account, prepared, () => popup.go("consent", { account, prepared, ...found })),
      "use-another": popup.another,
      remind: () => popup.go("key", { id: account.id, make: true }),
      cancel: popup.cancel,
    },
  });
}
