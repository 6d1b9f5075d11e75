// Phones as a browser of the account sees them: listed, removed, let in; and their keys, taken off the record.
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { Accounts, secretOf } from "../../static/shared/accounts.js";
import { obtain, throughPhone } from "../../static/popup/identities.js";
import { endStrays } from "../../static/popup/arriving.js";
import { offerKey } from "../../static/popup/recovery.js";
import { admit, arrive, ask, phonesOf, remove } from "../../static/popup/phones.js";
import { signUp } from "../../static/popup/signup.js";
import { unpin } from "../../static/popup/unpinning.js";
import { toBase64url } from "../../static/shared/encoding.js";
import { Memory, Repo, installLocks, opened, thumbprint } from "./repo_port.mjs";

const SHOP = "http://shop.localhost:8001";
let repo, accounts, account;

beforeEach(async () => {
  repo = new Repo().install();
  accounts = new Accounts(new Memory());
  installLocks();
  account = await signUp(accounts, { label: "Mine", known: [], deviceName: "Firefox, Linux", now: 1 });
});

/** The other side of a pairing, as far as the popup talks with it. */
class Offer {
  sent = [];
  refused = 0;
  ended = 0;
  constructor(...messages) {
    this.messages = messages;
  }
  receive = async () => this.messages.shift();
  send = async (words) => void this.sent.push(words);
  refuse = async () => void (this.refused += 1);
  end = async () => void (this.ended += 1);
}

const end = (phone, revoked, ends) => ({ id: "I", name: "N", phone, revoked, ends, created: "", last_used: "" });

test("living phones are listed, and nothing else", async () => {
  repo["/repo/devices/list"] = () => ({
    devices: [end(true, null, null), end(true, "2026-01-01T00:00:00Z", null), end(false, null, null),
      end(true, null, "2030-01-01T00:00:00Z")],
  });
  const phones = await phonesOf(account);
  assert.deepEqual(phones.map(({ ends }) => ends), [null, "2030-01-01T00:00:00Z"]);
});

test("a removal says when, if it waits", async () => {
  for (const ends of ["2030-01-01T00:00:00Z", null]) {
    repo["/repo/devices/revoke"] = ({ device }) => ({ device: { id: device, ends } });
    assert.equal(await remove(account, "P"), ends);
  }
});

const NEVER = new AbortController().signal;

test("a phone is handed the account first, and admitted when it has stored it; and only then it is told", async () => {
  const device = { key: "K", name: "Phone" };
  const offer = new Offer({ device }, { stored: true });
  const told = { account: account.id, label: "Mine", s: toBase64url(await secretOf(account)) };
  const heard = [];
  repo["/repo/devices/admit"] = (body) => {
    heard.push(body);
    assert.deepEqual(offer.sent, [told]);
    if (heard.length === 1) repo.refuse("unavailable"); // asked again: it may be in by now
    return { account: { id: account.id, device: "P", created: true } };
  };
  await admit(accounts, account.id, offer, NEVER);
  assert.deepEqual(heard, [{ device, phone: true }, { device, phone: true }]);
  assert.deepEqual(offer.sent, [told, { in: true }]);
  assert.deepEqual([offer.ended, offer.refused], [0, 0], "the phone ends it, when it has read that");
  assert.ok(repo.asked.every(({ text }) => !text.includes(told.s)), "the secret never goes to the repo unsealed");
});

test("a phone that does not say that it has stored the account is not admitted; one that is refused is told", async () => {
  const device = { key: "K", name: "Phone" };
  repo["/repo/devices/admit"] = () => assert.fail("asked");
  const odd = new Offer({ device }, { stored: false });
  await assert.rejects(admit(accounts, account.id, odd, NEVER), { code: "pairing_attacked" });
  const left = new Offer({ device }, { stored: true });
  await assert.rejects(admit(accounts, account.id, left, AbortSignal.abort()), { code: "pairing_ended" });
  repo["/repo/devices/admit"] = () => repo.refuse("phone_required");
  const refused = new Offer({ device }, { stored: true });
  await assert.rejects(admit(accounts, account.id, refused, NEVER), { code: "phone_required" });
  assert.deepEqual([odd, left, refused].map((offer) => offer.refused), [1, 1, 1]);
  assert.equal(refused.sent.length, 1);
});

test("a browser that a phone lets in has the account with its secret, under a key that never left it", async () => {
  const s = toBase64url(await secretOf(account));
  const elsewhere = new Accounts(new Memory());
  const offer = new Offer({ account: account.id, label: "Mine", s });
  const keys = await ask(offer, "Chrome, Linux");
  const [{ device }] = offer.sent;
  assert.deepEqual([thumbprint(device.key), device.name], [keys.deviceId, "Chrome, Linux"]);
  const here = await arrive(elsewhere, offer, keys, 7);
  assert.equal(toBase64url(await secretOf(here)), s);
  assert.deepEqual([here.id, here.label, here.deviceId, here.joined], [account.id, "Mine", keys.deviceId, true]);
  assert.equal(here.deviceKey.extractable || here.sealKey.extractable, false);
  assert.deepEqual(offer.sent.slice(1), [{ in: true }]);
  assert.deepEqual([offer.ended, (await elsewhere.all()).length], [0, 1], "the phone ends it");
});

