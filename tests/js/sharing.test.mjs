// What follows the person's word about cards: stored once, sealed for the site alone, and answered in its own words.
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { bundle, find, obtain } from "../../static/popup/identities.js";
import { Sharing, UNSAVED } from "../../static/popup/sharing.js";
import { shares } from "../../static/popup/deciding.js";
import { handOver, signIn } from "../../static/popup/signing_in.js";
import { signUp } from "../../static/popup/signup.js";
import { wishesOf } from "../../static/popup/wishes.js";
import { Accounts, secretOf, seenOf } from "../../static/shared/accounts.js";
import { openRelease, releaseKey } from "../../static/shared/releases.js";
import { Memory, installLocks } from "./repo_port.mjs";
import { VaultRepo } from "./vault_port.mjs";

const SHOP = "http://shop.localhost:8001";
const MAY = { silent: true, signs: true };
const OTHER = "http://other.localhost:8001";
let repo, accounts, account, sharing;

beforeEach(async () => {
  repo = new VaultRepo().install();
  installLocks();
  accounts = new Accounts(new Memory());
  account = await signUp(accounts, { label: "Mine", known: [], deviceName: "Firefox", now: 1 });
  sharing = await Sharing.of(accounts, account);
});

const asks = (attr, name = "signin", set = null) => wishesOf({ name, attr, set });
const lose = (path) => {
  repo.before = (at) => {
    if (at !== path) return;
    repo.before = () => {};
    throw new TypeError("connection lost");
  };
};
const choice = (kind, typed, more = {}) => (
  { kind, shared: true, asked: Object.keys(typed), card: null, typed, once: {}, ...more });
async function known(origin = SHOP) {
  const { uid } = await obtain(account, origin, (await find(account, origin)).filed);
  return { uid, origin };
}
async function released(uid, card, secret) {
  const row = repo.releases.get(`${uid} ${card}`);
  return openRelease(await releaseKey(secret ?? await secretOf(account), uid), { ...row, uid });
}

test("what is typed in becomes a card, is released, and is answered in the words of the request", async () => {
  const { uid, origin } = await known();
  const wishes = asks("personal_info[first_name] email");
  const choices = [choice("name", { first_name: "Ada" }), choice("email", { email: "a@b.example" }, { asked: ["*"] })];
  const { attr } = await sharing.share(wishes, choices, { uid, origin });
  assert.deepEqual(attr, { personal_info: { first_name: "Ada" }, email: { email: "a@b.example" } });
  const cards = await sharing.vault.list();
  assert.deepEqual(cards.map(({ kind, fields, default: first }) => [kind, fields, first]),
    [["name", { first_name: "Ada" }, true], ["email", { email: "a@b.example" }, true]]);
  const { asked, card, values } = await released(uid, "email");
  assert.deepEqual([asked, card, values], [["*"], cards[1].id, { email: "a@b.example" }]);
});

test("done again after a lost answer, it is done once", async () => {
  const identity = await known();
  for (const door of ["/repo/releases/list", "/repo/releases/read"]) {
    lose(door);
    const choices = [choice("email", { email: "a@b.example" })];
    await assert.rejects(sharing.share(asks("email[email]"), choices, identity), { code: "network" });
    await sharing.share(asks("email[email]"), choices, identity);
    assert.equal((await sharing.vault.list()).length, 1);
  }
});

test("what is missing in a card is added to it, and handed to the site that it was typed in for", async () => {
  const [here, there] = [await known(), await known(OTHER)];
  await sharing.share(asks("name"), [choice("name", { first_name: "Ada" }, { asked: ["*"] })], there);
  const [card] = await sharing.vault.list();
  const wishes = asks("name[first_name] name[last_name]");
  const more = choice("name", { last_name: "L" }, { card, asked: ["first_name", "last_name"] });
  const { attr } = await sharing.share(wishes, [more], here);
  assert.deepEqual(attr, { name: { first_name: "Ada", last_name: "L" } });
  assert.equal((await sharing.vault.list()).length, 1);
  assert.deepEqual((await released(there.uid, "name")).values, { first_name: "Ada" });
  assert.deepEqual((await released(here.uid, "name")).values, { first_name: "Ada", last_name: "L" });
});

