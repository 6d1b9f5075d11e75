// Pairings through a relay at the port: honest ones of both kinds and ways, and what ends one.
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { PairingError, answer, readAddress, readCode, show } from "../../static/shared/pairing.js";
import { RelayPort } from "./relay_port.mjs";

const FAST = { every: 2 };
let relay;

beforeEach(() => {
  relay = new RelayPort().install();
});

const failed = (code) => (error) => error instanceof PairingError && error.code === code;
/** Both sides up to the digits. */
async function met(kind, { scans }) {
  const offer = await show(kind, FAST);
  const place = scans ? readAddress(offer.address) : { code: readCode(offer.code.toLowerCase()) };
  const [phone, shown] = await Promise.all([answer(place.code, scans ? place : null, FAST), offer.digits()]);
  return { offer, phone, shown };
}
/** The same and on, until both trust each other. */
async function trusted(kind, way) {
  const { offer, phone, shown } = await met(kind, way);
  assert.equal(await phone.check(shown.digits), true);
  await phone.send({ from: "phone" });
  await offer.finish(phone.finishNumber);
  return { offer, phone };
}
const bytesSeen = () => JSON.stringify(relay.seen);

for (const kind of ["phone", "browser"]) {
  for (const scans of [true, false]) {
    test(`a new ${kind} is paired by ${scans ? "QR code" : "typed code"}`, async () => {
      const { offer, phone, shown } = await met(kind, { scans });
      assert.equal(phone.kind, kind);
      assert.deepEqual([phone.address, phone.browser], ["127.0.0.1", "Firefox"]);
      assert.match(shown.digits, /^\d{6}$/);
      assert.equal(phone.finishNumber, "", "nothing to be typed before the digits are right");
      assert.equal(await phone.check(`${shown.digits.slice(0, 3)} ${shown.digits.slice(3)}`), true);
      assert.match(phone.finishNumber, /^\d{4}$/);
      if (kind === "browser") await offer.send({ device: "browser's" });
      if (kind === "browser") assert.deepEqual(await phone.receive(), { device: "browser's" });
      await phone.send({ one: 1 });
      await phone.send({ two: "ü" });
      await offer.accepted();
      await offer.finish(phone.finishNumber);
      await offer.send({ s: "the secret" });
      assert.deepEqual(await offer.receive(), { one: 1 });
      assert.deepEqual(await offer.receive(), { two: "ü" });
      assert.deepEqual(await phone.receive(), { s: "the secret" });
      assert.ok(!bytesSeen().includes("the secret") && !bytesSeen().includes(shown.digits));
      assert.ok(!bytesSeen().includes(readAddress(offer.address).q), "what the screen told stays off the wire");
    });
  }
}

test("a pairing works once: the second who answers finds nobody", async () => {
  const { offer } = await met("phone", { scans: true });
  const place = readAddress(offer.address);
  await assert.rejects(answer(place.code, place, FAST), failed("pairing_expired"));
  await assert.rejects(answer(place.code, null, FAST), failed("pairing_expired"));
});

test("a code that nobody shows, or that is over, is told as such", async () => {
  await assert.rejects(answer("AAAA-AAAA", null, FAST), failed("pairing_expired"));
  const offer = await show("phone", FAST);
  relay.expired = true;
  await assert.rejects(answer(offer.code, null, FAST), failed("pairing_expired"));
  await assert.rejects(offer.digits(), failed("pairing_expired"));
});

test("three wrong sixes end it, and the other side is told; the right ones do not help any more", async () => {
  const { offer, phone, shown } = await met("phone", { scans: false });
  const wrong = String((Number(shown.digits) + 1) % 1e6).padStart(6, "0");
  assert.equal(await phone.check(wrong), false);
  assert.equal(await phone.check(""), false);
  await assert.rejects(phone.check(wrong), failed("pairing_refused"));
  await assert.rejects(phone.check(shown.digits), failed("pairing_refused"));
  await assert.rejects(phone.send({}), /not checked/);
  await assert.rejects(offer.accepted(), failed("pairing_refused"));
  assert.ok(!bytesSeen().includes(wrong), "wrong digits stay on the phone");
});

test("three wrong fours end it, before anything is handed over", async () => {
  const { offer, phone, shown } = await met("phone", { scans: true });
  await phone.check(shown.digits);
  await phone.send({ device: 1 });
  const wrong = String((Number(phone.finishNumber) + 1) % 1e4).padStart(4, "0");
  await assert.rejects(offer.finish(wrong), failed("wrong_finish"));
  await assert.rejects(offer.finish(""), failed("wrong_finish"));
  await assert.rejects(offer.send({ s: 1 }), /not proved/);
  await assert.rejects(offer.receive(), /not proved/);
  await assert.rejects(offer.finish(wrong), failed("pairing_refused"));
  await assert.rejects(offer.finish(phone.finishNumber), failed("pairing_refused"));
  await assert.rejects(phone.receive(), failed("pairing_refused"));
});

