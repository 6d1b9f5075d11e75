// The vault: what devices do to the same cards at once, and what a repo that cheats can not do unnoticed.
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { RolledBackError, Vault } from "../../static/shared/cards.js";
import { randomBytes, toBase64url, utf8 } from "../../static/shared/encoding.js";
import { openCard, sealCard, vaultKey } from "../../static/shared/sealed_cards.js";
import { BELONGS, SealError, open, seal } from "../../static/shared/sealing.js";
import { often } from "./random.mjs";
import { Seen, VaultRepo } from "./vault_port.mjs";

const ACCOUNT = "A".repeat(22);
const HOME = { kind: "address", label: "Home", fields: { street: "A 1", city: "B", state: "CA" } };
const flush = () => new Promise((resolve) => setImmediate(resolve));

let repo, secret, vault, signers, seen;
beforeEach(async () => {
  repo = new VaultRepo().install();
  secret = randomBytes(32);
  signers = await repo.account(ACCOUNT, 3);
  seen = new Seen();
  vault = device(0, seen);
});

function device(number, remembered = new Seen()) {
  return new Vault({ account: ACCOUNT, signer: signers[number], secret, seen: remembered });
}

const stored = (id) => repo.cards.get(ACCOUNT + id);
const paths = () => repo.asked.map(({ path }) => path.slice("/repo/".length));

test("a card is kept, listed, changed and deleted", async () => {
  assert.deepEqual(await vault.list(), []);
  const made = await vault.save(HOME);
  assert.match(made.id, /^[A-Za-z0-9_-]{22}$/);
  assert.deepEqual([made.version, made.default], [1, true]);
  assert.deepEqual({ kind: made.kind, label: made.label, fields: made.fields }, HOME);
  const changed = await device(1).save({ ...made, fields: { street: "A 2" } });
  assert.deepEqual([changed.version, changed.fields, changed.made], [2, { street: "A 2" }, made.made]);
  assert.ok(changed.changed > made.changed);
  assert.deepEqual(await vault.list(), [changed]);
  assert.equal(await vault.remove(changed.id, 2), null);
  assert.deepEqual(await vault.list(), []);
  assert.deepEqual([stored(made.id).version, stored(made.id).sealed], [3, null]);
});

test("what is kept has the form of its fields, and no security code", async () => {
  const { fields } = await vault.save({ kind: "payment", fields: {
    cc_number: "4111 1111 1111 1111", cc_exp_mo: "03", cc_exp_yr: "31", cc_verify: "123", cc_name_on_card: " ",
  } });
  assert.deepEqual(fields, { cc_number: "4111111111111111", cc_exp_mo: "3", cc_exp_yr: "2031" });
  const wrong = { kind: "payment", fields: { cc_exp_mo: "13" } };
  await assert.rejects(vault.save(wrong), { code: "malformed_value", field: "cc_exp_mo" });
  for (const kind of ["__proto__", "constructor", "", "a b", 7]) {
    await assert.rejects(vault.save({ kind, fields: { x: "1" } }), { code: "malformed_attr" });
  }
  const odd = [{ constructor: "x" }, JSON.parse('{"__proto__": "x"}'), { "x]": "1" }, { x: "a".repeat(2 ** 20) }];
  for (const fields of odd) {
    await assert.rejects(vault.save({ kind: "TinyBttn", fields }), { code: "malformed_attr" });
  }
  await assert.rejects(vault.save({ ...HOME, label: "x".repeat(65) }), { code: "malformed_attr" });
  const many = Object.fromEntries(Array.from({ length: 60 }, (_, number) => [`f${number}`, "é".repeat(1000)]));
  await assert.rejects(vault.save({ kind: "TinyBttn", fields: many }), { code: "sealed_too_large" });
  assert.equal(repo.cards.size, 1);
});

test("nothing of a card is in what the repo is told, and cards of different lengths look alike", async () => {
  await vault.save(HOME);
  await vault.save({ kind: "name", fields: { first_name: "Augusta Ada" } });
  const told = JSON.stringify(repo.asked) + JSON.stringify([...repo.cards.values()]);
  for (const word of ["Home", "address", "A 1", "Augusta", "name", "street"]) assert.ok(!told.includes(word), word);
  assert.equal(new Set([...repo.cards.values()].map(({ sealed }) => sealed.length)).size, 1);
});

