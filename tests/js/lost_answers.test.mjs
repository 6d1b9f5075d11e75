// A OneID Key that somebody wrote down stays good and brings them back, whatever is lost or done in two windows.
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { Accounts, secretOf } from "../../static/shared/accounts.js";
import { find } from "../../static/popup/identities.js";
import { confirmKey, joinWithKey, offerKey, skipKey } from "../../static/popup/recovery.js";
import { signUp } from "../../static/popup/signup.js";
import { RepoError } from "../../static/shared/repo.js";
import { Memory, Repo, installLocks } from "./repo_port.mjs";

const SHOP = "http://shop.localhost:8001";
const HERE = { deviceName: "Firefox, Linux", now: 1 };
let repo, memory, accounts;

beforeEach(() => {
  repo = new Repo().install();
  memory = new Memory();
  accounts = new Accounts(memory);
  installLocks();
});

const sign = (known = [], within = accounts) => signUp(within, { label: "Mine", known, ...HERE });
const make = (id, within = accounts) => offerKey(within, id, { make: true });
const shown = (id, within = accounts) => offerKey(within, id, { make: false });
const elsewhere = () => new Accounts(new Memory());
const refused = (code) => (error) => error instanceof RepoError && error.code === code;
const registered = () => repo.asked.filter(({ path }) => path === "/repo/recovery").length;
/** The answer of a door is lost once, after its work was done. */
const lose = (path) => {
  repo.before = (at) => {
    if (at !== path) return;
    repo.before = () => {};
    throw new TypeError("connection lost");
  };
};
/** The key is good: it opens the account somewhere else. */
const opens = async (key, id) => assert.equal((await joinWithKey(elsewhere(), key, HERE)).id, id);

test("a key that was confirmed stays good when what comes next fails and it is checked again", async () => {
  const { id } = await sign();
  const { key } = await make(id);
  const confirmed = await confirmKey(accounts, id, key);
  lose("/repo/identities/find");
  await assert.rejects(find(confirmed, SHOP), refused("network"));
  assert.equal((await confirmKey(accounts, id, key)).confirmed, true);
  assert.equal(registered(), 1);
  await opens(key, id);
});

test("a confirmation whose answer was lost is repeated for the same key", async () => {
  const { id } = await sign();
  const { key } = await make(id);
  lose("/repo/recovery/confirm");
  await assert.rejects(confirmKey(accounts, id, key), refused("network"));
  assert.equal((await accounts.get(id)).confirmed, false);
  assert.equal((await confirmKey(accounts, id, key)).confirmed, true);
  assert.equal((await accounts.get(id)).pendingKey, undefined);
  await opens(key, id);
});

test("two windows check the same key, one after the other or at once", async () => {
  const { id } = await sign();
  const { key } = await make(id);
  const both = await Promise.all([confirmKey(accounts, id, key), confirmKey(accounts, id, key)]);
  assert.deepEqual(both.map(({ confirmed }) => confirmed), [true, true]);
  assert.equal((await confirmKey(accounts, id, key)).confirmed, true);
  assert.equal(registered(), 1);
  await opens(key, id);
});

test("checking makes no key, also when the one that was shown was skipped in another window", async () => {
  const { id } = await sign();
  const { key } = await make(id);
  await skipKey(accounts, id);
  await assert.rejects(confirmKey(accounts, id, key), { code: "key_forgotten" });
  assert.equal(await shown(id), null);
  assert.equal(registered(), 1);
  await opens(key, id);
});

test("another key than the one that was shown is not taken for it", async () => {
  const { id } = await sign();
  await make(id);
  await assert.rejects(confirmKey(accounts, id, new Uint8Array(16)), { code: "other_key" });
  assert.equal((await accounts.get(id)).confirmed, false);
});

test("no window, however old, makes a key where one is known to be saved", async () => {
  const { id } = await sign();
  const { key } = await make(id);
  await confirmKey(accounts, id, key);
  assert.equal(await make(id), null, "an old “Save it now”");
  assert.equal((await skipKey(accounts, id)).confirmed, true, "and an old “Skip”");
  assert.equal(registered(), 1);
  await opens(key, id);
});

test("a window that was about to make a OneID does not take one that came back by its key for it", async () => {
  const { id } = await sign();
  const { key } = await make(id);
  await confirmKey(accounts, id, key);
  const other = elsewhere();
  assert.equal((await joinWithKey(other, key, HERE)).id, id);
  const made = await sign([], other);
  assert.notEqual(made.id, id);
  await make(made.id, other);
  await opens(key, id);
});

test("two windows that make one OneID make one key, also when the first has saved it", async () => {
  const { id } = await sign();
  const { key } = await make(id);
  await confirmKey(accounts, id, key);
  assert.equal((await sign()).id, id);
  assert.equal(await make(id), null);
  await opens(key, id);
});

test("a key tells whether it ended a former one, for as long as it is shown", async () => {
  const { id } = await sign();
  assert.equal((await make(id)).replaces, false);
  assert.equal((await make(id)).replaces, false, "the same once more");
  await skipKey(accounts, id);
  assert.equal((await make(id)).replaces, true);
  assert.equal((await shown(id)).replaces, true);
});

test("a key comes back after a join answer was lost and that device was removed", async () => {
  const account = await sign();
  const { key } = await make(account.id);
  const other = elsewhere();
  lose("/repo/devices");
  await assert.rejects(joinWithKey(other, key, HERE), refused("network"));
  for (const [kid, device] of repo.devices) device.revoked = kid !== account.deviceId;
  const joined = await joinWithKey(other, key, HERE);
  assert.equal(joined.id, account.id);
  assert.deepEqual(await secretOf(joined), await secretOf(account));
  assert.equal((await find(joined, SHOP)).filed, null);
  assert.equal(await other.isBegun(`join ${account.id}`), false);
});

test("a device that is refused twice is not made a third time", async () => {
  const { id } = await sign();
  const { key } = await make(id);
  const devices = () => repo.asked.filter(({ path }) => path === "/repo/devices").length;
  repo["/repo/devices"] = () => repo.refuse("signer_revoked");
  await assert.rejects(joinWithKey(elsewhere(), key, HERE), refused("signer_revoked"));
  assert.equal(devices(), 2);
});

test("what the repo has answered is no longer begun, in one stroke", async () => {
  memory.delete = () => Promise.reject(new Error("the window was closed here"));
  const { id } = await sign();
  assert.equal(await accounts.isBegun("sign-up"), false);
  const { key } = await make(id);
  const there = new Memory();
  there.delete = memory.delete;
  const other = new Accounts(there);
  await joinWithKey(other, key, HERE);
  assert.equal(await other.isBegun(`join ${id}`), false);
});

test("a living browser that is marked as removed loses the mark by its key", async () => {
  const { id, deviceId } = await sign();
  const { key } = await make(id);
  await accounts.change(id, { revoked: true, locked: true });
  const back = await joinWithKey(accounts, key, HERE);
  assert.deepEqual([back.revoked, back.locked, back.confirmed, back.deviceId], [false, false, true, deviceId]);
});

test("an older key does not count as the one that is being written down", async () => {
  const { id } = await sign();
  const former = (await make(id)).key;
  await skipKey(accounts, id);
  repo["/repo/recovery"] = () => repo.refuse("unavailable"); // the new one does not reach the repo
  await assert.rejects(make(id), refused("unavailable"));
  assert.equal((await joinWithKey(accounts, former, HERE)).confirmed, false);
  delete repo["/repo/recovery"];
  const { key, replaces } = await shown(id);
  assert.equal(replaces, true);
  await opens(key, id);
});
