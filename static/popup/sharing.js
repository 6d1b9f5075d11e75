// @ts-check
/**
 * What follows the person's word about cards: what was typed in is stored, and what the site may read is sealed for it.
 * Done twice, as after a lost answer, it is done once.
 */
import { answered } from "../shared/attributes.js";
import { Vault } from "../shared/cards.js";
import { vouching } from "../shared/claims.js";
import { TooLargeError } from "../shared/padding.js";
import { Releases, picked } from "../shared/releases.js";
import { whileSettled } from "../shared/renewed.js";
import { call } from "../shared/repo.js";
import { secretOf, seenOf, signer } from "../shared/accounts.js";

/** @typedef {import("../shared/accounts.js").Account} Account */
/** @typedef {import("../shared/attributes.js").Fields} Fields */
/** @typedef {import("../shared/cards.js").Card} Card */
/** @typedef {import("./wishes.js").Wishes} Wishes */
/**
 * @typedef {object} Choice the person's word about one kind of card
 * @property {string} kind
 * @property {boolean} shared
 * @property {string[]} asked the fields that the site may read from now on, or "*"
 * @property {Card | null} card which one of that kind; null: none yet
 * @property {Fields} typed what was missing
 * @property {Fields} once what is handed over now, and never stored
 */
/** @typedef {{attr: object, claims: Record<string, string>}} Handed what the site gets */

/** The id of a card that is about to be kept: by then it is the first of its kind. */
export const UNSAVED = "";

/** The card that the person chose was deleted meanwhile: no other is taken in its place. */
export class CardGoneError extends Error {
  code = "card_gone";
}

/**
 * Do what seals with the account's secret, while no other window of this browser gives the account a new one.
 * @template T
 * @param {import("../shared/accounts.js").Accounts} accounts
 * @param {Account} account
 * @param {(account: Account) => Promise<T>} work with the account as it is by now
 * @returns {Promise<T>}
 */
export async function sealing(accounts, account, work) {
  // One that was removed from this browser meanwhile does not take with it what the person has just decided.
  return (await accounts.get(account.id)) ? whileSettled(accounts, account.id, work) : work(account);
}

export class Sharing {
  #account;

  /** @param {Account} account @param {Vault} vault @param {Releases} releases */
  constructor(account, vault, releases) {
    this.#account = account;
    this.vault = vault;
    this.releases = releases;
  }

  /** @param {import("../shared/accounts.js").Accounts} accounts @param {Account} account */
  static async of(accounts, account) {
    const by = { signer: signer(account), secret: await secretOf(account) };
    const vault = new Vault({ account: account.id, seen: seenOf(accounts, account), ...by });
    return new Sharing(account, vault, new Releases(by));
  }

  /**
   * Store what a site wants kept: in the card of its kind that the person uses first, or a new one.
   * @param {Map<string, Fields>} kept by card
   * @param {{lenient: boolean}} [how] `lenient`: what is too much is left out
   */
  async keep(kept, { lenient } = { lenient: false }) {
    for (const [kind, fields] of kept) {
      try {
        await this.#store(kind, fields, null);
      } catch (error) {
        if (!lenient || !(error instanceof TooLargeError)) throw error;
      }
    }
  }

  /**
   * @param {Wishes} wishes
   * @param {Choice[]} choices
   * @param {{uid: string, origin: string} | null} identity null: what is handed over now is all that the site gets
   * @returns {Promise<Handed>}
   */
  async share({ wanted }, choices, identity) {
    await this.#findAll(choices); // before anything of it is given
    const values = new Map();
    for (const choice of choices) {
      const given = await this.#give(choice, identity?.uid ?? null);
      values.set(choice.kind, { ...given, ...(choice.shared ? choice.once : {}) });
    }
    const address = values.get("email")?.email;
    const claims = identity && address !== undefined ? await this.#claims(identity, address) : {};
    return { attr: answered(wanted, values), claims };
  }

  /**
   * What a site was given before and is not given now, it reads no more.
   * @param {string} uid
   * @param {Choice[]} choices
   */
  async withdraw(uid, choices) {
    const refused = choices.filter(({ shared }) => !shared).map(({ kind }) => kind);
    if (refused.length === 0) return;
    const given = (await this.releases.list()).filter((one) => one.uid === uid && one.source !== null);
    for (const { card } of given.filter((one) => refused.includes(one.card))) await this.releases.end(uid, card);
  }

  /** @param {Choice[]} choices @throws {CardGoneError} if one of their cards is there no more */
  async #findAll(choices) {
    const chosen = choices.flatMap(({ shared, card }) => (shared && card && card.id !== UNSAVED ? [card.id] : []));
    const there = chosen.length > 0 ? (await this.vault.list()).map(({ id }) => id) : [];
    if (!chosen.every((id) => there.includes(id))) throw new CardGoneError();
  }

  /** @param {Choice} choice @param {string | null} uid @returns {Promise<Fields>} what of it is handed over */
  async #give({ kind, shared, asked, card: chosen, typed }, uid) {
    const card = shared ? await this.#store(kind, typed, chosen) : null;
    // What the person saw and typed in: another device may have put more into that card by now.
    const values = shared ? picked(asked, { ...chosen?.fields, ...typed }) : {};
    // A card that was not given is filed as well: the site was answered, and asks no more.
    const source = card && Object.keys(values).length > 0 ? card.id : null;
    if (uid !== null) await this.releases.put(uid, kind, asked, source, values);
    return values;
  }

  /**
   * @param {string} kind
   * @param {Fields} fields
   * @param {Card | null} chosen
   * @returns {Promise<Card | null>} the card with these in it; null if there is none, and nothing to put into one
   * @throws {CardGoneError}
   */
  async #store(kind, fields, chosen) {
    if (Object.keys(fields).length === 0 && chosen?.id !== UNSAVED) return chosen;
    const same = (await this.vault.list()).filter((card) => card.kind === kind);
    const known = chosen !== null && chosen.id !== UNSAVED;
    const card = same.find((one) => (known ? one.id === chosen.id : one.default));
    if (known && !card) throw new CardGoneError();
    if (!card) return this.vault.save({ kind, label: "", default: true, fields });
    const there = Object.entries(fields).every(([field, text]) => card.fields[field] === text);
    const saved = there ? card : await this.vault.save({ ...card, fields: { ...card.fields, ...fields } });
    // Also where it was stored before, and this was not reached.
    await this.releases.follow(saved.id, () => this.vault.list());
    return saved;
  }

  /**
   * What the service says of an address that was just released.
   * @param {{uid: string, origin: string}} identity
   * @param {string} address
   */
  async #claims({ uid, origin }, address) {
    const { claims } = await call("/repo/releases/read", { uid, origin, cards: ["email"] }, signer(this.#account));
    return vouching(claims, address);
  }
}