test("nothing is said or heard on the phone before the digits were right", async () => {
  const { phone } = await met("browser", { scans: true });
  await assert.rejects(phone.send({ s: 1 }), /not checked/);
  assert.throws(() => phone.receive(), /not checked/);
});

test("either side can refuse or end, and the other hears of it", async () => {
  const first = await trusted("browser", { scans: true });
  await first.offer.refuse();
  await assert.rejects(first.phone.receive(), failed("pairing_refused"));
  const second = await met("browser", { scans: true });
  await second.phone.refuse();
  await assert.rejects(second.offer.watched(), failed("pairing_refused"));
  const third = await trusted("phone", { scans: true });
  await third.phone.end();
  await assert.rejects(third.offer.send({ s: 1 }), failed("pairing_ended"));
  const fourth = await met("phone", { scans: false });
  const waiting = assert.rejects(fourth.offer.accepted(), failed("pairing_ended"));
  await fourth.phone.end();
  await waiting;
});

test("a phone that takes back what it accepted is heard of, before the number and after", async () => {
  for (const early of [true, false]) {
    const { offer, phone, shown } = await met("phone", { scans: true });
    await phone.check(shown.digits);
    await phone.send({ device: 1 });
    if (!early) await offer.finish(phone.finishNumber);
    const watched = assert.rejects(offer.watched(), failed("pairing_refused"));
    const waiting = assert.rejects(phone.receive(), failed("pairing_ended"));
    await phone.refuse();
    await Promise.all([watched, waiting]);
    if (early) await offer.finish(phone.finishNumber);
    assert.deepEqual(await offer.receive(), { device: 1 });
    await assert.rejects(offer.receive(), failed("pairing_refused"));
  }
});

test("an offer that is taken back before it was answered stops waiting", async () => {
  const controller = new AbortController();
  const offer = await show("phone", { every: 2, signal: controller.signal });
  const waiting = assert.rejects(offer.digits(), failed("pairing_ended"));
  controller.abort();
  await waiting;
});

test("a phone that goes away before it saw the digits tells the side that shows them", async () => {
  const controller = new AbortController();
  const offer = await show("phone", FAST);
  const place = readAddress(offer.address);
  const leaving = assert.rejects(answer(place.code, place, { every: 2, signal: controller.signal }), failed("pairing_ended"));
  while (!bytesSeen().includes("/repo/pairings/open")) await new Promise((resolve) => setTimeout(resolve, 1));
  controller.abort();
  await leaving;
  await offer.digits();
  await assert.rejects(offer.accepted(), failed("pairing_refused"));
});

test("a network that fails at every step, before and after the work, changes nothing", async () => {
  const lost = new Map();
  const port = globalThis.fetch;
  globalThis.fetch = async (address, request) => {
    const place = new URL(address).pathname + Buffer.from(request.body ?? "").toString();
    const times = lost.get(place) ?? 0;
    lost.set(place, times + 1);
    const idempotent = /\/(?:send|read|poll|find)$/.test(new URL(address).pathname);
    if (times === 0 && idempotent) throw new TypeError("lost on its way");
    const response = await port(address, request);
    if (times === 1 && idempotent) throw new TypeError("its answer was lost");
    return response;
  };
  const { offer, phone } = await trusted("phone", { scans: true });
  await offer.send({ s: 1 });
  assert.deepEqual(await phone.receive(), { s: 1 });
  const [pairing] = relay.pairings.values();
  assert.deepEqual([pairing.a.length, pairing.b.length], [2, 2]);
});

test("an address of a QR code is read as it is written, and nothing else is", async () => {
  const { address, code } = await show("phone", FAST);
  const place = readAddress(address);
  assert.deepEqual(Object.keys(place), ["code", "commitment", "q"]);
  assert.equal(place.code, code);
  assert.deepEqual(readAddress(new URL(address).hash), place);
  for (const odd of ["", "#", "#pair", address.slice(0, -1), `${address}x`, address.replace("pair", "pear"),
    "#pair.AAAAAAAI.x.y", address.toLowerCase()]) assert.equal(readAddress(odd), null, odd);
});

test("a typed code may have spaces, lower case and look-alikes", () => {
  const right = ["k7m2-0x1q", " K7M2 0X1Q ", "k7m2–oxlq", "K7M20XIQ"];
  for (const typed of right) assert.equal(readCode(typed), "K7M2-0X1Q");
  for (const typed of ["", "K7M2-0X1", "K7M2-0X1QQ", "K7M2-0X1U", "К7M2-0X1Q"]) assert.equal(readCode(typed), null);
});
