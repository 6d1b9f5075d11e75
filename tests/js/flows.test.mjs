// The popup's flows against a repo at the port: what is repeated, interrupted or raced ends as it should.
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { Accounts, exclusively, secretOf } from "../../static/shared/accounts.js";
import { bundle, find, obtain, payload } from "../../static/popup/identities.js";
import { confirmKey, joinWithKey, offerKey, skipKey, unlock } from "../../static/popup/recovery.js";
import { signUp } from "../../static/popup/signup.js";
import { RepoError } from "../../static/shared/repo.js";
import { Memory, Repo, installLocks, opened, thumbprint } from "./repo_port.mjs";

const SHOP = "http://shop.localhost:8001";
const HERE = { deviceName: "Firefox, Linux", now: 1 };
let repo, accounts;

beforeEach(() => {
  repo = new Repo().install();
  accounts = new Accounts(new Memory());
  installLocks();
});

const sign = (options = {}) => signUp(accounts, { label: "Mine", known: [], ...HERE, ...options });
const refused = (code) => (error) => error instanceof RepoError && error.code === code;
const offered = async (id, within = accounts) => (await offerKey(within, id, { make: true })).key;
const filed = async (account) => (await find(account, SHOP)).filed;
const asked = (path) => repo.asked.filter((question) => question.path === path);
/** The answer of a door is lost once, after its work was done. */
const lose = (path) => {
  repo.before = (at) => {
    if (at !== path) return;
    repo.before = () => {};
    throw new TypeError("connection lost");
  };
};

test("a sign-up whose answer was lost goes on with the same device and the same secret", async () => {
  lose("/repo/accounts");
  await assert.rejects(sign(), refused("network"));
  assert.deepEqual(await accounts.all(), []);
  const account = await sign();
  assert.equal(repo.devices.size, 1);
  assert.equal(asked("/repo/accounts")[0].text, asked("/repo/accounts")[1].text);
  assert.equal((await secretOf(account)).length, 32);
  assert.equal(await accounts.isBegun("sign-up"), false);
});

test("two windows that sign up at once make one account", async () => {
  const [one, other] = await Promise.all([sign(), sign()]);
  assert.equal(one.id, other.id);
  assert.equal(repo.devices.size, 1);
  await sign({ known: [one.id], label: "Second" });
  assert.equal(repo.devices.size, 2, "a second OneID that was asked for is made");
});

test("a key that the repo has closed is not tried for ever", async () => {
  lose("/repo/accounts");
  await assert.rejects(sign(), refused("network"));
  for (const device of repo.devices.values()) device.revoked = true;
  await assert.rejects(sign(), refused("signer_revoked"));
  assert.ok((await sign()).id);
});

test("no question of a sign-up has the secret, the name or the OneID Key in it", async () => {
  const account = await sign({ label: "a name of mine" });
  const key = await offered(account.id);
  const secret = await secretOf(account);
  for (const { text } of repo.asked) {
    for (const bytes of [key, secret].map(Buffer.from)) {
      for (const form of ["base64url", "base64", "hex"]) assert.ok(!text.includes(bytes.toString(form)));
    }
    assert.ok(!text.includes("a name of mine") && !text.includes('"d"'));
  }
});

test("the OneID Key is registered before it is shown, and stays the same until confirmed", async () => {
  const { id } = await sign();
  const key = await offered(id);
  assert.equal(repo.recoveries.size, 1);
  const [again, thrice] = await Promise.all([offered(id), offered(id)]);
  assert.deepEqual(again, key);
  assert.deepEqual(thrice, key);
  assert.equal(asked("/repo/recovery").length, 1);
  const account = await confirmKey(accounts, id, key);
  assert.equal(account.confirmed, true);
  assert.equal(account.pendingKey, undefined);
});

test("a OneID Key whose registration was lost is the one that is registered again", async () => {
  const { id } = await sign();
  lose("/repo/recovery");
  await assert.rejects(offered(id), refused("network"));
  const key = await offered(id);
  const [first, second] = asked("/repo/recovery");
  assert.equal(first.body.locator, second.body.locator);
  assert.ok((await joinWithKey(new Accounts(new Memory()), key, HERE)).id === id);
});

test("a skipped OneID Key is followed by another, and the former no longer opens", async () => {
  const { id } = await sign();
  const former = await offered(id);
  assert.equal((await skipKey(accounts, id)).confirmed, false);
  const next = await offered(id);
  assert.notDeepEqual(next, former);
  const elsewhere = new Accounts(new Memory());
  await assert.rejects(joinWithKey(elsewhere, former, HERE), refused("oneid_key_refused"));
  assert.equal((await joinWithKey(elsewhere, next, HERE)).id, id);
});

test("a OneID Key brings an account with name and secret to another browser, also after a lost answer", async () => {
  const account = await sign({ label: "Ada’s" });
  const key = await offered(account.id);
  const elsewhere = new Accounts(new Memory());
  lose("/repo/devices");
  await assert.rejects(joinWithKey(elsewhere, key, HERE), refused("network"));
  const joined = await joinWithKey(elsewhere, key, HERE);
  assert.equal(joined.label, "Ada’s");
  assert.equal(joined.confirmed, true);
  assert.deepEqual(await secretOf(joined), await secretOf(account));
  assert.notEqual(joined.deviceId, account.deviceId);
  assert.equal(repo.devices.size, 2);
});

