// A new account secret: everything is sealed anew or nothing, whenever the page goes away and whatever answer is lost.
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { renew } from "../../static/dashboard/renewing.js";
import { admit } from "../../static/popup/phones.js";
import { offerKey } from "../../static/popup/recovery.js";
import { sealing } from "../../static/popup/sharing.js";
import { signUp } from "../../static/popup/signup.js";
import { Accounts, identitiesKey, secretOf } from "../../static/shared/accounts.js";
import { fromBase64url, toBase64url, utf8 } from "../../static/shared/encoding.js";
import { openRelease, releaseKey, sealRelease } from "../../static/shared/releases.js";
import { settled } from "../../static/shared/renewed.js";
import { RepoError } from "../../static/shared/repo.js";
import { openCard, sealCard, vaultKey } from "../../static/shared/sealed_cards.js";
import { BELONGS, LABELS, SealError, deriveSealKey, open, seal } from "../../static/shared/sealing.js";
import { Memory, Repo, installLocks } from "./repo_port.mjs";

const SHOP = "http://shop.localhost:8001";
const UID = "uid-of-the-shop+/AAAA==";
const CONTENT = { kind: "email", label: "", preferred: 0, fields: { email: "a@example.org" }, made: 1, changed: 1 };

/** The doors that a renewal uses, after docs/repo.md; proofs are tested elsewhere. */
class Keeping extends Repo {
  kept = { identities: [], cards: [], releases: [] };
  renewals = 0;
  /** @type {string | null} */
  refusing = null;

  "/repo/identities/list"() { return { identities: this.kept.identities }; }

  "/repo/cards/list"() { return { cards: this.kept.cards }; }

  "/repo/releases/list"() { return { releases: this.kept.releases }; }

  "/repo/renew"({ identities, cards, releases }) {
    if (this.refusing) this.refuse(this.refusing);
    const next = (rows, former, same) => rows.every((row) => {
      const found = former.find((one) => same(one, row));
      return found && found.sealed !== null && row.version === found.version + 1;
    });
    const living = this.kept.cards.filter(({ sealed }) => sealed !== null);
    const right = identities.length === this.kept.identities.length && cards.length === living.length
      && next(cards, living, (one, other) => one.id === other.id)
      && next(releases, this.kept.releases, (one, other) => one.uid === other.uid && one.card === other.card);
    if (!right) this.refuse("version_conflict");
    const put = (former, rows, same) => former.map((one) => ({ ...one, ...rows.find((row) => same(one, row)) }));
    this.kept = {
      identities: put(this.kept.identities, identities, (one, other) => one.uid === other.uid),
      cards: put(this.kept.cards, cards, (one, other) => one.id === other.id),
      releases: put(this.kept.releases, releases, (one, other) => one.uid === other.uid),
    };
    this.renewals += 1;
  }
}

let repo, accounts, account;

beforeEach(async () => {
  repo = new Keeping().install();
  accounts = new Accounts(new Memory());
  installLocks();
  account = await signUp(accounts, { label: "Mine", deviceName: "Firefox, Linux", known: [], now: 1 });
  account = await accounts.change(account.id, { confirmed: true, keyed: true });
});

/** One identity, one living card, one that was deleted, and a release. */
async function fill() {
  const secret = await secretOf(account);
  const sealed = await seal(await identitiesKey(account), utf8("an AD key"), BELONGS.ad(account.id, SHOP));
  const place = { account: account.id, id: "card", version: 3 };
  const release = { uid: UID, card: "email", version: 2 };
  const content = { asked: ["*"], card: "card", values: { email: "a@example.org" } };
  repo.kept = {
    identities: [{ uid: UID, origin: SHOP, ad_key: "public", sealed: toBase64url(sealed), minted: true }],
    cards: [{ ...place, sealed: await sealCard(await vaultKey(secret), place, CONTENT) },
      { id: "gone", version: 7, sealed: null }],
    releases: [{ ...release, origin: SHOP, ...await sealRelease(await releaseKey(secret, UID), release, content) }],
  };
  return secret;
}

/** What a device with this record reads of it all. */
async function read(record) {
  const secret = await secretOf(record);
  const [{ sealed }] = repo.kept.identities;
  const ad = await open(await identitiesKey(record), fromBase64url(sealed), BELONGS.ad(record.id, SHOP));
  const [card] = repo.kept.cards;
  const place = { account: record.id, id: card.id, version: card.version };
  const { fields } = await openCard(await vaultKey(secret), place, card.sealed);
  const { values } = await openRelease(await releaseKey(secret, UID), repo.kept.releases[0]);
  return { ad: new TextDecoder().decode(ad), fields, values };
}

