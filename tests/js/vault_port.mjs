// @ts-check
/**
 * The repo of repo_port.mjs with the doors of cards and releases, in memory, and with their rules about versions. It
 * keeps what it was sent and can not open it.
 */
import { makeSigningKey, publicText, thumbprint } from "../../static/shared/keys.js";
import { Repo } from "./repo_port.mjs";

const NAME = /^[A-Za-z][A-Za-z0-9_]{0,31}$/;
const ID = /^[A-Za-z0-9_-]{22}$/;
const MOST = { cards: 200, fields: 64, releases: 64, sealed: 16384 };
const later = (version) => Number.isSafeInteger(version) && version > 0;

export class VaultRepo extends Repo {
  cards = new Map(); // account + id -> {account, id, version, sealed, changed}
  releases = new Map(); // uid + card -> {uid, card, fields, version, sealed, changed}

  /** An account with that many devices, as sign-up leaves it. */
  async account(id, devices = 1) {
    const signers = [];
    for (let number = 0; number < devices; number += 1) {
      const { privateKey, publicKey } = await makeSigningKey();
      const key = await publicText(publicKey);
      const kid = await thumbprint(key);
      this.devices.set(kid, { account: id, key, locked: false, revoked: false });
      signers.push({ key: privateKey, kid });
    }
    return signers;
  }

  identity(account, origin, uid) {
    this.identities.set(account + origin, { uid, ad_key: "", sealed: "", minted: true });
  }

  "/repo/cards/list"(_, proven) {
    const account = this.deviceOf(proven);
    const own = [...this.cards.values()].filter((card) => card.account === account);
    return { cards: own.map(({ id, version, sealed, changed }) => ({ id, version, sealed, changed })) };
  }

  "/repo/cards"({ id, version, sealed }, proven) {
    const account = this.deviceOf(proven);
    if (!ID.test(id) || !later(version)) this.refuse("malformed_member");
    if (sealed !== null) this.#measured(sealed);
    const former = this.cards.get(account + id);
    const answer = { card: { id, version } };
    if (former && former.version === version && former.sealed === sealed) return answer;
    if (sealed === null && !former?.sealed) this.refuse("card_refused");
    if (version !== (former?.version ?? 0) + 1) this.refuse("version_conflict");
    const own = [...this.cards.values()].filter((card) => card.account === account);
    if (!former && own.length >= MOST.cards) this.refuse("too_many_cards");
    this.cards.set(account + id, { account, id, version, sealed, changed: this.#time() });
    return answer;
  }

  "/repo/releases/list"(_, proven) {
    const origins = this.#origins(this.deviceOf(proven));
    const own = [...this.releases.values()].filter(({ uid }) => origins.has(uid));
    return { releases: own.map((release) => ({ ...release, origin: origins.get(release.uid) })) };
  }

  "/repo/releases"({ uid, card, fields, version, sealed }, proven) {
    if (!this.#origins(this.deviceOf(proven)).has(uid)) this.refuse("identity_refused");
    const names = [card, ...fields].every((name) => NAME.test(name)) && new Set(fields).size === fields.length;
    if (!names || fields.length > MOST.fields || !later(version)) this.refuse("malformed_member");
    this.#measured(sealed);
    const former = this.releases.get(`${uid} ${card}`);
    const answer = { release: { uid, card, version } };
    if (former && former.version === version && former.sealed === sealed) return answer;
    if (version !== (former?.version ?? 0) + 1) this.refuse("version_conflict");
    this.releases.set(`${uid} ${card}`, { uid, card, fields, version, sealed, changed: this.#time() });
    return answer;
  }

  "/repo/releases/end"({ uid, card }, proven) {
    if (!this.#origins(this.deviceOf(proven)).has(uid)) this.refuse("identity_refused");
    for (const [name, release] of this.releases) {
      const meant = release.uid === uid && (card === null || release.card === card) && release.sealed !== null;
      if (meant) this.releases.set(name, { ...release, fields: [], version: release.version + 1, sealed: null });
    }
  }

  "/repo/releases/read"({ uid, origin, cards }, proven) {
    const session = this.sessions.find(({ key }) => this.#signed(proven, key));
    if (session ? session.uid !== uid : !this.#origins(this.deviceOf(proven)).has(uid)) this.refuse("identity_refused");
    const own = [...this.identities].some(([name, one]) => one.uid === uid && name.endsWith(origin));
    if (!own) this.refuse("origin_refused");
    const asked = [...this.releases.values()].filter((one) => one.uid === uid && cards.includes(one.card));
    const living = asked.filter(({ sealed }) => sealed !== null);
    const releases = living.map(({ card, fields, version, sealed }) => ({ card, fields, version, sealed }));
    return { releases, claims: this.claimsOf(uid, releases) };
  }

  /** What is known of a released e-mail address: a test that has one proved says so. */
  claimsOf(_uid, _releases) {
    return {};
  }

  "/repo/sessions"(body, proven) {
    const answer = super["/repo/sessions"](body, proven);
    Object.assign(this.sessions[this.sessions.length - 1], { uid: body.uid });
    return answer;
  }

  /** The account of the device that signed. */
  deviceOf(proven) {
    for (const { key, account, revoked, locked } of this.devices.values()) {
      if (!this.#signed(proven, key)) continue;
      if (revoked) this.refuse("signer_revoked");
      if (locked) this.refuse("device_locked");
      return account;
    }
    return this.refuse("signer_refused");
  }

  #signed(proven, key) {
    try {
      proven(key);
      return true;
    } catch (error) {
      if (error.message === "signer_refused") return false;
      throw error;
    }
  }

  #origins(account) {
    const own = [...this.identities].filter(([name]) => name.startsWith(account));
    return new Map(own.map(([name, { uid }]) => [uid, name.slice(account.length)]));
  }

  #measured(sealed) {
    if (Buffer.from(sealed, "base64url").length > MOST.sealed) this.refuse("sealed_too_large");
  }

  #time() {
    return new Date(this.now()).toISOString();
  }
}

/** The versions that one device has seen, as shared/accounts.js keeps them: they only ever grow. */
export class Seen {
  versions = {};

  async get() {
    return { ...this.versions };
  }

  async put(versions) {
    for (const [id, version] of Object.entries(versions)) {
      this.versions[id] = Math.max(version, this.versions[id] ?? 0);
    }
  }
}
