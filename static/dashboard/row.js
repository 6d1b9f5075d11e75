// @ts-check
/** The row of sections: plain links, so that the browser's own ways (back, a new tab, a bookmark) work. */
import { byId, el, name } from "../shared/dom.js";
import { SECTIONS } from "./screens.js";
import { text } from "./words.js";

/** @typedef {import("../shared/accounts.js").Account} Account */
/** @typedef {import("./screens.js").Section} Section */

/** @param {Section} section @param {Account} account @returns {string} */
export function addressOf(section, account) {
  return `#${section}=${account.id}`;
}

/**
 * @param {Account | null} account whose; null: nobody's yet, so there are no sections
 * @param {Section | null} current where the screen belongs
 * @param {boolean} isOneOfMany whether there is another account to go to
 */
export function row(account, current, isOneOfMany) {
  const places = byId("sections");
  const whose = byId("whose");
  places.hidden = !account || !current;
  places.setAttribute("aria-label", text("row.label"));
  if (!account || !current) return whose.replaceChildren();
  const item = (/** @type {Section} */ section) => el("li", {}, el("a", {
    href: addressOf(section, account), ...(section === current ? { "aria-current": "page" } : {}),
  }, text(`${section}.row`)));
  places.replaceChildren(el("ul", {}, ...SECTIONS.map(item)));
  const another = el("a", { href: "#choose" }, text("row.another"));
  return whose.replaceChildren(name(account.label), ...(isOneOfMany ? [another] : []));
}
