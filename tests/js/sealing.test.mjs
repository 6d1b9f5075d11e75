// Envelopes and derived secrets, held against node's own HKDF and AES-GCM.
import assert from "node:assert/strict";
import { createDecipheriv, hkdfSync } from "node:crypto";
import { test } from "node:test";
import {
  BELONGS, LABELS, SealError, derive, deriveSealKey, makeSealKey, open, seal,
} from "../../static/shared/sealing.js";

const random = (count) => crypto.getRandomValues(new Uint8Array(count));
const utf8 = (text) => new TextEncoder().encode(text);

test("what is sealed opens again, empty and long", async () => {
  const key = await makeSealKey();
  for (const length of [0, 1, 32, 4096]) {
    const bytes = random(length);
    assert.deepEqual(await open(key, await seal(key, bytes, "for this"), "for this"), bytes);
  }
});

test("any flipped bit of an envelope fails", async () => {
  const key = await makeSealKey();
  const envelope = await seal(key, random(20), "for this");
  for (let bit = 0; bit < envelope.length * 8; bit++) {
    const changed = envelope.slice();
    changed[bit >> 3] ^= 1 << (bit & 7);
    await assert.rejects(open(key, changed, "for this"), SealError, `bit ${bit}`);
  }
});

test("an envelope of another purpose, another key or another version does not open", async () => {
  const key = await makeSealKey();
  const envelope = await seal(key, random(32), BELONGS.ad("account", "https://one.example"));
  await assert.rejects(open(key, envelope, BELONGS.ad("account", "https://two.example")), SealError);
  await assert.rejects(open(await makeSealKey(), envelope, BELONGS.ad("account", "https://one.example")), SealError);
  for (const version of [0, 2, 255]) {
    const other = envelope.slice();
    other[0] = version;
    await assert.rejects(open(key, other, BELONGS.ad("account", "https://one.example")), SealError);
  }
});

test("an envelope cut short anywhere does not open", async () => {
  const key = await makeSealKey();
  const envelope = await seal(key, random(4), "for this");
  for (let length = 0; length < envelope.length; length++) {
    await assert.rejects(open(key, envelope.slice(0, length), "for this"), SealError);
  }
});

test("two envelopes of the same bytes differ", async () => {
  const key = await makeSealKey();
  assert.notDeepEqual(await seal(key, utf8("same"), "a"), await seal(key, utf8("same"), "a"));
});

test("an envelope has the form that is documented, by node's own AES-GCM", async () => {
  const secret = random(32);
  const key = await deriveSealKey(secret, LABELS.identities);
  const envelope = await seal(key, utf8("a key"), BELONGS.ad("a", "https://s.example"));
  assert.equal(envelope[0], 1);
  const raw = Buffer.from(hkdfSync("sha256", secret, "", "oneid/1 identities", 32));
  const decipher = createDecipheriv("aes-256-gcm", raw, envelope.slice(1, 13));
  decipher.setAAD(Buffer.from("oneid/1 ad a https://s.example"));
  decipher.setAuthTag(envelope.slice(-16));
  assert.equal(Buffer.concat([decipher.update(envelope.slice(13, -16)), decipher.final()]).toString(), "a key");
});

test("derived secrets are those of RFC 5869, by node's own HKDF", async () => {
  const secret = random(16);
  for (const label of Object.values(LABELS)) {
    const expected = new Uint8Array(hkdfSync("sha256", secret, "", label, 32));
    assert.deepEqual(await derive(secret, label), expected);
    const salt = random(32);
    assert.deepEqual(await derive(secret, label, salt), new Uint8Array(hkdfSync("sha256", secret, salt, label, 32)));
  }
  assert.equal(new Set(Object.values(LABELS)).size, Object.keys(LABELS).length);
});

test("keys that seal cannot be exported", async () => {
  for (const key of [await makeSealKey(), await deriveSealKey(random(16), LABELS.recovery)]) {
    assert.equal(key.extractable, false);
    await assert.rejects(crypto.subtle.exportKey("raw", key));
  }
});