test("what another device puts into the card meanwhile is not handed over before the person sees it", async () => {
  const identity = await known();
  const elsewhere = await Sharing.of(accounts, account);
  await elsewhere.keep(new Map([["name", { last_name: "Unseen" }]]));
  const typed = choice("name", { first_name: "Ada" }, { asked: ["*"] });
  const { attr } = await sharing.share(asks("name"), [typed], identity);
  assert.deepEqual(attr, { name: { first_name: "Ada" } });
  assert.deepEqual((await released(identity.uid, "name")).values, { first_name: "Ada" });
});

test("what is too much to be kept stops a setter, and no sign-up", async () => {
  const fields = Object.fromEntries(Array.from({ length: 30 }, (_, number) => [`f${number}`, "x".repeat(1000)]));
  const kept = new Map([["Hoard", fields], ["name", { first_name: "Ada" }]]);
  await assert.rejects(sharing.keep(kept), { code: "sealed_too_large" });
  await sharing.keep(kept, { lenient: true });
  assert.deepEqual((await sharing.vault.list()).map(({ kind }) => kind), ["name"]);
});

test("what is not ticked is neither stored nor handed over, and the site need not ask again", async () => {
  const identity = await known();
  const { attr } = await sharing.share(asks("email[email]"), [choice("email", {}, { shared: false, asked: ["email"] })],
    identity);
  assert.deepEqual(attr, {});
  const { asked, card, values } = await released(identity.uid, "email");
  assert.deepEqual([asked, card, values], [["email"], null, {}]);
  assert.deepEqual(await sharing.vault.list(), []);
});

test("without an identity the site gets what was shared now, and nothing for later", async () => {
  const choices = [choice("email", { email: "a@b.example" })];
  const { attr, claims } = await sharing.share(asks("email", "attr"), choices, null);
  assert.deepEqual([attr, claims], [{ email: { email: "a@b.example" } }, {}]);
  assert.equal(repo.releases.size, 0);
});

test("the security code is handed over, and is nowhere else", async () => {
  const identity = await known();
  const wishes = asks("payment[cc_number] payment[cc_verify]");
  const typed = choice("payment", { cc_number: "4111111111111111" }, { once: { cc_verify: "739" } });
  const { attr } = await sharing.share(wishes, [typed], identity);
  assert.deepEqual(attr, { payment: { cc_number: "4111111111111111", cc_verify: "739" } });
  assert.deepEqual((await sharing.vault.list())[0].fields, { cc_number: "4111111111111111" });
  assert.deepEqual(Object.keys((await released(identity.uid, "payment")).values), ["cc_number"]);
});

test("a release opens with the key of its site alone, and that is the key in the bundle", async () => {
  const [here, there] = [await known(), await known(OTHER)];
  await sharing.share(asks("email"), [choice("email", { email: "a@b.example" }, { asked: ["*"] })], here);
  const row = { ...repo.releases.get(`${here.uid} email`), uid: here.uid };
  const of = async (origin) => {
    return bundle(account, origin, await obtain(account, origin, (await find(account, origin)).filed), MAY);
  };
  const [mine, others] = [await of(SHOP), await of(OTHER)];
  assert.equal(mine.releaseKey.extractable, false);
  assert.deepEqual((await openRelease(mine.releaseKey, row)).values, { email: "a@b.example" });
  await assert.rejects(openRelease(others.releaseKey, row), { code: "seal_broken" });
  await assert.rejects(openRelease(others.releaseKey, { ...row, uid: there.uid }), { code: "seal_broken" });
});

test("what a site wants kept goes into the first card of its kind, or a new one", async () => {
  await sharing.keep(asks("", "attr", { "email[email]": "a@b.example", name: { first_name: "Ada" } }).kept);
  await sharing.keep(asks("", "attr", { name: { last_name: "L" }, email: { email: "a@b.example" } }).kept);
  const cards = await sharing.vault.list();
  const name = { first_name: "Ada", last_name: "L" };
  assert.deepEqual(cards.map(({ fields }) => fields), [{ email: "a@b.example" }, name]);
  assert.equal(cards[0].version, 1, "nothing is written that is there already");
});

test("at a sign-up, what the site brought is what it gets back", async () => {
  const wishes = asks("name", "signup", { name: { first_name: "Ada" } });
  await sharing.keep(wishes.kept);
  const card = { id: UNSAVED, version: 0, kind: "name", label: "", fields: { first_name: "Ada" } };
  const { attr } = await sharing.share(wishes, [choice("name", {}, { card, asked: ["*"] })], await known());
  assert.deepEqual(attr, { name: { first_name: "Ada" } });
  assert.equal((await sharing.vault.list()).length, 1);
});

