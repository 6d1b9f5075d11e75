// Relays that stand between the two sides of a pairing: swapping keys, grinding them, replaying, bending.
import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { beforeEach, test } from "node:test";
import * as channel from "../../static/shared/channel.js";
import { PairingError, answer, readAddress, show } from "../../static/shared/pairing.js";
import { RelayPort } from "./relay_port.mjs";

const FAST = { every: 2 };
const failed = (code) => (error) => error instanceof PairingError && error.code === code;
const written = (words) => Buffer.from(JSON.stringify(words)).toString("base64url");
const read = (message) => {
  const text = Buffer.from(message, "base64url").toString();
  return text.startsWith("{") ? JSON.parse(text) : {};
};
let relay;

beforeEach(() => {
  relay = new RelayPort().install();
});

/**
 * Stand between: what side A says first is kept from B and replaced by ours, and the other way round.
 * @param {{a?: boolean, b?: boolean, commitment?: boolean}} swaps whose share is replaced, and the commitment too
 */
async function between(kind, { a = true, b = true, commitment = true }) {
  const mine = await channel.makeSide();
  const share = { key: mine.key, random: mine.random };
  const committed = await channel.commitment(kind, mine);
  relay.before = (path, answered) => {
    if (path === "/repo/pairings/find" && commitment) answered.pairing.commitment = committed;
    if (path === "/repo/pairings/read" && answered.messages.length) {
      const [first] = answered.messages;
      const said = read(first);
      if (said.key && "scanned" in said && b) answered.messages[0] = written({ ...share, scanned: said.scanned });
      if (said.key && !("scanned" in said) && a) answered.messages[0] = written(share);
    }
  };
  return mine;
}

test("a relay that swaps both keys is found out by the digits", async () => {
  await between("phone", {});
  const offer = await show("phone", FAST);
  const [phone, shown] = await Promise.all([answer(offer.code, null, FAST), offer.digits()]);
  assert.equal(await phone.check(shown.digits), false);
  assert.equal(phone.finishNumber, "");
});

test("a relay that swaps the key of a scanned code is found out by the code itself", async () => {
  await between("phone", {});
  const offer = await show("phone", FAST);
  const place = readAddress(offer.address);
  await assert.rejects(answer(place.code, place, FAST), failed("pairing_attacked"));
  assert.equal(relay.pairings.get([...relay.pairings.keys()][0]).used, false, "nothing was said to it");
});

test("a relay that reveals another key than was committed to is found out, and A is told", async () => {
  for (const scans of [true, false]) {
    await between("browser", { commitment: false, b: false });
    const offer = await show("browser", FAST);
    const place = readAddress(offer.address);
    const answering = assert.rejects(answer(place.code, scans ? place : null, FAST), failed("pairing_attacked"));
    await offer.digits();
    await answering;
    await assert.rejects(offer.accepted(), failed("pairing_refused"));
  }
});

test("a relay that tells another kind is found out", async () => {
  const offer = await show("phone", FAST);
  relay.before = (path, answered) => {
    if (path === "/repo/pairings/find") answered.pairing.kind = "browser";
  };
  const answering = assert.rejects(answer(offer.code, null, FAST), failed("pairing_attacked"));
  await offer.digits();
  await answering;
});

test("who swaps the phone's key alone can not bring the end of a scanned pairing", async () => {
  const mine = await between("browser", { a: false, commitment: false });
  const offer = await show("browser", FAST);
  const place = readAddress(offer.address);
  const [phone, shown] = await Promise.all([answer(place.code, place, FAST), offer.digits()]);
  assert.equal(await phone.check(shown.digits), false, "the phone would not go on");
  // So the relay goes on in its place, with keys that it does share with A, but without what A's screen told.
  const [pairing] = relay.pairings.values();
  const a = read(pairing.a[0]);
  const keys = await channel.channelKeys(mine.secret, a.key, await channel.transcript("browser", a, mine));
  const { BELONGS, seal } = await import("../../static/shared/sealing.js");
  const finish = Buffer.from(await channel.finishOf(keys, new Uint8Array())).toString("base64url");
  const words = new TextEncoder().encode(JSON.stringify({ finish, account: "the attacker's" }));
  pairing.b[1] = Buffer.from(await seal(keys.b, words, BELONGS.pairing(pairing.id, "b", 1))).toString("base64url");
  pairing.changes++;
  const seen = Buffer.from(place.q, "base64url"); // and as if the person had typed what nobody but A can know
  await assert.rejects(offer.finish(channel.numberOf(await channel.finishOf(keys, seen))), failed("pairing_attacked"));
  await assert.rejects(offer.receive(), /not proved/);
});

