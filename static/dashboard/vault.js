// @ts-check
/** The cards of the account, as the dashboard shows and changes them; which address is the proved one. */
import { CARDS } from "../shared/attributes.js";
import { maskedNumber } from "../shared/card_form.js";
import { fromBase64url, utf8 } from "../shared/encoding.js";
import { sha256 } from "../shared/keys.js";
import { fieldLabel, text, valueLabel } from "./words.js";

/** @typedef {import("./dashboard.js").Dashboard} Dashboard */
/** @typedef {import("../shared/cards.js").Card} Card */
/** @typedef {import("../shared/cards.js").Broken} Broken */
/** @typedef {{salt: string, digest: string, verified: string}} Proved an address: its salted hash, and since when */

/** The kinds that have a form, in the order in which they are shown. */
export const KINDS = ["name", "email", "phone", "address", "company", "payment"];

/** @typedef {{cards: Card[], broken: Broken[], proved: Card | null, email: Proved | null}} Kept */

/** @param {Dashboard} dashboard @returns {Promise<Kept>} `broken`: those that do not open */
export async function vaultOf(dashboard) {
  const [{ cards, broken }, { email }] = await Promise.all([
    dashboard.opened(({ vault }) => vault.look()), dashboard.ask("/repo/emails/state"),
  ]);
  dashboard.mend();
  return { cards, broken, email, proved: email && (await provedOf(cards, email)) };
}

/** @param {Card[]} cards @param {Proved} email @returns {Promise<Card | null>} the one with the proved address */
export async function provedOf(cards, { salt, digest }) {
  for (const card of cards) {
    const address = card.kind === "email" ? card.fields.email : undefined;
    if (address && (await sha256(new Uint8Array([...fromBase64url(salt), ...utf8(address)]))) === digest) return card;
  }
  return null;
}

/**
 * The cards by kind: first those that have a meaning, in their order, then those that sites made up.
 * @param {Card[]} cards
 * @returns {Map<string, Card[]>} the default comes first, then the oldest
 */
export function byKind(cards) {
  const own = [...new Set(cards.map(({ kind }) => kind).filter((kind) => !KINDS.includes(kind)))].sort();
  const order = (/** @type {Card} */ one, /** @type {Card} */ other) => {
    return Number(other.default) - Number(one.default) || one.made - other.made;
  };
  const kinds = [...KINDS, ...own].map((kind) => /** @type {[string, Card[]]} */ ([
    kind, cards.filter((card) => card.kind === kind).sort(order),
  ]));
  return new Map(kinds.filter(([, those]) => those.length > 0));
}

/** @param {Card} card @returns {[string, string][]} fields and values, in the order of its form */
export function fieldsOf({ kind, fields }) {
  const order = CARDS.get(kind) ?? [];
  const rest = Object.keys(fields).filter((field) => !order.includes(field)).sort();
  return [...order, ...rest].filter((field) => fields[field]).map((field) => [field, fields[field]]);
}

/**
 * What is on a card, for people to read.
 * @param {Card} card
 * @param {(number: string) => string | HTMLElement} covered how the number of a payment card is shown
 * @returns {[string, string | HTMLElement][]} labels and values
 */
export function rowsOf(card, covered) {
  const month = card.kind === "payment" ? card.fields.cc_exp_mo : undefined;
  const rows = fieldsOf(card).flatMap(([field, value]) => {
    if (month && field === "cc_exp_mo" && card.fields.cc_exp_yr) return []; // in one line with the year
    if (month && field === "cc_exp_yr") return [[text("cards.expires"), `${month.padStart(2, "0")}/${value}`]];
    return [[fieldLabel(field), field === "cc_number" ? covered(value) : valueLabel(field, value)]];
  });
  return /** @type {[string, string | HTMLElement][]} */ (rows);
}

/** @param {Card} card @returns {string} a few words by which it is told from the others */
export function called(card) {
  const { kind, label, fields } = card;
  if (label) return label;
  if (kind === "payment" && fields.cc_number) return maskedNumber(fields.cc_number);
  const [one = "", other = ""] = fieldsOf(card).map(([, value]) => value);
  return kind === "name" ? `${one} ${other}` : one;
}
