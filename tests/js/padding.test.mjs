// Padding: what goes in comes out, and what lies between two lengths looks alike.
import assert from "node:assert/strict";
import { test } from "node:test";
import { pad, unpad } from "../../static/shared/padding.js";
import { SealError, makeSealKey, seal } from "../../static/shared/sealing.js";
import { often } from "./random.mjs";

const LENGTHS = [256, 512, 1024, 2048, 4096, 8192, 16355];

test("what is padded comes out again, whatever its last bytes are", async () => {
  await often(300, (random) => {
    const bytes = random.bytes(random.below(16_355));
    const ends = [[0x80, 0], [0, 0], [0x80, 0x80]];
    if (bytes.length > 1 && random.next() < 0.5) bytes.set(random.one(ends), bytes.length - 2);
    assert.deepEqual(unpad(pad(bytes)), bytes);
  });
});

test("every length between two steps looks alike", () => {
  let step = 0;
  for (let length = 0; length < 16_355; length += 1) {
    if (length >= LENGTHS[step]) step += 1;
    assert.equal(pad(new Uint8Array(length)).length, LENGTHS[step], `${length}`);
  }
});

test("the longest fills an envelope of 16 KiB, and more is refused with a code", async () => {
  assert.equal((await seal(await makeSealKey(), pad(new Uint8Array(16_354)), "this")).length, 16_384);
  for (const length of [16_355, 16_384, 2 ** 20]) {
    assert.throws(() => pad(new Uint8Array(length)), { code: "sealed_too_large" });
  }
});

test("what pad did not make is refused", async () => {
  const wrong = [
    new Uint8Array(0), new Uint8Array(256), new Uint8Array(255).fill(0x80), new Uint8Array(257).fill(0x80),
    Uint8Array.of(...new Uint8Array(255), 1), Uint8Array.of(0x80, ...new Uint8Array(511)), // 512, where 256 would do
  ];
  for (const bytes of wrong) assert.throws(() => unpad(bytes), SealError, `${bytes.length}`);
  await often(200, (random) => {
    const padded = pad(random.bytes(random.below(4000)));
    const cut = padded.slice(0, random.below(padded.length));
    assert.throws(() => unpad(cut), SealError);
    assert.throws(() => unpad(Uint8Array.of(...padded, 0)), SealError);
  });
});
