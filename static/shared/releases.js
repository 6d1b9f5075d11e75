// @ts-check
/**
 * What sites may read: of a card, the fields that the person released to one site, sealed under this site's own key.
 *
 * The frame of the site holds that key and no other. A release remembers what was asked for and which card it came
 * from, so that editing the card re-seals the fields that the site was given; one that was empty then stays unread
 * until the person is asked again. A release with nothing in it says that the person was asked and gave nothing.
 */
import { NEVER_STORED, CARDS, isName, ownTexts } from "./attributes.js";
import { toBase64url, utf8 } from "./encoding.js";
import { pad } from "./padding.js";
import { RepoError, call } from "./repo.js";
import { openedJson } from "./sealed_cards.js";
import { BELONGS, LABELS, SealError, deriveSealKey, seal } from "./sealing.js";

/** @typedef {Record<string, string>} Fields */
/** @typedef {{uid: string, card: string, version: number}} Place `card`: the kind */
/**
 * @typedef {object} Content
 * @property {string[]} asked fields, or `*` for the whole card
 * @property {string | null} card the id of the card that they come from; null: the person gave none
 * @property {Fields} values
 */
/**
 * @typedef {object} Release one that is alive
 * @property {string} uid
 * @property {string} origin the site
 * @property {string} card the kind
 * @property {string[]} fields what the site reads, sorted
 * @property {number} version
 * @property {string} changed when, as the repo tells it
 * @property {string[]} asked
 * @property {string | null} source the id of the card
 * @property {Fields} values
 */
/** @typedef {{id: string, fields: Fields}} Listed a card */
/** @typedef {() => Promise<Listed[]>} List */

const WHOLE = "*";
const TRIES = 6;

/** @param {Uint8Array<ArrayBuffer>} secret S @param {string} uid @returns {Promise<CryptoKey>} for a site's frame */
export function releaseKey(secret, uid) {
  return deriveSealKey(secret, LABELS.release, utf8(uid));
}

/**
 * @param {CryptoKey} key of `releaseKey`
 * @param {Place} place
 * @param {Content} content
 * @returns {Promise<{fields: string[], sealed: string}>} as the repo keeps it; `fields` in clear
 * @throws {import("./padding.js").TooLargeError}
 */
export async function sealRelease(key, { uid, card, version }, { asked, card: source, values }) {
  const kept = Object.fromEntries(ownTexts(values).filter(([field]) => !NEVER_STORED.has(field)));
  const fields = Object.keys(kept).sort();
  const bytes = pad(utf8(JSON.stringify({ asked, card: source, values: kept })));
  return { fields, sealed: toBase64url(await seal(key, bytes, BELONGS.release(uid, card, fields, version))) };
}

/**
 * @param {CryptoKey} key of `releaseKey`
 * @param {Place & {fields: string[], sealed: string}} release as the repo answers it
 * @returns {Promise<Content>}
 * @throws {SealError} if it is not what was sealed for this place, with these fields
 */
export async function openRelease(key, { uid, card, fields, version, sealed }) {
  const right = Number.isSafeInteger(version) && Array.isArray(fields) && fields.every(isName);
  if (!right) throw new SealError();
  const named = [...fields].sort();
  const { asked, card: source, values } = await openedJson(key, sealed, BELONGS.release(uid, card, named, version));
  const texts = ownTexts(values);
  const whole = Array.isArray(asked) && asked.every((name) => name === WHOLE || isName(name))
    && (source === null || typeof source === "string")
    && String(texts.map(([field]) => field).sort()) === String(named);
  if (!whole) throw new SealError();
  return { asked, card: source, values: Object.fromEntries(texts) };
}

/**
 * Whether everything that a site wants was asked for before, so that nobody has to be asked again.
 * @param {Map<string, {asked: string[]}>} released by kind of card
 * @param {import("./attributes.js").Wanted[]} wanted
 * @returns {boolean} never for what is never stored
 */
export function covers(released, wanted) {
  return wanted.every(({ card, field }) => {
    const asked = released.get(card)?.asked;
    if (!asked || (field !== null && NEVER_STORED.has(field))) return false;
    if (asked.includes(WHOLE)) return true;
    const fields = field === null ? CARDS.get(card) : [field];
    return fields !== undefined && fields.every((name) => asked.includes(name));
  });
}

/** @param {string[]} asked @param {Fields} fields of a card @returns {Fields} those that were asked for */
export function picked(asked, fields) {
  const chosen = ownTexts(fields).filter(([field]) => isAsked(asked, field));
  return Object.fromEntries(chosen.filter(([field]) => !NEVER_STORED.has(field)));
}

/** The releases of an account, as one of its devices makes and follows them. */
export class Releases {
  #signer;
  #secret;
  /** @type {Map<string, Promise<CryptoKey>>} by uid */
  #keys = new Map();

  /**
   * @param {object} of
   * @param {import("./repo.js").Signer} of.signer an unlocked device
   * @param {Uint8Array<ArrayBuffer>} of.secret S
   */
  constructor({ signer, secret }) {
    this.#signer = signer;
    this.#secret = secret;
  }

