// What a phone keeps, and how it comes into an account, lets others in, and leaves.
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { beforeEach, test } from "node:test";
import { enter } from "../../static/remote/entering.js";
import {
  admitBrowser, admitPhone, arrive, ask, leave, leaveFormer, readNewcomer, settled,
} from "../../static/remote/joining.js";
import { Phone, pinProof } from "../../static/remote/phone.js";
import { secretOf } from "../../static/shared/devices.js";
import { PairingError } from "../../static/shared/pairing.js";
import { PhoneRepo, Records, adopted, refuse } from "./phone_port.mjs";
import { thumbprint } from "./repo_port.mjs";

const S = Buffer.alloc(32, 7).toString("base64url");
const TOLD = { account: "an-account", label: "Mine", s: S };
let repo, records, phone;

beforeEach(() => {
  repo = new PhoneRepo().install();
  records = new Records();
  phone = new Phone(records);
});

/** The other side of a pairing, as far as these modules speak to it. */
const other = (...answers) => ({
  sent: [],
  ended: false,
  refused: false,
  async send(words) { this.sent.push(words); },
  async receive() {
    const answer = answers.shift();
    if (answer instanceof Error) throw answer;
    return answer;
  },
  end() { this.ended = true; },
  async refuse() { this.refused = true; },
});

test("an account that was brought here is kept, and nothing of it can be exported", async () => {
  assert.equal(await phone.held(), undefined);
  const held = await adopted(phone, TOLD, 5);
  assert.deepEqual([held.id, held.label, held.created], ["an-account", "Mine", 5]);
  assert.equal(Buffer.from(await secretOf(await phone.held())).toString("base64url"), S);
  for (const key of [held.deviceKey, held.sealKey, held.pinKey]) assert.equal(key.extractable, false);
  const kept = JSON.stringify([...records.stores.values()].map((store) => [...store.values()]));
  assert.ok(!kept.includes(S), "S is sealed");
  const control = await phone.begunControl("a uid", "https://shop.example");
  assert.equal(control.key.extractable, false);
});

/** Up to the account that has come and is stored. */
async function stored(offered, told = TOLD) {
  const keys = await ask(offered, "Chrome, Android");
  const received = offered.receive;
  offered.receive = async () => told;
  assert.equal(await arrive(phone, offered, keys, () => true), true);
  offered.receive = received;
  return keys;
}
const FAST = { every: 2, patient: 30, last: 30, over: 60_000 };

test("an account that has come waits until the other side has admitted this phone", async () => {
  const whole = other({ in: true });
  const keys = await stored(whole);
  assert.deepEqual(whole.sent, [{ device: { key: keys.devicePublic, name: "Chrome, Android" } }]);
  assert.equal(await phone.held(), undefined);
  repo.doors["/repo/ticket"] = () => refuse("signer_refused");
  const held = await enter(phone, whole, FAST);
  assert.deepEqual(whole.sent[1], { stored: true });
  assert.deepEqual([held.deviceId, held.id, whole.ended], [keys.deviceId, "an-account", true]);
  assert.equal((await phone.held()).deviceId, keys.deviceId);
  assert.equal(await phone.stored(), undefined);
  assert.ok(!("ticket" in held));
});

test("what the other side does not tell, the repo does: also after a reload, and without a network at first", async () => {
  const said = ["pairing_expired", "pairing_refused"].map((code) => other(new PairingError(code)));
  for (const answering of [...said, null]) {
    const keys = await stored(other());
    let times = 0;
    repo.doors["/repo/ticket"] = () => (times++ < 1 ? refuse("unavailable") : { ticket: {} });
    assert.equal((await enter(phone, answering, FAST)).deviceId, keys.deviceId);
    await phone.forget();
  }
});

