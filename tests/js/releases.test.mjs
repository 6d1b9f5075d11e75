// Releases: what a site reads of a card, no more, as long as the person wants.
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { parseAttr } from "../../static/shared/attributes.js";
import { Vault } from "../../static/shared/cards.js";
import { randomBytes } from "../../static/shared/encoding.js";
import { Releases, covers, openRelease, picked, releaseKey, sealRelease } from "../../static/shared/releases.js";
import { SealError } from "../../static/shared/sealing.js";
import { often } from "./random.mjs";
import { Seen, VaultRepo } from "./vault_port.mjs";

const ACCOUNT = "A".repeat(22);
const [SHOP, OTHER] = ["c2hvcHNob3BzaG9wc2hvcA==", "b3RoZXJvdGhlcm90aGVyIQ=="];
const HOME = { street: "A 1", city: "B", zip: "C" };

let repo, secret, releases, vault;
beforeEach(async () => {
  repo = new VaultRepo().install();
  secret = randomBytes(32);
  const [signer] = await repo.account(ACCOUNT);
  repo.identity(ACCOUNT, "https://shop.example", SHOP);
  repo.identity(ACCOUNT, "https://other.example", OTHER);
  releases = new Releases({ signer, secret });
  vault = new Vault({ account: ACCOUNT, signer, secret, seen: new Seen() });
});

const list = () => vault.list();
const row = (uid, card) => repo.releases.get(`${uid} ${card}`);
/** What the frame of a site does: it has the key of its uid, and asks for its own releases. */
const read = async (uid, card) => openRelease(await releaseKey(secret, uid), row(uid, card));
const covered = async (attr) => covers(new Map((await releases.list()).map((one) => [one.card, one])), parseAttr(attr));

test("a site's key opens what was asked for, and nothing else of the card", async () => {
  const told = await releases.put(SHOP, "address", ["zip", "city", "phone"], "card-1", { ...HOME, country: "DE" });
  assert.deepEqual(told, { uid: SHOP, card: "address", version: 1, fields: ["city", "zip"] });
  assert.deepEqual(await read(SHOP, "address"), {
    asked: ["zip", "city", "phone"], card: "card-1", values: { city: "B", zip: "C" },
  });
  const [release] = await releases.list();
  assert.deepEqual({ ...release, changed: "" }, {
    uid: SHOP, origin: "https://shop.example", card: "address", fields: ["city", "zip"], version: 1, changed: "",
    asked: ["zip", "city", "phone"], source: "card-1", values: { city: "B", zip: "C" },
  });
});

test("a site's key is its own and leaves the browser's crypto never", async () => {
  await releases.put(SHOP, "email", ["*"], "card-1", { email: "a@b" });
  const key = await releaseKey(secret, SHOP);
  assert.equal(key.extractable, false);
  await assert.rejects(openRelease(await releaseKey(secret, OTHER), row(SHOP, "email")), SealError);
  await assert.rejects(openRelease(await releaseKey(randomBytes(32), SHOP), row(SHOP, "email")), SealError);
  assert.ok(!JSON.stringify([repo.asked, ...repo.releases.values()]).includes("a@b"));
});

test("no flipped bit, no other uid, card, field list or version opens a release", async () => {
  const key = await releaseKey(secret, SHOP);
  const place = { uid: SHOP, card: "address", version: 3 };
  const content = { asked: ["*"], card: "card-1", values: HOME };
  const release = { ...place, ...await sealRelease(key, place, content) };
  assert.deepEqual(await openRelease(key, release), content);
  assert.deepEqual(await openRelease(key, { ...release, fields: ["zip", "city", "street"] }), content);
  const envelope = Buffer.from(release.sealed, "base64url");
  for (let bit = 0; bit < envelope.length * 8; bit += 1) {
    const changed = Buffer.from(envelope);
    changed[bit >> 3] ^= 1 << (bit & 7);
    const sealed = changed.toString("base64url");
    await assert.rejects(openRelease(key, { ...release, sealed }), SealError, `bit ${bit}`);
  }
  const wrong = [
    { uid: OTHER }, { card: "payment" }, { version: 2 }, { version: 4 }, { version: "3" }, { fields: ["city", "zip"] },
    { fields: ["city", "street", "zip", "phone"] }, { fields: [] }, { fields: ["city,street", "zip"] },
    { fields: "city,street,zip" }, { fields: null }, { fields: ["city", "street", "zip", "zip"] },
    { sealed: null }, { sealed: undefined }, { sealed: "" },
  ];
  for (const other of wrong) {
    await assert.rejects(openRelease(key, { ...release, ...other }), SealError, JSON.stringify(other));
  }
});

