// @ts-check
/**
 * The cards of an account, as one of its devices sees and changes them.
 *
 * Every version is its own envelope, and the repo takes only the next one: nobody overwrites what they have not read.
 * A device that comes second reads again, merges by field and tries once more. What a device has seen it remembers, so
 * that it notices when the repo shows it an older version of a card, or none.
 */
import { AttributeError, isName, storable } from "./attributes.js";
import { now } from "./clock.js";
import { randomBytes, toBase64url } from "./encoding.js";
import { merge, sameWords } from "./merging.js";
import { RepoError, call } from "./repo.js";
import { openCard, sealCard, vaultKey } from "./sealed_cards.js";
import { SealError } from "./sealing.js";

/** @typedef {import("./merging.js").Content} Content */
/**
 * @typedef {object} Card
 * @property {string} id
 * @property {number} version
 * @property {string} kind such as `address`
 * @property {string} label what the person calls it, "" if nothing
 * @property {boolean} default exactly one card of each kind is
 * @property {Record<string, string>} fields
 * @property {number} made ms
 * @property {number} changed ms
 */
/**
 * @typedef {object} Draft a card to be saved: one of `list`, changed, or a new one without id
 * @property {string} [id]
 * @property {number} [version] the one that was changed
 * @property {string} kind
 * @property {string} [label]
 * @property {boolean} [default] whether a new one is to be the default; for others there is `makeDefault`
 * @property {Record<string, string>} fields all of them: one that is missing is removed
 */
/** @typedef {Record<string, number>} Versions by the ids of cards */
/** @typedef {{get: () => Promise<Versions>, put: (versions: Versions) => Promise<unknown>}} Seen */
/** @typedef {{id: string, version: number, content: Content | null}} Opened null: deleted */
/** @typedef {{id: string, version: number, changed: string}} Broken a card that does not open; when it was written */

const LONGEST_LABEL = 64;
const TRIES = 6;

/** The repo showed an older version of a card than this device has seen, or none where it has seen one. */
export class RolledBackError extends Error {
  code = "rolled_back";

  constructor() {
    super("the service showed an older version of a card than this device has seen");
    this.name = "RolledBackError";
  }
}

export class Vault {
  #account;
  #signer;
  #key;
  #seen;
  /** @type {Map<string, Content | null>} what was read, by id and version: what changes are held against */
  #read = new Map();

  /**
   * @param {object} of
   * @param {string} of.account its id
   * @param {import("./repo.js").Signer} of.signer an unlocked device
   * @param {Uint8Array<ArrayBuffer>} of.secret S
   * @param {Seen} of.seen the highest version of each card that this device has seen
   */
  constructor({ account, signer, secret, seen }) {
    this.#account = account;
    this.#signer = signer;
    this.#key = vaultKey(secret);
    this.#key.catch(() => {}); // told by whatever needs it
    this.#seen = seen;
  }

  /**
   * @param {string} [id] the one that it is about: others that do not open are left out
   * @returns {Promise<Card[]>} the oldest comes first
   * @throws {SealError | RolledBackError | RepoError}
   */
  async list(id) {
    const { opened, broken } = await this.#all();
    if (broken.some((one) => id === undefined || one.id === id)) throw new SealError();
    return asCards(opened);
  }

  /**
   * For who looks at them, and hands no values over: one that does not open does not hide the others, and can be
   * removed.
   * @returns {Promise<{cards: Card[], broken: Broken[]}>}
   * @throws {RolledBackError | RepoError}
   */
  async look() {
    const { opened, broken } = await this.#all();
    return { cards: asCards(opened), broken };
  }

  /**
   * Keep a card. What other devices changed in it meanwhile stays, field by field.
   * @param {Draft} draft
   * @returns {Promise<Card>} as it is now
   * @throws {AttributeError | RolledBackError | RepoError | import("./padding.js").TooLargeError}
   */
  save(draft) {
    return this.#save(draft, draft.id === undefined && draft.default === true);
  }

  /** @param {Draft} draft @param {boolean} preferred whether it is to be the default @returns {Promise<Card>} */
  async #save({ id, version = 0, kind, label = "", fields }, preferred) {
    if (!isName(kind) || [...label].length > LONGEST_LABEL) throw new AttributeError("malformed_attr", kind);
    const kept = storable(kind, fields);
    const all = preferred || (id && !this.#read.has(`${id} ${version}`)) ? await this.#around(id) : [];
    const base = id ? this.#read.get(`${id} ${version}`) ?? null : null;
    /** @type {Content} */
    const mine = {
      kind, label, fields: kept, made: base?.made ?? now(),
      preferred: preferred ? this.#nextPreferred(all, kind) : base?.preferred ?? 0,
      changed: Math.max(now(), (base?.changed ?? 0) + 1),
    };
    const place = id ?? toBase64url(randomBytes(16));
    const written = /** @type {Opened} */ (await this.#settle(place, version, base, mine));
    return await this.#shown(place) ?? asCards([written])[0]; // null: deleted by another device in this very moment
  }

  /**
   * Delete a card. One that another device changed meanwhile stays.
   * @param {string} id
   * @param {number} version the one that the person saw
   * @returns {Promise<Card | null>} null: it is gone; the card that stayed
   */
  async remove(id, version) {
    if (!this.#read.has(`${id} ${version}`)) await this.#all();
    const left = await this.#settle(id, version, this.#read.get(`${id} ${version}`) ?? null, null);
    return left.content ? this.#shown(id) : null;
  }

  /** @param {string} id @returns {Promise<Card>} the default card of its kind from now on */
  async makeDefault(id) {
    const card = await this.#shown(id);
    if (!card) throw new RepoError("card_refused");
    return card.default ? card : this.#save(card, true);
  }

  /** @param {string} id @returns {Promise<Card | null>} the card as it is now, beside the others; null: none */
  async #shown(id) {
    return (await this.list(id)).find((card) => card.id === id) ?? null;
  }

  /**
   * @param {string} [id]
   * @returns {Promise<Opened[]>} what opens, the deleted ones too
   * @throws {SealError} if this one does not
   */
  async #around(id) {
    const { opened, broken } = await this.#all();
    if (broken.some((one) => one.id === id)) throw new SealError();
    return opened;
  }