test("a phone that is not in keeps nothing; but before, the other side is kept from letting it in later", async () => {
  const ends = [];
  repo.doors["/repo/ticket"] = () => refuse("signer_refused");
  repo.doors["/repo/pairings/end"] = () => void ends.push(1);
  const keys = await stored(other());
  const { since } = await phone.stored();
  assert.equal(await enter(phone, null, FAST), null);
  assert.ok(Date.now() - since >= 50 && ends.length === 1);
  for (const store of records.stores.values()) assert.equal(store.size, 0);
  const next = await ask(other(), "A phone");
  assert.notEqual(next.deviceId, keys.deviceId, "the next pairing brings another device");
  await stored(other());
  await records.update("pending", "phone", (waits) => ({ ...waits, since: 1 })); // that pairing is long over
  assert.equal(await enter(phone, null, FAST), null);
  assert.equal(ends.length, 1);
  await stored(other());
  assert.equal(await enter(phone, other(new PairingError("pairing_refused")), FAST), null);
});

test("what is not wanted any more is not stored", async () => {
  const late = other(TOLD);
  const keys = await ask(late, "A phone");
  assert.equal(await arrive(phone, late, keys, () => false), false);
  assert.equal(await phone.stored(), undefined);
  let asked = 0;
  assert.equal(await arrive(phone, other(TOLD), keys, () => asked++ === 0), false);
  assert.equal(await phone.stored(), undefined);
});

test("another account takes the former's place only when this phone is in; then the former is left", async () => {
  const former = await adopted(phone, TOLD);
  await stored(other(), { ...TOLD, account: "another" });
  assert.equal((await phone.held()).deviceId, former.deviceId);
  await phone.drop();
  assert.equal((await phone.held()).deviceId, former.deviceId);
  await stored(other(), { ...TOLD, account: "another" });
  assert.equal((await enter(phone, other({ in: true }), FAST)).id, "another");
  repo.doors["/repo/devices/revoke"] = () => refuse("unavailable");
  await assert.rejects(leaveFormer(phone), { code: "unavailable" });
  repo.signer = former.devicePublic;
  repo.doors["/repo/devices/revoke"] = () => ({});
  await leaveFormer(phone);
  await leaveFormer(phone);
  assert.deepEqual(repo.of("/repo/devices/revoke").map(({ device }) => device), [former.deviceId, former.deviceId]);
});

const KEY = Buffer.alloc(64, 3).toString("base64url");
const NEWCOMER = { key: KEY, name: "Firefox, Linux" };

test("a browser is admitted at the repo before it gets the secret, and stays when it says that it is in", async () => {
  const held = await adopted(phone, TOLD, 1);
  repo.signer = held.devicePublic;
  repo.doors["/repo/devices/admit"] = () => refuse("already_taken");
  const refused = other();
  await assert.rejects(admitBrowser(held, refused, NEWCOMER), { code: "already_taken" });
  assert.deepEqual(refused.sent, []);
  repo.doors["/repo/devices/admit"] = () => ({ account: {} });
  const let_in = other({ in: true });
  await admitBrowser(held, let_in, NEWCOMER);
  assert.deepEqual(repo.of("/repo/devices/admit")[1], { device: NEWCOMER, phone: false });
  assert.deepEqual(let_in.sent, [TOLD]);
  await settled(held, let_in, NEWCOMER);
  assert.equal(let_in.ended, true);
  assert.deepEqual(repo.of("/repo/devices/revoke"), []);
});

test("a browser that was let in and does not say that it is in goes again", async () => {
  const held = await adopted(phone, TOLD, 1);
  repo.signer = held.devicePublic;
  repo.doors["/repo/devices/admit"] = () => ({ account: {} });
  repo.doors["/repo/devices/revoke"] = () => ({});
  for (const said of ["pairing_refused", "pairing_ended", "pairing_expired"].map((code) => new PairingError(code))) {
    await assert.rejects(settled(held, other(said), NEWCOMER), { code: "taken_back" });
  }
  await assert.rejects(settled(held, other({ in: 1 }), NEWCOMER), { code: "taken_back" });
  const gone = other();
  gone.send = async () => { throw new PairingError("pairing_ended"); };
  await assert.rejects(admitBrowser(held, gone, NEWCOMER), { code: "taken_back" });
  const revoked = repo.of("/repo/devices/revoke").map(({ device }) => device);
  assert.deepEqual(revoked, Array(5).fill(thumbprint(KEY)));
  repo.doors["/repo/devices/revoke"] = () => refuse("device_refused");
  await assert.rejects(settled(held, other({}), NEWCOMER), { code: "taken_back" });
  repo.doors["/repo/devices/revoke"] = () => refuse("signer_revoked");
  await assert.rejects(settled(held, other({}), NEWCOMER), { code: "not_taken_back" });
});

