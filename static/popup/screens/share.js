// @ts-check
/** A site asks for cards alone, or wants some kept: nobody is signed in by it. */
import { button, byId, el, name, quiet, ticked } from "../../shared/dom.js";
import { keeps, shares } from "../deciding.js";
import { blocks, called, reminder, siteCard, valueList } from "../parts.js";
import { prepare } from "../preparing.js";
import { Sharing } from "../sharing.js";
import { show } from "../stage.js";
import { text } from "../words.js";
import { verify } from "./email_code.js";

/** @typedef {import("./consent.js").Given} Given */
/** @typedef {import("../popup.js").Popup} Popup */

/** @param {Popup} popup @param {Given} given */
export async function share(popup, { account, prepared: before, gone, ...found }) {
  const prepared = before ?? (await prepare(popup, account, found));
  if (!prepared.asking) throw prepared.trouble;
  const { asking } = prepared;
  show({
    name: "share",
    title: text("share.title"),
    wary: true,
    parts: [...heading(popup, account), ...blocks(prepared, gone), ticked("without-asking", text("share.silent"))],
    actions: [
      button("share", text("share.go"), "primary", { type: "submit" }),
      button("cancel", text("app.cancel")),
      ...reminder(account),
    ],
    on: {
      share: () => {
        const said = { silently: byId("without-asking").checked, choices: asking.read() };
        return shares(popup, account, found, said);
      },
      verify: () => verify(popup, account, prepared, () => popup.go("share", { account, prepared, ...found })),
      "use-another": popup.another,
      remind: () => popup.go("key", { id: account.id, make: true }),
      cancel: popup.cancel,
    },
  });
}

/** What a site wants kept, beside what it would replace. @param {Popup} popup @param {Given} given */
export async function keep(popup, { account }) {
  const { vault } = await Sharing.of(popup.accounts, account);
  const cards = await vault.list();
  const parts = [...popup.wishes.kept].map(([kind, fields]) => {
    const there = cards.find((card) => card.kind === kind && card.default)?.fields ?? {};
    return el("div", { class: "card asked", "data-card": kind },
      el("h2", {}, called(kind)), valueList(kind, fields, there));
  });
  show({
    name: "keep",
    title: text("keep.title"),
    wary: true,
    parts: [...heading(popup, account), quiet(text("keep.lead")), ...parts],
    actions: [
      button("keep", text("keep.go"), "primary", { type: "submit" }),
      button("cancel", text("app.cancel")),
      ...reminder(account),
    ],
    on: {
      keep: () => keeps(popup, account),
      "use-another": popup.another,
      remind: () => popup.go("key", { id: account.id, make: true }),
      cancel: popup.cancel,
    },
  });
}

/** @param {Popup} popup @param {import("../../shared/accounts.js").Account} account @returns {HTMLElement[]} */
function heading(popup, account) {
  const as = el("p", {}, el("span", { class: "quiet" }, text("share.of")), " ", name(account.label));
  const row = el("div", { class: "as" }, as, button("use-another", text("choose.another"), "quiet"));
  return [siteCard(popup.known().origin, "site.asks"), row];
}