test("no question has an attribute in it", async () => {
  const typed = choice("name", { first_name: "Xanthippe" }, { asked: ["*"] });
  await sharing.share(asks("name"), [typed], await known());
  for (const { text } of repo.asked) assert.ok(!/xanthippe/i.test(text));
});

test("an older state of the cards than was seen here is refused", async () => {
  await sharing.keep(new Map([["name", { first_name: "Ada" }]]));
  const [[key, older]] = [...repo.cards].map(([name, row]) => [name, { ...row }]);
  await sharing.keep(new Map([["name", { first_name: "Eve" }]]));
  repo.cards.set(key, older);
  const later = await Sharing.of(accounts, account);
  await assert.rejects(later.vault.list(), { code: "rolled_back" });
});

test("two windows that tell what they have seen keep the newest of both, and it goes with the account", async () => {
  const seen = seenOf(accounts, account);
  await seen.put({ a: 3, b: 1 });
  await seen.put({ a: 2, b: 2, c: 1 });
  assert.deepEqual(await seen.get(), { a: 3, b: 2, c: 1 });
  await accounts.remove(account.id);
  assert.deepEqual(await seen.get(), {});
});

/** What `handOver` and `signIn` see of the popup; `frames` take bundles. */
function popupFor(attr, { frame = null } = {}) {
  const request = { name: "attr", level: "ON", nonce: null, frame, id: frame };
  const site = { origin: SHOP, request };
  return { accounts, site, wishes: asks(attr, "attr"), known: () => site, tried: (_, work) => work() };
}
const foundNow = () => find(account, SHOP);

test("sharing cards hands over no sign-in; a sign-in does", async () => {
  const bundles = [];
  const keeps = ({ bundle: keys }, _, [port]) => {
    bundles.push(keys);
    port.postMessage({ type: "stored" });
  };
  globalThis.window = { location: { origin: SHOP }, opener: { frames: { F: { postMessage: keeps } } } };
  const popup = popupFor("email[email]", { frame: "F" });
  const consent = { silently: true, choices: [choice("email", { email: "a@b.example" })] };
  await handOver(popup, account, await foundNow(), consent);
  await signIn(popup, account, await foundNow(), consent);
  await handOver(popup, account, await foundNow(), { ...consent, silently: false });
  delete globalThis.window;
  assert.deepEqual(bundles.map(({ silent, signs }) => [silent, signs]), [[true, false], [true, true]]);
});

test("a card that is not ticked any more is withdrawn, with and without the tick for the next time", async () => {
  const id = await known();
  for (const silently of [false, true]) {
    const email = choice("email", { email: "a@b.example" }, { asked: ["*"] });
    await sharing.share(asks("email"), [email], id);
    const [card] = (await sharing.vault.list()).filter(({ kind }) => kind === "email");
    const refused = choice("email", {}, { shared: false, asked: ["*"], card });
    const choices = [refused, choice("phone", { phone: "1" }, { asked: ["*"] })];
    const { attr } = await handOver(popupFor("email phone"), account, await foundNow(), { silently, choices });
    assert.deepEqual(attr, { phone: { phone: "1" } });
    const left = (await sharing.releases.list()).find((one) => one.card === "email");
    assert.deepEqual(left?.values ?? {}, {});
  }
});

test("where the chosen card is gone, no other is taken: the screen comes again with what there is", async () => {
  const id = await known();
  await sharing.keep(new Map([["address", { street: "Secret" }]]));
  const work = await sharing.vault.save({ kind: "address", label: "Work", fields: { street: "Office" } });
  await sharing.vault.remove(work.id, work.version);
  for (const typed of [{}, { zip: "1" }]) {
    const choices = [
      choice("email", { email: "a@b.example" }), choice("address", typed, { asked: ["street", "zip"], card: work }),
    ];
    const wishes = asks("email address");
    await assert.rejects(sharing.share(wishes, choices, id), { code: "card_gone" });
    assert.deepEqual([repo.releases.size, (await sharing.vault.list()).length], [0, 1]);
    const went = [];
    const popup = { ...popupFor("email address"), go: (...to) => went.push(to), finish: () => went.push("finished") };
    const found = await foundNow();
    await shares(popup, account, found, { silently: true, choices });
    assert.deepEqual(went, [["share", { account, ...found, gone: true }]]);
  }
});