  /** @param {Opened[]} all @param {string} kind @returns {number} later than any card of this kind was chosen */
  #nextPreferred(all, kind) {
    const chosen = all.map(({ content }) => (content?.kind === kind ? content.preferred : 0));
    return Math.max(now(), 1 + Math.max(0, ...chosen));
  }

  /**
   * Write what a device wants, merged with what others wrote, until nobody comes between.
   * @param {string} id
   * @param {number} version the one that was changed
   * @param {Content | null} base what it was
   * @param {Content | null} mine
   * @returns {Promise<Opened>} what the card is now
   */
  async #settle(id, version, base, mine) {
    let [last, wanted] = [version, mine];
    for (let tries = 1; ; tries += 1) {
      try {
        await this.#put(id, last + 1, wanted);
        return { id, version: last + 1, content: wanted };
      } catch (error) {
        const code = error instanceof RepoError ? error.code : "";
        const meanwhile = code === "version_conflict" || (code === "card_refused" && wanted === null);
        if (!meanwhile || tries === TRIES) throw error;
      }
      const theirs = (await this.#around(id)).find((one) => one.id === id);
      wanted = merge(base, mine, theirs?.content ?? null);
      last = theirs?.version ?? 0;
      if (same(wanted, theirs?.content ?? null)) return { id, version: last, content: wanted };
    }
  }

  /** @param {string} id @param {number} version @param {Content | null} content */
  async #put(id, version, content) {
    // Never a version that was seen already: whoever takes it has lost the one that is there, or hides it.
    if ((await this.#seen.get())[id] >= version) throw new RepoError("version_conflict");
    const place = { account: this.#account, id, version };
    const body = { id, version, sealed: content && await sealCard(await this.#key, place, content) };
    await call("/repo/cards", body, this.#signer).catch((error) => {
      if (!(error instanceof RepoError && error.code === "network")) throw error;
      return call("/repo/cards", body, this.#signer); // the same once more: the repo may have done it already
    });
    this.#read.set(`${id} ${version}`, content);
    await this.#remember([{ id, version }]);
  }

  /** @returns {Promise<{opened: Opened[], broken: Broken[]}>} every card; `opened` has the deleted ones */
  async #all() {
    const seen = await this.#seen.get(); // before asking: what another window writes meanwhile is not yet in the answer
    const { cards } = await call("/repo/cards/list", {}, this.#signer);
    const versions = new Map(cards.map((/** @type {any} */ { id, version }) => [id, version]));
    if (versions.size !== cards.length) throw new RolledBackError(); // two versions of one card at once
    for (const [id, version] of Object.entries(seen)) {
      if (!((versions.get(id) ?? 0) >= version)) throw new RolledBackError();
    }
    const key = await this.#key;
    /** @type {Opened[]} */
    const opened = [];
    /** @type {Broken[]} */
    const broken = [];
    await Promise.all(cards.map(async (/** @type {any} */ { id, version, sealed, changed }) => {
      if (!Number.isSafeInteger(version)) throw new SealError();
      const place = { account: this.#account, id, version };
      try {
        opened.push({ id, version, content: sealed === null ? null : await openCard(key, place, sealed) });
      } catch (error) {
        if (!(error instanceof SealError)) throw error;
        broken.push({ id, version, changed }); // not remembered: nobody but the repo says that there is such a version
      }
    }));
    for (const { id, version, content } of opened) this.#read.set(`${id} ${version}`, content);
    await this.#remember(opened);
    return { opened, broken };
  }

  /** @param {{id: string, version: number}[]} cards */
  async #remember(cards) {
    const seen = await this.#seen.get();
    const newer = cards.filter(({ id, version }) => !(Object.hasOwn(seen, id) && seen[id] >= version));
    if (newer.length === 0) return;
    await this.#seen.put({ ...seen, ...Object.fromEntries(newer.map(({ id, version }) => [id, version])) });
  }
}

/** @param {Opened[]} all @returns {Card[]} with one default of each kind */
export function asCards(all) {
  const living = all.flatMap(({ id, version, content }) => (content ? [{ id, version, ...content }] : []));
  const order = (/** @type {any} */ one, /** @type {any} */ other) => (
    other.preferred - one.preferred || one.made - other.made || (one.id < other.id ? -1 : 1));
  /** @type {Map<string, string>} */
  const defaults = new Map();
  for (const { kind, id } of [...living].sort(order)) if (!defaults.has(kind)) defaults.set(kind, id);
  const cards = living.map(({ preferred, ...card }) => ({ ...card, default: defaults.get(card.kind) === card.id }));
  return cards.sort((one, other) => one.made - other.made || (one.id < other.id ? -1 : 1));
}

/** @param {Content | null} one @param {Content | null} other */
function same(one, other) {
  if (!one || !other) return one === other;
  return one.kind === other.kind && one.preferred === other.preferred && sameWords(one, other);
}