const EVERYTHING = { ad: "an AD key", fields: { email: "a@example.org" }, values: { email: "a@example.org" } };
/** The answer of a door is lost once, after its work was done. */
const lose = (path) => {
  repo.before = (at) => {
    if (at !== path) return;
    repo.before = () => {};
    throw new TypeError("connection lost");
  };
};

/** The time in which the repo may still take what was asked is over. */
const expired = () => accounts.change(account.id, { nextUntil: Date.now() });
/** The repo gets a renewal, and its answer is lost; it commits when `later` is called. */
const slowly = () => {
  const asked = repo["/repo/renew"].bind(repo);
  let commit = () => assert.fail("nothing was asked");
  repo["/repo/renew"] = (question) => {
    commit = () => asked(question);
    repo["/repo/renew"] = asked;
    throw new TypeError("page gone");
  };
  return () => commit();
};
const isRefused = (code) => (error) => error instanceof RepoError && error.code === code;

test("everything opens with the new secret, and nothing with the former one", async () => {
  const former = await fill();
  const renewed = await renew(accounts, account.id);
  assert.notDeepEqual(await secretOf(renewed), former);
  assert.deepEqual(await read(renewed), EVERYTHING);
  await assert.rejects(read(account), SealError);
  assert.deepEqual(repo.kept.cards.map(({ version }) => version), [4, 7]);
  assert.deepEqual([renewed.confirmed, renewed.keyed, renewed.nextSealedS], [false, false, undefined]);
});

test("an account of which nothing is kept gets a new secret as well", async () => {
  const former = await secretOf(account);
  assert.notDeepEqual(await secretOf(await renew(accounts, account.id)), former);
  assert.equal(repo.renewals, 1);
});

test("nothing that is asked has the secrets, or what they open", async () => {
  const former = await fill();
  const renewed = await renew(accounts, account.id);
  const asked = repo.asked.map(({ text }) => text).join("\n");
  for (const bytes of [former, await secretOf(renewed), utf8("a@example.org"), utf8("an AD key")].map(Buffer.from)) {
    for (const form of ["base64url", "base64", "hex", "utf8"]) assert.ok(!asked.includes(bytes.toString(form)), form);
  }
});

test("a page that goes away after the repo has committed takes the new secret at its next start", async () => {
  await fill();
  lose("/repo/renew");
  await assert.rejects(renew(accounts, account.id), RepoError);
  const left = await accounts.get(account.id);
  assert.ok(left.nextSealedS);
  await assert.rejects(read(left), SealError);
  const found = await settled(accounts, left);
  assert.deepEqual(await read(found), EVERYTHING);
  assert.deepEqual([found.nextSealedS, found.confirmed], [undefined, false]);
});

test("a page that goes away before the repo has heard of it keeps the former secret", async () => {
  const former = await fill();
  repo["/repo/renew"] = () => { throw new TypeError("connection lost"); };
  await assert.rejects(renew(accounts, account.id), RepoError);
  const left = await accounts.get(account.id);
  assert.ok(left.nextSealedS);
  const found = await settled(accounts, await expired());
  assert.deepEqual(await secretOf(found), former);
  assert.deepEqual([found.nextSealedS, found.nextUntil, found.confirmed], [undefined, undefined, true]);
  assert.deepEqual(await read(found), EVERYTHING);
});

test("asked again after a lost answer it is done, and not done twice", async () => {
  await fill();
  lose("/repo/renew");
  await assert.rejects(renew(accounts, account.id), RepoError);
  assert.deepEqual(await read(await renew(accounts, account.id)), EVERYTHING);
  assert.equal(repo.renewals, 1);
});

test("a refusal leaves the former secret, and no other beside it", async () => {
  const former = await fill();
  repo.refusing = "phone_required";
  await assert.rejects(renew(accounts, account.id), (error) => error.code === "phone_required");
  const left = await accounts.get(account.id);
  assert.deepEqual([left.nextSealedS, left.confirmed], [undefined, true]);
  assert.deepEqual(await secretOf(left), former);
});