test("a OneID Key makes no second device where one lives, and brings back a removed one", async () => {
  const account = await sign();
  const key = await offered(account.id);
  const same = await joinWithKey(accounts, key, HERE);
  assert.equal(same.deviceId, account.deviceId);
  assert.equal(repo.devices.size, 1);
  repo.devices.get(account.deviceId).revoked = true;
  const back = await joinWithKey(accounts, key, HERE);
  assert.notEqual(back.deviceId, account.deviceId);
  assert.equal((await accounts.all()).length, 1);
  assert.equal(await filed(back), null);
});

test("what the repo keeps under a OneID Key is not believed when it was changed", async () => {
  const { id } = await sign();
  const key = await offered(id);
  const [recovery] = repo.recoveries.values();
  const other = recovery.sealed.at(30) === "A" ? "B" : "A";
  recovery.sealed = recovery.sealed.slice(0, 30) + other + recovery.sealed.slice(31);
  await assert.rejects(joinWithKey(new Accounts(new Memory()), key, HERE), { code: "seal_broken" });
});

test("an identity is minted once, and the same AD key signs on every device", async () => {
  const account = await sign();
  const here = await obtain(account, SHOP, await filed(account));
  const joined = await joinWithKey(new Accounts(new Memory()), await offered(account.id), HERE);
  const there = await obtain(joined, SHOP, await filed(joined));
  assert.equal(there.uid, here.uid);
  assert.equal(there.adPublic, here.adPublic);
  assert.equal(here.adKey.extractable || there.adKey.extractable, false);
  assert.equal(asked("/repo/identities").length, 1);
  const other = await obtain(account, "http://other.localhost:8002", null);
  assert.notEqual(other.uid, here.uid);
  assert.notEqual(other.adPublic, here.adPublic);
});

test("where two devices mint at once, the key that was filed first is used by both", async () => {
  const account = await sign();
  const joined = await joinWithKey(new Accounts(new Memory()), await offered(account.id), HERE);
  const [here, there] = await Promise.all([obtain(account, SHOP, null), obtain(joined, SHOP, null)]);
  assert.equal(there.adPublic, here.adPublic);
  const { nonces } = await payload(joined, SHOP, there, null);
  assert.ok(opened(nonces.ad.nonce, here.adPublic), "the second device really signs with the stored key");
});

test("a filed identity that was never minted is minted with the stored key", async () => {
  const account = await sign();
  const first = await obtain(account, SHOP, null);
  repo.identities.get(account.id + SHOP).minted = false;
  const second = await obtain(account, SHOP, await filed(account));
  assert.equal(second.adPublic, first.adPublic);
  assert.equal(repo.identities.get(account.id + SHOP).minted, true);
});

test("a bundle has keys that cannot leave, and a session of its own", async () => {
  const account = await sign();
  const identity = await obtain(account, SHOP, null);
  const handed = await bundle(account, SHOP, identity, { silent: true, signs: true });
  assert.equal(handed.sessionKey.extractable || handed.adKey.extractable, false);
  assert.deepEqual(repo.sessions.map(({ key, silent }) => [thumbprint(key), silent]), [[handed.session, true]]);
});

test("a payload signs the site's nonce, or one of its own, and the repo never sees the AD signature", async () => {
  const account = await sign();
  const identity = await obtain(account, SHOP, null);
  const given = `001${new Date().toISOString().slice(0, 19)}ZAAAAAAAAAAAA`;
  for (const nonce of [given, null]) {
    const { uid, nonces, two_factor_token: token } = await payload(account, SHOP, identity, nonce);
    assert.equal(token, "T");
    const { header, claims } = opened(nonces.ad.nonce, nonces.ad.key);
    assert.deepEqual(header, { alg: "ES256" });
    assert.equal(nonces.repo.nonce, `repo.${claims.nonce}.jws`);
    assert.equal(uid, identity.uid);
    if (nonce) assert.equal(claims.nonce, given);
    assert.ok(asked("/repo/cosign").every(({ text }) => !text.includes(nonces.ad.nonce)));
  }
});

test("what a site sends to be signed is a nonce, or nothing is signed and nobody is asked", async () => {
  const account = await sign();
  const identity = await obtain(account, SHOP, null);
  for (const given of ["", "001", "x", `002${"2030-01-01T00:00:00Z"}AAAAAAAAAAAA`, '{"nonce":"001"}']) {
    await assert.rejects(payload(account, SHOP, identity, given), refused("malformed_nonce"));
  }
  assert.equal(asked("/repo/cosign").length, 0);
});

test("a wrong clock is corrected once, for the proof and for a nonce of our own", async () => {
  repo.now = () => Date.now() + 3 * 3600_000;
  const account = await sign();
  const identity = await obtain(account, SHOP, null);
  assert.ok((await payload(account, SHOP, identity, null)).uid);
});

test("a device that is signed out says so, and one tap unlocks it", async () => {
  const account = await sign();
  repo.devices.get(account.deviceId).locked = true;
  await assert.rejects(find(account, SHOP), refused("device_locked"));
  const open = await unlock(accounts, account);
  assert.equal(await filed(open), null);
});

test("an account that another window removed is not brought back by a change", async () => {
  const account = await sign();
  await accounts.remove(account.id);
  await assert.rejects(accounts.change(account.id, { label: "x" }), { code: "account_gone" });
  assert.deepEqual(await accounts.all(), []);
});

test("work runs also where a browser has no locks", async () => {
  Object.defineProperty(globalThis, "navigator", { configurable: true, value: {} });
  assert.equal(await exclusively("x", async () => 7), 7);
});