test("no flipped bit, no other account, card, version, key or purpose opens a card", async () => {
  const key = await vaultKey(secret);
  const place = { account: ACCOUNT, id: "I".repeat(22), version: 7 };
  const content = { kind: "name", label: "", preferred: 0, fields: { first_name: "Ada" }, made: 1, changed: 2 };
  const sealed = await sealCard(key, place, content);
  assert.deepEqual(await openCard(key, place, sealed), content);
  const envelope = Buffer.from(sealed, "base64url");
  for (let bit = 0; bit < envelope.length * 8; bit += 1) {
    const changed = Buffer.from(envelope);
    changed[bit >> 3] ^= 1 << (bit & 7);
    await assert.rejects(openCard(key, place, changed.toString("base64url")), SealError, `bit ${bit}`);
  }
  const elsewhere = [
    { account: "B".repeat(22) }, { id: "J".repeat(22) }, { version: 6 }, { version: 8 }, { version: 70 },
  ];
  for (const other of elsewhere) await assert.rejects(openCard(key, { ...place, ...other }, sealed), SealError);
  await assert.rejects(openCard(await vaultKey(randomBytes(32)), place, sealed), SealError);
  for (const odd of [undefined, null, 7, "", "=", "é", sealed.slice(1), `${sealed}=`]) {
    await assert.rejects(openCard(key, place, odd), SealError);
  }
});

test("what is sealed rightly and is no card does not open either", async () => {
  const key = await vaultKey(secret);
  const place = { account: ACCOUNT, id: "I".repeat(22), version: 1 };
  const belongs = BELONGS.card(ACCOUNT, place.id, 1);
  for (const text of ["", "{", "null", "[]", "7", "{}", '{"kind": "__proto__"}']) {
    await assert.rejects(openCard(key, place, toBase64url(await seal(key, utf8(text), belongs))), SealError);
    const padded = new Uint8Array(256);
    padded.set([...utf8(text), 0x80]);
    await assert.rejects(openCard(key, place, toBase64url(await seal(key, padded, belongs))), SealError, text);
  }
});

test("a card that was opened has no names but names", async () => {
  const key = await vaultKey(secret);
  const place = { account: ACCOUNT, id: "I".repeat(22), version: 1 };
  const fields = JSON.parse('{"__proto__": {"polluted": "x"}, "constructor": "x", "zip": 7, "city": "B"}');
  const content = { kind: "address", label: "", preferred: 0, fields, made: 1, changed: 2 };
  assert.deepEqual((await openCard(key, place, await sealCard(key, place, content))).fields, { city: "B" });
  assert.equal({}.polluted, undefined);
});

test("an older version of a card is noticed, and one that vanished, and a damaged one", async () => {
  const { id } = await vault.save(HOME);
  const old = { ...stored(id) };
  const [card] = await vault.list();
  await vault.save({ ...card, fields: { street: "new" } });
  const newest = { ...stored(id) };
  repo.cards.set(ACCOUNT + id, old);
  await assert.rejects(vault.list(), (error) => error instanceof RolledBackError && error.code === "rolled_back");
  await assert.rejects(device(1, seen).list(), RolledBackError); // remembered in this browser, not in this page
  assert.equal((await device(2).list()).length, 1); // a device that has never seen the newer one can not know
  await assert.rejects(vault.save({ ...card, id, version: 1, fields: { street: "x" } }), RolledBackError);
  repo.cards.set(ACCOUNT + id, { ...old, version: newest.version });
  await assert.rejects(vault.list(), SealError); // the old envelope under the new number
  repo.cards.delete(ACCOUNT + id);
  await assert.rejects(vault.list(), RolledBackError);
  repo.cards.set(ACCOUNT + id, newest);
  assert.equal((await vault.list())[0].fields.street, "new");
  for (const version of ["2", 2.5, null, "__proto__"]) {
    repo.cards.set(ACCOUNT + id, { ...newest, version });
    await assert.rejects(vault.list(), (error) => error instanceof RolledBackError || error instanceof SealError);
  }
});

test("a deleted card that comes back is noticed", async () => {
  const { id, version } = await vault.save(HOME);
  const living = { ...stored(id) };
  await vault.remove(id, version);
  repo.cards.set(ACCOUNT + id, living);
  await assert.rejects(vault.list(), RolledBackError);
});

test("another card's envelope, and the same card twice, are noticed", async () => {
  const [one, two] = [await vault.save(HOME), await vault.save({ ...HOME, label: "Work" })];
  const right = { ...stored(one.id) };
  repo.cards.set(ACCOUNT + one.id, { ...right, sealed: stored(two.id).sealed });
  await assert.rejects(vault.list(), SealError);
  repo.cards.set(ACCOUNT + one.id, right);
  repo.cards.set(`${ACCOUNT}twice`, right);
  await assert.rejects(vault.list(), RolledBackError);
});

/** Two cards, of which the second does not open. */
async function oneBroken() {
  const [home, work] = [await vault.save(HOME), await vault.save({ ...HOME, label: "Work" })];
  repo.cards.set(ACCOUNT + work.id, { ...stored(work.id), sealed: stored(home.id).sealed });
  return { home, work };
}