test("what another device changed meanwhile is read again, and is not lost", async () => {
  const former = await fill();
  const place = { account: account.id, id: "card", version: 4 };
  const later = { ...CONTENT, fields: { email: "b@example.org" } };
  const sealed = await sealCard(await vaultKey(former), place, later);
  let first = true;
  const asked = repo["/repo/renew"].bind(repo);
  repo["/repo/renew"] = (question) => {
    if (first) repo.kept.cards[0] = { ...place, sealed };
    first = false;
    return asked(question);
  };
  const renewed = await renew(accounts, account.id);
  assert.deepEqual((await read(renewed)).fields, { email: "b@example.org" });
  assert.equal(repo.renewals, 1);
});

test("where everything changes all the time it gives up, with everything as it was", async () => {
  const former = await fill();
  repo.refusing = "version_conflict";
  await assert.rejects(renew(accounts, account.id), (error) => error.code === "version_conflict");
  assert.deepEqual(await secretOf(await accounts.get(account.id)), former);
  assert.equal((await accounts.get(account.id)).nextSealedS, undefined);
});

test("what opens with neither secret makes nobody forget one", async () => {
  await fill();
  lose("/repo/renew");
  await assert.rejects(renew(accounts, account.id), RepoError);
  repo.kept.cards = [];
  const { sealed } = repo.kept.identities[0];
  repo.kept.identities[0].sealed = toBase64url(new Uint8Array(fromBase64url(sealed)).fill(7, 20));
  const left = await accounts.get(account.id);
  await assert.rejects(settled(accounts, left), SealError);
  assert.ok((await accounts.get(account.id)).nextSealedS);
});

test("one envelope that is broken renews nothing", async () => {
  await fill();
  repo.kept.cards[0] = { ...repo.kept.cards[0], version: 9 }; // an old envelope under a new number
  await assert.rejects(renew(accounts, account.id), SealError);
  assert.equal(repo.renewals, 0);
  assert.equal((await accounts.get(account.id)).nextSealedS, undefined);
});

test("cards that are older than what this browser has read are not sealed anew", async () => {
  await fill();
  for (const seen of [{ card: 4 }, { card: 3, another: 1 }]) {
    await accounts.seenOf(account.id).put(seen);
    await assert.rejects(renew(accounts, account.id), (error) => error.code === "rolled_back");
  }
  assert.equal(repo.renewals, 0);
});

test("two windows that renew at once renew one after the other", async () => {
  await fill();
  const [, later] = await Promise.all([renew(accounts, account.id), renew(accounts, account.id)]);
  assert.deepEqual(await read(later), EVERYTHING);
  assert.deepEqual(await read(await accounts.get(account.id)), EVERYTHING);
});

test("the next secret is not forgotten while the repo may still take it", async () => {
  await fill();
  const later = slowly();
  await assert.rejects(renew(accounts, account.id), isRefused("network"));
  const found = await settled(accounts, await accounts.get(account.id)); // the page is opened again too early
  assert.deepEqual(await read(found), EVERYTHING);
  later();
  assert.deepEqual(await read(await settled(accounts, found)), EVERYTHING);
});

test("refusals that are not the transaction's own word make nobody forget the next secret", async () => {
  await fill();
  const asked = repo["/repo/renew"].bind(repo);
  for (const code of ["replayed_proof", "too_many_requests", "unavailable", "malformed_member"]) {
    repo["/repo/renew"] = (question) => { // a copy of the request was first
      asked(question);
      repo.refuse(code);
    };
    await assert.rejects(renew(accounts, account.id), isRefused(code));
    assert.ok((await accounts.get(account.id)).nextSealedS, code);
    assert.deepEqual(await read(await settled(accounts, await accounts.get(account.id))), EVERYTHING, code);
  }
});

test("a conflict with its own copy is no refusal", async () => {
  await fill();
  const asked = repo["/repo/renew"].bind(repo);
  repo["/repo/renew"] = (question) => {
    asked(question);
    return asked(question);
  };
  assert.deepEqual(await read(await renew(accounts, account.id)), EVERYTHING);
  assert.equal(repo.renewals, 1);
});

test("who asks again while the repo may still take the first does not lose either", async () => {
  for (const first of [true, false]) {
    await fill();
    const later = slowly();
    await assert.rejects(renew(accounts, account.id), isRefused("network"));
    if (!first) {
      account = await renew(accounts, account.id); // the second is taken, and the first is a conflict
      assert.throws(later, /version_conflict/);
    } else {
      const asked = repo["/repo/renew"].bind(repo);
      repo["/repo/renew"] = (question) => { // the first is taken while the second is on its way
        repo["/repo/renew"] = asked;
        later();
        return asked(question);
      };
      account = await renew(accounts, account.id);
    }
    assert.deepEqual(await read(account), EVERYTHING);
    assert.deepEqual([account.nextSealedS, account.nextUntil], [undefined, undefined]);
  }
});