test("flipped bits of what it belongs to are told as well", async () => {
  const key = await releaseKey(secret, SHOP);
  await often(300, async (random) => {
    const place = { uid: SHOP, card: random.one(["address", "TinyBttn"]), version: 1 + random.below(100) };
    const names = ["street", "city", "zip", "x1"];
    const values = Object.fromEntries(random.some(names).map((name) => [name, random.text()]));
    const content = { asked: ["*"], card: null, values };
    const release = { ...place, ...await sealRelease(key, place, content) };
    assert.deepEqual(await openRelease(key, release), content);
    const member = random.one(["uid", "card", "sealed"]);
    const letters = [...release[member]];
    const at = random.below(letters.length);
    letters[at] = letters[at] === "A" ? "B" : "A";
    await assert.rejects(openRelease(key, { ...release, [member]: letters.join("") }), SealError);
  });
});

test("releases of different lengths look alike", async () => {
  const key = await releaseKey(secret, SHOP);
  const place = { uid: SHOP, card: "email", version: 1 };
  const lengths = await Promise.all(["a@b", "a".repeat(100)].map(async (email) => (
    (await sealRelease(key, place, { asked: ["*"], card: null, values: { email } })).sealed.length)));
  assert.equal(lengths[0], lengths[1]);
});

test("what is never stored is never released, whoever asks", async () => {
  await releases.put(SHOP, "payment", ["*", "cc_verify"], "card-1", { cc_number: "1", cc_verify: "123" });
  assert.deepEqual((await read(SHOP, "payment")).values, { cc_number: "1" });
  assert.equal(await covered("payment"), true);
  assert.equal(await covered("payment[cc_verify]"), false);
  const key = await releaseKey(secret, SHOP);
  const code = { asked: ["*"], card: null, values: { cc_verify: "1" } };
  assert.deepEqual((await sealRelease(key, { uid: SHOP, card: "x", version: 1 }, code)).fields, []);
  assert.deepEqual(picked(["*"], { a: "1", cc_verify: "1" }), { a: "1" });
});

test("a site is covered by what it was given, and by what it was refused", async () => {
  assert.equal(await covered(""), true);
  assert.equal(await covered("email"), false);
  await releases.put(SHOP, "email", ["*"], "card-1", { email: "a@b" });
  await releases.put(SHOP, "name", ["first_name"], "card-2", { first_name: "A", last_name: "B" });
  await releases.put(SHOP, "phone", ["phone"], null, {});
  const told = { email: true, "email[email]": true, "personal_info[email]": true, "name[first_name]": true,
    "name[last_name]": false, name: false, "name[first_name] name[last_name]": false, phone: true, "phone[phone]": true,
    "email phone personal_info[first_name]": true, personal_info: false, company: false, "TinyBttn[ID]": false };
  for (const [attr, right] of Object.entries(told)) assert.equal(await covered(attr), right, attr);
  assert.deepEqual(await read(SHOP, "phone"), { asked: ["phone"], card: null, values: {} });
  await releases.put(SHOP, "name", ["last_name"], "card-2", { first_name: "A", last_name: "B" });
  assert.equal(await covered("name"), true); // its two fields, one after the other
  await releases.put(SHOP, "TinyBttn", ["ID"], "card-3", { ID: "1" });
  assert.deepEqual([await covered("TinyBttn[ID]"), await covered("TinyBttn")], [true, false]);
  assert.equal(covers(new Map(), parseAttr("toString2")), false);
});

