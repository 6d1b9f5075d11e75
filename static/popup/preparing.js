// @ts-check
/** What is read before a person is asked about cards. A vault that does not open keeps nobody from signing in. */
import { RolledBackError } from "../shared/cards.js";
import { SealError } from "../shared/sealing.js";
import { Asking } from "./asking.js";
import { provedOf } from "./emails.js";
import { Sharing } from "./sharing.js";

/** @typedef {import("../shared/accounts.js").Account} Account */
/** @typedef {import("./identities.js").Found} Found */
/** @typedef {import("./popup.js").Popup} Popup */
/** @typedef {{asking: Asking | null, trouble: unknown}} Prepared `trouble`: why no card can be shown, else null */

/**
 * @param {Popup} popup
 * @param {Account} account
 * @param {Found} found
 * @returns {Promise<Prepared>}
 */
export async function prepare({ accounts, wishes, site }, account, { filed }) {
  if (wishes.cards.size === 0) return { asking: null, trouble: null };
  try {
    const { vault, releases } = await Sharing.of(accounts, account);
    const [cards, given, proved] = await Promise.all([
      vault.list(),
      filed ? releases.list() : [],
      wishes.cards.has("email") ? provedOf(account) : undefined,
    ]);
    const here = given.filter(({ uid }) => uid === filed?.uid);
    const former = new Map(here.map(({ card, asked, source }) => [card, { asked, card: source }]));
    const alone = site?.request.name === "attr";
    return { asking: new Asking(wishes, { cards, former, proved, alone }), trouble: null };
  } catch (error) {
    if (error instanceof SealError || error instanceof RolledBackError) return { asking: null, trouble: error };
    throw error;
  }
}