test("a card that does not open hides no other from who looks, and none is handed over", async () => {
  const { home, work } = await oneBroken();
  const { cards, broken } = await vault.look();
  assert.deepEqual([cards, broken.map(({ id, version }) => ({ id, version }))],
    [[home], [{ id: work.id, version: 1 }]]);
  assert.ok(broken[0].changed);
  await assert.rejects(vault.list(), SealError);
  assert.deepEqual(await vault.list(home.id), [home]);
  await assert.rejects(vault.list(work.id), SealError);
});

test("beside a card that does not open the others are changed and deleted, and itself only deleted", async () => {
  const { home, work } = await oneBroken();
  const changed = await device(1).save({ ...home, fields: { street: "A 2" } });
  assert.deepEqual([changed.version, changed.fields], [2, { street: "A 2" }]);
  assert.equal((await device(1).makeDefault(home.id)).default, true);
  assert.equal((await vault.save({ ...HOME, label: "Third" })).label, "Third");
  await assert.rejects(device(1).save({ ...work, fields: { street: "over it" } }), SealError);
  await assert.rejects(device(1).makeDefault(work.id), SealError);
  assert.equal(stored(work.id).version, 1);
  assert.equal(await device(2).remove(work.id, 1), null);
  assert.deepEqual([stored(work.id).version, stored(work.id).sealed], [2, null]);
  assert.equal((await vault.list()).length, 2);
  assert.deepEqual((await vault.look()).broken, []);
});

test("the version of a card that does not open is not remembered: the repo alone says that there is one", async () => {
  const { id } = await vault.save(HOME);
  const right = { ...stored(id) };
  repo.cards.set(ACCOUNT + id, { ...right, version: 9 });
  assert.equal((await vault.look()).broken.length, 1);
  repo.cards.set(ACCOUNT + id, right);
  assert.equal((await vault.list()).length, 1);
});

test("what another window writes while the answer is on its way is no rollback", async () => {
  const card = await vault.save(HOME);
  let saved;
  repo.before = async (path) => {
    if (path !== "/repo/cards/list") return;
    repo.before = () => {};
    saved = await device(1, seen).save({ ...card, fields: { street: "meanwhile" } });
  };
  assert.equal((await vault.list())[0].version, 1);
  assert.deepEqual(await vault.list(), [saved]);
});

test("two devices that change different fields both keep theirs; the same field is the later one's", async () => {
  const card = await vault.save(HOME);
  const other = device(1);
  const [theirs] = await other.list();
  await other.save({ ...theirs, fields: { ...theirs.fields, city: "theirs", state: "NY" } });
  await new Promise((resolve) => setTimeout(resolve, 5));
  const merged = await vault.save({ ...card, label: "Flat", fields: { street: "mine", city: "mine", state: "CA" } });
  assert.deepEqual(merged.fields, { street: "mine", city: "mine", state: "NY" });
  assert.deepEqual([merged.version, merged.label], [3, "Flat"]);
});

test("deleting what another device edited leaves it; deleting it twice is once", async () => {
  const card = await vault.save(HOME);
  const [theirs] = await device(1).list();
  await device(1).save({ ...theirs, fields: { street: "edited" } });
  const stayed = await vault.remove(card.id, card.version);
  assert.equal(stayed.fields.street, "edited");
  assert.equal(await vault.remove(card.id, stayed.version), null);
  assert.equal(await device(1).remove(card.id, stayed.version), null);
  assert.equal(await device(2).remove("Z".repeat(22), 1), null);
});

test("editing what another device deleted brings it back", async () => {
  const card = await vault.save(HOME);
  await device(1).remove(card.id, card.version);
  const saved = await vault.save({ ...card, fields: { ...card.fields, zip: "1" } });
  assert.deepEqual(saved.fields, { ...HOME.fields, zip: "1" });
  assert.equal(saved.version, 3);
});

test("a lost answer is asked for again, and nothing is there twice", async () => {
  let lost = 0;
  repo.before = (path) => {
    if (path === "/repo/cards" && ++lost === 1) throw new TypeError("the line is dead");
  };
  const card = await vault.save(HOME);
  assert.deepEqual([card.version, repo.cards.size, lost], [1, 1, 2]);
});

test("a device that is refused every time gives up with the repo's code", async () => {
  await vault.save(HOME);
  repo["/repo/cards"] = () => repo.refuse("version_conflict");
  await assert.rejects(vault.save(HOME), { code: "version_conflict" });
  assert.ok(paths().filter((path) => path === "cards").length < 10);
  repo["/repo/cards"] = () => repo.refuse("too_many_cards");
  await assert.rejects(vault.save(HOME), { code: "too_many_cards" });
});

