// @ts-check
/** Parts that several screens have. */
import { CARDS, LONGEST_VALUE } from "../shared/attributes.js";
import { maskedNumber } from "../shared/card_form.js";
import { address, button, el, field, name, p, quiet } from "../shared/dom.js";
import { fieldLabel, label, valueLabel } from "../shared/labels.js";
import { explain } from "./explain.js";
import { day, harmless, language, say, text } from "./words.js";

/** @typedef {import("../shared/accounts.js").Account} Account */
/** @typedef {import("../shared/attributes.js").Fields} Fields */
/** @typedef {import("./words.js").Key} Key */

/**
 * The site, large and exact.
 * @param {string} origin
 * @param {Key} role
 * @returns {HTMLElement}
 */
export function siteCard(origin, role) {
  return el("div", { class: "card site" }, quiet(text(role)), el("p", { id: "origin" }, address(origin)));
}

/** @param {import("./popup.js").Popup} popup @returns {HTMLElement[]} the site that the person came from, if any */
export function cameFrom({ site }) {
  return site ? [siteCard(site.origin, "site.for")] : [];
}

/**
 * What a site asks for; where the cards can not be read, why: signing in goes on without them.
 * @param {import("./preparing.js").Prepared} prepared
 * @param {boolean} [gone] whether a card is not there any more that the person had chosen
 * @returns {HTMLElement[]}
 */
export function blocks({ asking, trouble }, gone = false) {
  const note = gone ? [el("div", { class: "card warning", role: "note" }, p(text("share.gone")))] : [];
  if (trouble === null) return [...note, ...(asking?.elements ?? [])];
  return [el("div", { class: "card warning", role: "note" }, p(explain(trouble)), quiet(text("share.trouble")))];
}

/**
 * Values under the names of their fields, in the order of their card.
 * @param {string} kind
 * @param {Fields} fields
 * @param {Fields} [former] what they replace: shown where it differs
 * @returns {HTMLElement}
 */
export function valueList(kind, fields, former = {}) {
  const order = CARDS.get(kind) ?? [];
  const place = (/** @type {string} */ field) => (order.includes(field) ? order.indexOf(field) : order.length);
  const lines = Object.entries(fields).sort(([one], [other]) => place(one) - place(other));
  return el("dl", {}, ...lines.flatMap(([field, value]) => {
    const before = Object.hasOwn(former, field) && former[field] !== value ? former[field] : null;
    const instead = before === null ? [] : [quiet(...say("keep.before", { value: bdi(shown(field, before)) }))];
    return [el("dt", {}, calledField(kind, field)), el("dd", {}, bdi(shown(field, value)), ...instead)];
  }));
}

/** @param {string} kind @returns {string} what a card is called, and by whom where that is the site */
export function called(kind) {
  return CARDS.has(kind) ? label(kind) : text("own.called", { name: kind });
}

/** @param {string} kind @param {string} field @returns {string} the same of a field: a site's own has no word of ours */
export function calledField(kind, field) {
  return CARDS.has(kind) ? fieldLabel(field) : text("own.called", { name: field });
}

/** @param {string} field @param {string} value @returns {string} whole, as it is shown: a card's number by its end */
export function shown(field, value) {
  return field === "cc_number" ? maskedNumber(value) : harmless(valueLabel(field, value), LONGEST_VALUE);
}

/** @param {string} value @returns {HTMLElement} */
function bdi(value) {
  return el("bdi", {}, value);
}

/**
 * A word about an unsaved OneID Key, and the way to it. It says beforehand that a new key ends the former.
 * @param {Account} account
 * @returns {HTMLElement[]}
 */
export function reminder(account) {
  if (account.confirmed || account.revoked) return [];
  const go = button("remind", text("remind.go"), "quiet", { "data-account": account.id });
  const words = text(account.keyed && !account.pendingKey ? "remind.again" : "remind.text");
  return [el("div", { class: "reminder", role: "note" }, p(words), go)];
}

/**
 * A word about each phone that is on its way out: whoever reads it may not be who asked for that.
 * @param {import("./phones.js").Phone[]} phones
 * @returns {HTMLElement[]}
 */
export function goodbyes(phones) {
  const going = phones.filter((phone) => phone.ends !== null);
  return going.map(({ name: called, ends }) => el("div", { class: "reminder", role: "note" },
    p(...say("phone.ends", { phone: name(called), time: moment(/** @type {string} */ (ends)) }))));
}

/** @param {string} time as the repo tells it @returns {string} as people write it */
export function moment(time) {
  return new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" }).format(Date.parse(time));
}

/** @returns {HTMLTextAreaElement} where a OneID Key is typed or pasted */
export function keyInput() {
  return el("textarea", {
    id: "key-input", class: "key-text", rows: "2", maxlength: "2000", required: "", dir: "ltr", translate: "no",
    spellcheck: "false", autocomplete: "off", autocapitalize: "characters", autocorrect: "off",
  });
}

/** @param {HTMLTextAreaElement} input @returns {HTMLElement} */
export function keyField(input) {
  return field(input, text("recover.label"), text("recover.hint"));
}

/**
 * What is written in a key's field; of a whole saved file that was pasted, the key alone.
 * @param {HTMLTextAreaElement} input
 * @returns {string}
 */
export function keyText({ value }) {
  return /^(?:\w{4}-){7}\w{4}$/m.exec(value)?.[0] ?? value;
}

/** @param {Account} account @returns {HTMLElement} its name, and how it stands */
export function accountWords(account) {
  const standing = account.revoked ? "choose.revoked" : account.locked ? "choose.locked" : "choose.used";
  return el("span", { class: "account" }, name(account.label),
    el("span", { class: "quiet" }, text(standing, { date: day(account.lastUsed) })));
}

/**
 * @param {Account} account one that this browser was removed from, as it seemed
 * @param {HTMLElement[]} [ways] on with it, before those that there always are
 * @returns {HTMLElement}
 */
export function revokedItem(account, ways = []) {
  const of = { "data-account": account.id };
  return el("div", { class: "card" }, accountWords(account), el("div", { class: "row" }, ...ways,
    button("have-key", text("choose.key"), "plain", of), button("remove", text("choose.remove"), "quiet", of)));
}