test("asking again widens what the same card gives; another card, or none, replaces it", async () => {
  await releases.put(SHOP, "address", ["zip"], "card-1", HOME);
  await releases.put(SHOP, "address", ["city"], "card-1", HOME);
  const both = { asked: ["zip", "city"], card: "card-1", values: { zip: "C", city: "B" } };
  assert.deepEqual(await read(SHOP, "address"), both);
  await releases.put(SHOP, "address", ["city"], "card-1", { zip: "C" }); // the city is gone from the card
  assert.deepEqual((await read(SHOP, "address")).values, { zip: "C" });
  await releases.put(SHOP, "address", ["street"], "card-2", { street: "X", zip: "Y" });
  assert.deepEqual(await read(SHOP, "address"), { asked: ["street"], card: "card-2", values: { street: "X" } });
  await releases.put(SHOP, "address", ["street"], null, { street: "X" });
  assert.deepEqual(await read(SHOP, "address"), { asked: ["street"], card: null, values: {} });
  assert.equal(row(SHOP, "address").version, 5);
});

test("editing a card re-seals what every site reads of it, and nothing else", async () => {
  const card = await vault.save({ kind: "address", fields: HOME });
  await releases.put(SHOP, "address", ["*"], card.id, card.fields);
  await releases.put(OTHER, "address", ["zip"], card.id, card.fields);
  await releases.put(SHOP, "email", ["*"], "another", { email: "a@b" });
  const edited = await vault.save({ ...card, fields: { street: "New 2", zip: "C", country: "DE" } });
  await releases.follow(card.id, list);
  assert.deepEqual((await read(SHOP, "address")).values, { street: "New 2", zip: "C" });
  assert.deepEqual((await read(OTHER, "address")).values, { zip: "C" });
  const rows = [[SHOP, "address"], [OTHER, "address"], [SHOP, "email"]];
  const versions = () => rows.map(([uid, kind]) => row(uid, kind).version);
  assert.deepEqual(versions(), [2, 1, 1]); // what did not change is not sealed again
  await releases.follow(card.id, list);
  assert.deepEqual(versions(), [2, 1, 1]);
  await vault.save({ ...edited, fields: {} });
  await releases.follow(card.id, list);
  assert.deepEqual((await read(OTHER, "address")).values, {});
});

test("deleting a card ends what came from it", async () => {
  await releases.put(SHOP, "address", ["*"], "card-1", HOME);
  await releases.put(OTHER, "address", ["*"], "card-2", HOME);
  await releases.follow("card-1", list);
  assert.deepEqual([row(SHOP, "address").sealed, row(OTHER, "address").sealed === null], [null, false]);
  assert.deepEqual((await releases.list()).map(({ uid }) => uid), [OTHER]);
});

test("what a window that closed too early left behind is mended", async () => {
  const card = await vault.save({ kind: "address", fields: HOME });
  await releases.put(SHOP, "address", ["*"], card.id, card.fields);
  await releases.put(OTHER, "address", ["*"], "deleted", HOME);
  await releases.put(OTHER, "email", ["*"], null, {});
  await vault.save({ ...card, fields: { zip: "new" } });
  await releases.followAll(list);
  assert.deepEqual((await read(SHOP, "address")).values, { zip: "new" });
  assert.equal(row(OTHER, "address").sealed, null);
  assert.notEqual(row(OTHER, "email").sealed, null);
});

test("withdrawing ends one card of a site or all, and what comes after is a new version", async () => {
  for (const card of ["address", "name"]) await releases.put(SHOP, card, ["*"], "card-1", { zip: "1" });
  await releases.put(OTHER, "name", ["*"], "card-1", {});
  await releases.end(SHOP, "address");
  assert.deepEqual((await releases.list()).map(({ card, uid }) => [card, uid]), [["name", SHOP], ["name", OTHER]]);
  await releases.end(SHOP, null);
  assert.deepEqual((await releases.list()).map(({ uid }) => uid), [OTHER]);
  await assert.rejects(read(SHOP, "name"), SealError);
  assert.equal((await releases.put(SHOP, "name", ["zip"], "card-1", { zip: "2" })).version, 3);
  assert.deepEqual((await read(SHOP, "name")).asked, ["zip"]);
});