  /** @returns {Promise<Release[]>} those that are alive @throws {SealError | RepoError} */
  async list() {
    const rows = (await this.#rows()).filter((row) => row.sealed !== null);
    return Promise.all(rows.map((row) => this.#opened(row)));
  }

  /**
   * Release to a site. What it was given of the same card before stays released.
   * @param {string} uid
   * @param {string} card the kind
   * @param {string[]} asked the fields that the site asked for, or `*`
   * @param {string | null} source the id of the card that was given; null: none
   * @param {Fields} values of the fields that were asked for; others are left out
   * @returns {Promise<{uid: string, card: string, version: number, fields: string[]}>}
   */
  put(uid, card, asked, source, values) {
    return this.#settle(uid, card, async (row) => {
      const former = row && row.sealed !== null ? await this.#opened(row) : null;
      const given = source === null ? {} : picked(asked, values);
      if (!former || source === null || former.source !== source) return { asked, card: source, values: given };
      const others = Object.entries(former.values).filter(([field]) => !isAsked(asked, field));
      const all = [...new Set([...former.asked, ...asked])];
      return { asked: all, card: source, values: { ...Object.fromEntries(others), ...given } };
    });
  }

  /** @param {string} uid @param {string | null} card the kind; null: all of this site @returns {Promise<unknown>} */
  end(uid, card) {
    return call("/repo/releases/end", { uid, card }, this.#signer);
  }

  /**
   * Seal anew what sites read of a card that has changed. Called after each change of a card.
   * @param {string} id of the card
   * @param {List} list reads all the cards; where this one is not there, what came from it ends
   */
  async follow(id, list) {
    await this.#followThose((await this.list()).filter(({ source }) => source === id), list);
  }

  /** Mend what a window that was closed too early left behind. @param {List} list reads all the cards */
  async followAll(list) {
    await this.#followThose((await this.list()).filter(({ source }) => source !== null), list);
  }

  /** @param {Release[]} releases @param {List} list read after them, or a card that was given meanwhile seems gone */
  async #followThose(releases, list) {
    const cards = releases.length > 0 ? await list() : [];
    for (const release of releases) {
      if (left(release, cards) !== release.values) await this.#follow(release, list);
    }
  }

  /**
   * The release and its card are read anew, in this order: what others write from then on is a conflict, or newer.
   * @param {Release} release
   * @param {List} list
   */
  #follow({ uid, card }, list) {
    return this.#settle(uid, card, async (row) => {
      const now = row && row.sealed !== null ? await this.#opened(row) : null;
      if (!now || now.source === null) return null;
      const values = left(now, await list());
      if (values === null) await this.end(uid, card);
      return values && values !== now.values ? { asked: now.asked, card: now.source, values } : null;
    });
  }

  /**
   * Write a release after what is there, until nobody comes between.
   * @param {string} uid
   * @param {string} card
   * @param {(row: any) => Promise<Content | null>} decide what to seal, after what is there; null: leave that as it is
   * @returns {Promise<any>}
   */
  async #settle(uid, card, decide) {
    for (let tries = 1; ; tries += 1) {
      const row = (await this.#rows()).find((one) => one.uid === uid && one.card === card);
      const content = await decide(row);
      if (!content) return null;
      const place = { uid, card, version: (row?.version ?? 0) + 1 };
      const { fields, sealed } = await sealRelease(await this.#key(uid), place, content);
      try {
        await call("/repo/releases", { ...place, fields, sealed }, this.#signer);
        return { ...place, fields };
      } catch (error) {
        const again = error instanceof RepoError && ["version_conflict", "network"].includes(error.code);
        if (!again || tries === TRIES) throw error;
      }
    }
  }

  /** @returns {Promise<any[]>} as the repo answers them, the ended ones too */
  async #rows() {
    return (await call("/repo/releases/list", {}, this.#signer)).releases;
  }

  /** @param {any} row @returns {Promise<Release>} */
  async #opened(row) {
    const { uid, origin, card, fields, version, changed } = row;
    const { asked, card: source, values } = await openRelease(await this.#key(uid), row);
    return { uid, origin, card, fields, version, changed, asked, source, values };
  }

  /** @param {string} uid @returns {Promise<CryptoKey>} */
  #key(uid) {
    const known = this.#keys.get(uid) ?? releaseKey(this.#secret, uid);
    this.#keys.set(uid, known);
    return known;
  }
}

/** @param {string[]} asked @param {string} field */
function isAsked(asked, field) {
  return asked.includes(WHOLE) || asked.includes(field);
}

/**
 * What the person gave of a card, as the card has it by now, and nothing that was put into it later.
 * @param {Release} release
 * @param {Listed[]} cards
 * @returns {Fields | null} the same values where nothing changed; null: the card is gone
 */
function left({ source, values }, cards) {
  const card = cards.find(({ id }) => id === source);
  if (!card) return null;
  const now = picked(Object.keys(values), card.fields);
  return sameTexts(now, values) ? values : now;
}

/** @param {Fields} one @param {Fields} other */
function sameTexts(one, other) {
  return JSON.stringify(Object.entries(one).sort()) === JSON.stringify(Object.entries(other).sort());
}