test("a refusal of the second does not forget what the first may still bring", async () => {
  await fill();
  const later = slowly();
  await assert.rejects(renew(accounts, account.id), isRefused("network"));
  repo.refusing = "too_many_cards";
  await assert.rejects(renew(accounts, account.id), isRefused("too_many_cards"));
  repo.refusing = null;
  later();
  assert.deepEqual(await read(await settled(accounts, await accounts.get(account.id))), EVERYTHING);
});

test("a renewal without an answer leaves no OneID Key, also where nothing was kept", async () => {
  lose("/repo/renew");
  await assert.rejects(renew(accounts, account.id), isRefused("network"));
  for (const left of [await accounts.get(account.id), await settled(accounts, await expired())]) {
    assert.deepEqual([left.confirmed, left.keyed, left.pendingKey], [false, false, undefined]);
  }
  assert.equal((await accounts.get(account.id)).nextSealedS, undefined);
});

test("a refusal leaves the OneID Key saved, also where nothing is kept", async () => {
  repo.refusing = "phone_required";
  await assert.rejects(renew(accounts, account.id), isRefused("phone_required"));
  const { confirmed, keyed, nextSealedS } = await accounts.get(account.id);
  assert.deepEqual([confirmed, keyed, nextSealedS], [true, true, undefined]);
});

test("a OneID Key that is made after a lost answer brings back the secret that the account has", async () => {
  await fill();
  let filed;
  repo["/repo/recovery"] = (question) => { filed = question; };
  lose("/repo/renew");
  await assert.rejects(renew(accounts, account.id), isRefused("network"));
  const { key } = await offerKey(accounts, account.id, { make: true });
  const envelope = fromBase64url(filed.sealed);
  const opened = await open(await deriveSealKey(key, LABELS.recovery), envelope, BELONGS.recovery(account.id));
  const now = await accounts.get(account.id);
  assert.deepEqual(await read(now), EVERYTHING);
  assert.equal(JSON.parse(Buffer.from(opened).toString()).s, toBase64url(await secretOf(now)));
});

test("what the popup seals after a lost answer is sealed with the secret that the account has", async () => {
  await fill();
  lose("/repo/renew");
  await assert.rejects(renew(accounts, account.id), isRefused("network"));
  await sealing(accounts, account, async (now) => assert.deepEqual(await read(now), EVERYTHING));
});

test("a phone gets the secret that the account has, and does not come in with a former one", async () => {
  const device = { key: "K", name: "Phone" };
  const offer = (...told) => ({ sent: [], receive: async () => told.shift()?.(), refuse: async () => {},
    async send(words) { this.sent.push(words); } });
  const signal = new AbortController().signal;
  const admitted = [];
  repo["/repo/devices/admit"] = (question) => void admitted.push(question);
  await fill();
  lose("/repo/renew");
  await assert.rejects(renew(accounts, account.id), isRefused("network"));
  const late = offer(() => ({ device }), async () => (await renew(accounts, account.id), { stored: true }));
  await assert.rejects(admit(accounts, account.id, late, signal), { code: "pairing_ended" });
  assert.deepEqual(admitted, []);
  const here = offer(() => ({ device }), () => ({ stored: true }));
  await admit(accounts, account.id, here, signal);
  const now = await accounts.get(account.id);
  assert.deepEqual(await read(now), EVERYTHING);
  assert.equal(here.sent[0].s, toBase64url(await secretOf(now)));
  assert.equal(admitted.length, 1);
});

test("one envelope that is broken, or was sealed too late with the former secret, hides no renewal", async () => {
  const former = await fill();
  lose("/repo/renew");
  await assert.rejects(renew(accounts, account.id), isRefused("network"));
  const place = { account: account.id, id: "late", version: 1 };
  repo.kept.cards.unshift({ ...place, sealed: await sealCard(await vaultKey(former), place, CONTENT) });
  const [identity] = repo.kept.identities;
  repo.kept.identities.unshift({ ...identity, origin: "http://other.localhost" }); // opens with neither
  const found = await settled(accounts, await expired());
  assert.notDeepEqual(await secretOf(found), former);
  repo.kept.cards.shift();
  repo.kept.identities.shift();
  assert.deepEqual(await read(found), EVERYTHING);
});