test("each kind has one default: the first, or the one that was made it last", async () => {
  const [one, two, three] = [await vault.save(HOME), await vault.save(HOME), await vault.save(HOME)];
  const email = await vault.save({ kind: "email", fields: { email: "a@b" } });
  const defaults = async (who = vault) => (await who.list()).filter((card) => card.default).map(({ id }) => id);
  assert.deepEqual(await defaults(), [one.id, email.id]);
  assert.equal((await vault.makeDefault(three.id)).default, true);
  assert.deepEqual(await defaults(), [three.id, email.id]);
  const four = await vault.save({ ...HOME, default: true });
  assert.deepEqual(await defaults(), [email.id, four.id]);
  const listed = (await vault.list()).find(({ id }) => id === one.id);
  await vault.save({ ...listed, fields: { street: "edited" } }); // editing does not make it the default
  assert.deepEqual(await defaults(), [email.id, four.id]);
  const stale = { ...three, version: 2, default: true, fields: { street: "edited" } }; // as it was before the fourth
  await vault.save(stale);
  assert.deepEqual(await defaults(), [email.id, four.id]);
  await vault.remove(four.id, four.version);
  assert.deepEqual(await defaults(), [three.id, email.id]);
  await vault.remove(three.id, 3);
  assert.deepEqual(await defaults(), [one.id, email.id]);
  assert.deepEqual(await defaults(device(1)), [one.id, email.id]);
  await vault.remove(one.id, 2);
  assert.deepEqual(await defaults(), [two.id, email.id]);
  await assert.rejects(vault.makeDefault("Z".repeat(22)), { code: "card_refused" });
});

test("two devices that choose a default at once come to the same one", async () => {
  const cards = [await vault.save(HOME), await vault.save(HOME), await vault.save(HOME)];
  const devices = [device(0), device(1)];
  await Promise.all(devices.map((one) => one.list()));
  await Promise.all([devices[0].makeDefault(cards[1].id), devices[1].makeDefault(cards[2].id)]);
  const chosen = async (number) => (await device(number).list()).filter((card) => card.default);
  const told = await Promise.all([0, 1, 2].map(chosen));
  assert.equal(told[0].length, 1);
  assert.deepEqual(told[1], told[0]);
  assert.deepEqual(told[2], told[0]);
});

test("devices that edit at once lose nothing that only one of them wrote", { timeout: 60_000 }, async () => {
  await often(25, async (random) => {
    repo = new VaultRepo().install();
    signers = await repo.account(ACCOUNT, 3);
    repo.before = async () => {
      for (let turns = random.below(4); turns > 0; turns -= 1) await flush();
    };
    const first = device(0);
    const card = await first.save({ kind: "TinyBttn", fields: { a: "0", b: "0", c: "0" } });
    const written = {};
    await Promise.all(["a", "b", "c"].map(async (field, number) => { // each device has a field of its own
      const own = device(number);
      for (let edit = 1; edit <= 2; edit += 1) {
        const now = (await own.list()).find(({ id }) => id === card.id);
        written[field] = `${edit}`;
        await own.save({ ...now, fields: { ...now.fields, [field]: written[field] } });
      }
    }));
    const [left] = (await device(0).list()).filter(({ id }) => id === card.id);
    assert.deepEqual(left.fields, written);
    assert.equal(left.version, 7); // nothing was written over: each of the six edits has its version
  });
});

test("deleting and editing at once ends in the edited card", { timeout: 60_000 }, async () => {
  await often(40, async (random) => {
    repo = new VaultRepo().install();
    signers = await repo.account(ACCOUNT, 3);
    const card = await device(0).save({ kind: "TinyBttn", fields: { a: "0", b: "0" } });
    const [one, two, three] = [device(0), device(1), device(2)];
    const views = await Promise.all([one, two, three].map(async (each) => (await each.list())[0]));
    repo.before = async () => {
      for (let turns = random.below(5); turns > 0; turns -= 1) await flush();
    };
    await Promise.all([
      one.remove(card.id, views[0].version),
      two.save({ ...views[1], fields: { ...views[1].fields, a: "edited" } }),
      three.save({ ...views[2], fields: { ...views[2].fields, b: "edited" } }),
    ]);
    const [left] = await device(0).list();
    assert.deepEqual(left.fields, { a: "edited", b: "edited" });
  });
});

test("an envelope that was sealed for a version is opened by nobody for another", async () => {
  const key = await vaultKey(secret);
  const { id } = await vault.save(HOME);
  const { sealed } = stored(id);
  const bytes = new Uint8Array(Buffer.from(sealed, "base64url"));
  assert.ok(await open(key, bytes, BELONGS.card(ACCOUNT, id, 1)));
  for (const belongs of [BELONGS.card(ACCOUNT, id, 2), BELONGS.card(ACCOUNT, id, 11), `oneid/1 card ${ACCOUNT}`]) {
    await assert.rejects(open(key, bytes, belongs), SealError);
  }
});