for (const kind of ["phone", "browser"]) {
  test(`who has photographed the QR code of a new ${kind} and is first: the person has no number to type`, async () => {
    const offer = await show(kind, FAST);
    const place = readAddress(offer.address);
    const [thief, shown] = await Promise.all([answer(place.code, place, FAST), offer.digits()]);
    assert.equal(await thief.check(shown.digits), true, "it knows the digits: they come from what it has");
    await thief.send({ device: "the thief's", account: "the thief's" });
    await offer.accepted();
    await assert.rejects(offer.finish(""), failed("wrong_finish"));
    await assert.rejects(offer.receive(), /not proved/);
    if (kind === "phone") await assert.rejects(offer.send({ s: "the secret" }), /not proved/);
  });
}

test("messages that are replayed, swapped or sent back do not open", async () => {
  for (const bend of [
    (pairing) => { pairing.a[2] = pairing.a[1]; },
    (pairing) => { pairing.a[2] = pairing.b[1]; },
    (pairing) => { pairing.a[2] = Buffer.from(randomBytes(60)).toString("base64url"); },
    (pairing) => { pairing.a[2] = Buffer.from([1, ...randomBytes(60)]).toString("base64url"); },
  ]) {
    const offer = await show("phone", FAST);
    const [phone, shown] = await Promise.all([answer(offer.code, null, FAST), offer.digits()]);
    await phone.check(shown.digits);
    await phone.send({ device: 1 });
    await offer.finish(phone.finishNumber);
    await offer.send({ s: 1 });
    assert.deepEqual(await phone.receive(), { s: 1 });
    const pairing = [...relay.pairings.values()].at(-1);
    bend(pairing);
    pairing.changes++;
    await assert.rejects(phone.receive(), failed("pairing_attacked"));
  }
});

test("a first word that is none, or a key that is no point, ends it", async () => {
  const point = Buffer.concat([Buffer.alloc(63), Buffer.from([1])]).toString("base64url");
  const random = randomBytes(16).toString("base64url");
  for (const said of [{}, null, [], "x", { key: "x", random }, { key: point, random: "" }, { key: point, random },
    { key: 1, random: 2 }, { key: `${point}=`, random }]) {
    const offer = await show("phone", FAST);
    await globalThis.fetch("http://id.localhost:8000/repo/pairings/open", {
      body: Buffer.from(JSON.stringify({ code: offer.code, message: written(said) })),
    });
    await assert.rejects(offer.digits(), failed("pairing_attacked"), JSON.stringify(said));
  }
});

test("2^21 trial keys fall upon uncommitted digits; the commitment refuses the one that was found", async () => {
  // Keys are opaque bytes here. They are made from names, so that each run of this test finds the same.
  const sha256 = (data) => createHash("sha256").update(data).digest();
  const share = (name) => ({
    key: Buffer.concat([sha256(`${name} x`), sha256(`${name} y`)]).toString("base64url"),
    random: sha256(`${name} random`).subarray(0, 16).toString("base64url"),
  });
  const [a, b, mine] = ["side A", "side B", "a relay"].map(share);
  const shown = await channel.digitsOf(await channel.transcript("phone", a, mine));
  // The relay has seen the digits that A shows, and what the phone has said. It looks for a random of its own that
  // makes the phone want the same digits.
  const bytes = (text) => Buffer.from(text, "base64url");
  const parts = [mine.key, mine.random, b.key, b.random].map(bytes);
  const trial = Buffer.concat([Buffer.from("phone"), ...parts]);
  const second = Buffer.concat([Buffer.from("oneid/1 digits"), Buffer.alloc(32)]);
  const place = "phone".length + 64;
  const found = [];
  for (let tried = 0; tried < 2 ** 21; tried++) {
    trial.writeUInt32BE(tried, place);
    sha256(trial).copy(second, "oneid/1 digits".length);
    if (sha256(second).readBigUInt64BE(0) % 1_000_000n === BigInt(shown)) {
      found.push({ key: mine.key, random: trial.subarray(place, place + 16).toString("base64url") });
    }
  }
  assert.ok(found.length > 0);
  for (const chosen of found) {
    // Uncommitted, this is the end: both people see the same digits, and the relay stands between.
    assert.equal(await channel.digitsOf(await channel.transcript("phone", chosen, b)), shown);
    // Committed, it had to choose before it knew what to look for.
    await refusesReveal(mine, chosen);
  }
});

/** The phone itself, when the relay reveals what it ground after it had committed to something else. */
async function refusesReveal(mine, chosen) {
  const committed = await channel.commitment("phone", mine);
  relay.before = (path, answered) => {
    if (path === "/repo/pairings/find") answered.pairing.commitment = committed;
    if (path === "/repo/pairings/read" && answered.messages.length) answered.messages[0] = written(chosen);
  };
  const offer = await show("phone", FAST);
  const answering = assert.rejects(answer(offer.code, null, FAST), failed("pairing_attacked"));
  const [pairing] = [...relay.pairings.values()].slice(-1);
  pairing.a.push(written(chosen));
  await answering;
}