/** The phone brings the account to the browser that it was made in. */
async function arriveHere(changed = {}) {
  const s = toBase64url(await secretOf(account));
  const offer = new Offer({ account: account.id, label: "Of the phone", s, ...changed });
  const keys = await ask(offer, "Firefox, Linux");
  return { keys, here: await arrive(accounts, offer, keys, 7) };
}

test("an account that lives here keeps its device and its OneID Key, and what the phone admitted is ended", async () => {
  const offered = await offerKey(accounts, account.id, { make: true });
  const ended = [];
  repo["/repo/devices/revoke"] = ({ device }) => (ended.push(device), { device: { id: device, ends: null } });
  const { keys, here } = await arriveHere();
  assert.deepEqual([here.deviceId, here.label, here.confirmed], [account.deviceId, "Mine", false]);
  assert.deepEqual(ended, [keys.deviceId]);
  assert.equal(here.strays, undefined);
  const again = await offerKey(accounts, account.id, { make: false });
  assert.deepEqual(again, offered);
});

test("a device that could not be ended at once is ended later", async () => {
  repo["/repo/devices/revoke"] = () => repo.refuse("unavailable");
  const { keys, here } = await arriveHere();
  assert.deepEqual(here.strays, [keys.deviceId]);
  const ended = [];
  repo["/repo/devices/revoke"] = ({ device }) => (ended.push(device), { device: { id: device, ends: null } });
  await endStrays(accounts, here);
  await endStrays(accounts, await accounts.get(account.id));
  assert.deepEqual(ended, [keys.deviceId]);
});

test("where this browser was removed, the new device takes over, with the OneID Key that is written down", async () => {
  const offered = await offerKey(accounts, account.id, { make: true });
  repo.devices.get(account.deviceId).revoked = true;
  const { keys, here } = await arriveHere();
  assert.deepEqual([here.deviceId, here.confirmed, here.revoked], [keys.deviceId, false, undefined]);
  assert.deepEqual(await offerKey(accounts, account.id, { make: false }), offered);
});

test("a phone that calls another account by this one's name is not believed", async () => {
  const s = toBase64url(new Uint8Array(32));
  await assert.rejects(arriveHere({ s }), { code: "pairing_attacked" });
  assert.equal((await accounts.get(account.id)).deviceId, account.deviceId);
});

test("keys of phones that are gone are taken off by a change that no site can take for a sign-in", async () => {
  const identity = await obtain(account, SHOP, null);
  const filed = [...repo.identities.values()][0];
  const wanted = { pin: [], unpin: [{ ...filed, origin: SHOP, control_key: "C1" }] };
  repo["/repo/control_keys/wanted"] = () => ({ wanted });
  repo["/repo/devices/list"] = () => ({ devices: [end(true, null, null), end(false, "2026-01-01T00:00:00Z", null)] });
  assert.equal(await unpin(account), 0, "no phone has ended");
  repo["/repo/devices/list"] = () => ({ devices: [end(true, "2026-01-01T00:00:00Z", null)] });
  let change = null;
  repo["/repo/control_keys/end"] = (body) => void (change = body);
  assert.equal(await unpin(account), 1);
  const { uid, origin, control_key: key, ad } = change;
  assert.deepEqual([uid, origin, key], [identity.uid, SHOP, "C1"]);
  const { header, claims } = opened(ad, identity.adPublic);
  assert.deepEqual(header, { alg: "ES256" });
  assert.deepEqual({ ...claims, nonce: "" }, { nonce: "", aud: "record", unpins: { cd: "C1" } });
});

test("taking keys off is nobody's wish at that moment: whatever goes wrong is kept quiet", async () => {
  assert.equal(await unpin(account), 0, "a repo that has no such door");
  const wanted = { pin: [], unpin: [{ uid: "U", origin: SHOP, sealed: "AAAA" }] };
  repo["/repo/control_keys/wanted"] = () => ({ wanted });
  repo["/repo/devices/list"] = () => ({ devices: [end(true, "2026-01-01T00:00:00Z", null)] });
  assert.equal(await unpin(account), 0, "an envelope that does not open");
});

test("the window asks for the words of a confirmation, and for none at a sign-in", async () => {
  const identity = await obtain(account, SHOP, null);
  const request = { name: "confirm", nonce: null, level: "OOBPIN", title: "Shop", message: "Pay" };
  for (const [name, level, title, message] of [["confirm", "OOBPIN", "Shop", "Pay"], ["signin", "OOB", "", ""]]) {
    let asked = null;
    repo["/repo/confirmations"] = (body) => {
      asked = body;
      return repo.refuse("no_phone");
    };
    const asking = throughPhone(account, SHOP, identity, /** @type {any} */ ({ ...request, name, level }), {});
    await assert.rejects(asking, { code: "no_phone" });
    const { nonce, ...rest } = asked;
    const words = { kind: name, level, title, message };
    assert.deepEqual(rest, { uid: identity.uid, origin: SHOP, ...words, shows_number: true });
  }
});