test("another phone is admitted as a phone, when it has stored the account", async () => {
  const held = await adopted(phone, TOLD, 1);
  const device = { key: "k", name: "Safari, iOS" };
  repo.doors["/repo/devices/admit"] = () => ({ account: {} });
  const offer = other({ device, more: 1 }, { stored: true });
  await admitPhone(held, offer, new AbortController().signal);
  assert.deepEqual(repo.of("/repo/devices/admit"), [{ device, phone: true }]);
  assert.deepEqual(offer.sent, [TOLD, { in: true }]);
  repo.doors["/repo/devices/admit"] = () => refuse("already_taken");
  const again = other({ device }, { stored: true });
  await assert.rejects(admitPhone(held, again, new AbortController().signal), { code: "already_taken" });
  assert.deepEqual([again.sent, again.refused], [[TOLD], true]);
});

test("a newcomer is a key and a name, and nothing else is one", () => {
  assert.deepEqual(readNewcomer({ device: { key: "k", name: "n", more: 1 } }), { key: "k", name: "n" });
  for (const odd of [null, {}, "x", { device: null }, { device: { key: 1, name: "n" } }, { device: { key: "k" } }]) {
    assert.equal(readNewcomer(odd), null);
  }
});

test("a phone leaves at the repo; one that was removed there already may leave all the same", async () => {
  await leave(phone);
  assert.deepEqual(repo.asked, []);
  const held = await adopted(phone, TOLD, 1);
  repo.signer = held.devicePublic;
  repo.doors["/repo/devices/revoke"] = () => ({});
  await leave(phone);
  assert.deepEqual(repo.of("/repo/devices/revoke"), [{ device: held.deviceId }]);
  repo.doors["/repo/devices/revoke"] = () => refuse("signer_revoked");
  await leave(phone);
  repo.doors["/repo/devices/revoke"] = () => refuse("unavailable");
  await assert.rejects(leave(phone), { code: "unavailable" });
});

test("a phone that forgets keeps nothing, and another account starts without the former's keys", async () => {
  const held = await adopted(phone, TOLD, 1);
  await phone.begunControl("a uid", "https://shop.example");
  const next = await adopted(phone, { ...TOLD, account: "another" }, 2);
  assert.notEqual(next.deviceId, held.deviceId);
  assert.deepEqual(await phone.controls(), []);
  await phone.begunControl("a uid", "https://shop.example");
  await phone.forgetFormer();
  await phone.forget();
  for (const store of records.stores.values()) assert.equal(store.size, 0);
});

test("a control key is made once, and pinned only as itself", async () => {
  const made = await phone.begunControl("a uid", "https://shop.example");
  assert.equal((await phone.begunControl("a uid", "https://other.example")).origin, "https://shop.example");
  await phone.pinned({ ...made, id: "another" });
  assert.equal((await phone.control("a uid")).pinned, false);
  await phone.pinned(made);
  assert.equal((await phone.control("a uid")).pinned, true);
  await phone.pinned({ ...made, uid: "gone" });
  assert.equal((await phone.controls()).length, 1);
});

test("a PIN is proved by a key of this phone: the same PIN elsewhere proves nothing", async () => {
  const held = await adopted(phone, TOLD, 1);
  const proof = await pinProof(held, "1234");
  assert.match(proof, /^[\w-]{43}$/);
  assert.equal(proof, await pinProof(await phone.held(), "1234"));
  assert.notEqual(proof, await pinProof(held, "1235"));
  assert.notEqual(proof, createHmac("sha256", "").update("1234").digest("base64url"));
  const other_phone = await adopted(new Phone(new Records()), TOLD, 1);
  assert.notEqual(proof, await pinProof(other_phone, "1234"));
});