test("a release that was rolled back does not open as the newer one", async () => {
  await releases.put(SHOP, "address", ["*"], "card-1", HOME);
  const { sealed } = row(SHOP, "address");
  await releases.put(SHOP, "address", ["zip"], "card-2", HOME);
  repo.releases.set(`${SHOP} address`, { ...row(SHOP, "address"), sealed });
  await assert.rejects(releases.list(), SealError);
});

test("two devices that release and edit at once lose neither", { timeout: 60_000 }, async () => {
  await often(20, async (random) => {
    repo = new VaultRepo().install();
    repo.identity(ACCOUNT, "https://shop.example", SHOP);
    const signers = await repo.account(ACCOUNT, 2);
    const [one, two] = signers.map((signer) => new Releases({ signer, secret }));
    await one.put(SHOP, "address", ["zip"], "card-1", HOME);
    repo.before = async () => {
      for (let turns = random.below(4); turns > 0; turns -= 1) await new Promise((resolve) => setImmediate(resolve));
    };
    const edited = { ...HOME, zip: "new" };
    const follows = one.follow("card-1", async () => [{ id: "card-1", fields: edited }]);
    await Promise.all([two.put(SHOP, "address", ["city"], "card-1", edited), follows]);
    const { asked, values } = await read(SHOP, "address");
    assert.deepEqual([asked, values], [["zip", "city"], { zip: "new", city: "B" }]);
  });
});

test("another account's site, and a repo that always refuses, are told by their codes", async () => {
  await assert.rejects(releases.put("Zm9yZWlnbmZvcmVpZ25mbw==", "name", ["*"], "c", {}), { code: "identity_refused" });
  repo["/repo/releases"] = () => repo.refuse("version_conflict");
  await assert.rejects(releases.put(SHOP, "name", ["*"], "c", {}), { code: "version_conflict" });
  const many = Object.fromEntries(Array.from({ length: 60 }, (_, number) => [`f${number}`, "é".repeat(1000)]));
  await assert.rejects(releases.put(SHOP, "TinyBttn", ["*"], "c", many), { code: "sealed_too_large" });
});

test("a field that the person left empty is not released when the card gets it later", async () => {
  const card = await vault.save({ kind: "name", fields: { first_name: "Ada" } });
  await releases.put(SHOP, "name", ["first_name", "last_name"], card.id, card.fields);
  await releases.put(OTHER, "name", ["*"], card.id, card.fields);
  await vault.save({ ...card, fields: { first_name: "Eve", last_name: "Withheld" } });
  await releases.follow(card.id, list);
  await releases.followAll(list);
  for (const site of [SHOP, OTHER]) assert.deepEqual((await read(site, "name")).values, { first_name: "Eve" });
  await releases.put(SHOP, "name", ["last_name"], card.id, { last_name: "Withheld" }); // the person is asked again
  assert.deepEqual((await read(SHOP, "name")).values, { first_name: "Eve", last_name: "Withheld" });
});

/** The cards as they were read before another device did something, and then as they are. */
const listedBefore = async (work) => {
  const before = await vault.list();
  await work();
  let reads = 0;
  return async () => (reads++ === 0 ? before : vault.list());
};

test("what follows a card never ends what another device gave meanwhile", async () => {
  await releases.put(SHOP, "email", ["*"], "deleted", { email: "old@b" });
  const card = await vault.save({ kind: "email", fields: { email: "new@b" } });
  const slow = async () => {
    await releases.put(SHOP, "email", ["*"], card.id, card.fields);
    return list();
  };
  await releases.followAll(slow);
  assert.deepEqual((await read(SHOP, "email")).values, { email: "new@b" });
});

test("what follows a card never takes a release back to what the card was", async () => {
  const card = await vault.save({ kind: "email", fields: { email: "first@b" } });
  await releases.put(SHOP, "email", ["*"], card.id, { email: "before@b" });
  const stale = await listedBefore(() => vault.save({ ...card, fields: { email: "second@b" } }));
  await releases.follow(card.id, stale);
  assert.deepEqual((await read(SHOP, "email")).values, { email: "second@b" });
  const { version } = row(SHOP, "email");
  await releases.followAll(list);
  assert.equal(row(SHOP, "email").version, version);
});
