// The OneID Key's text: what is written reads back, and what is read wrong is told.
import assert from "node:assert/strict";
import { test } from "node:test";
import { OneKeyError, decode, encode, groups } from "../../static/shared/onekey.js";

const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"; // pragma: allowlist secret
const random = () => crypto.getRandomValues(new Uint8Array(16));
const plain = (text) => text.replaceAll("-", "");
const reasonOf = (text) => {
  try {
    decode(text);
  } catch (error) {
    assert.ok(error instanceof OneKeyError, String(error));
    return error;
  }
  return null;
};
const changed = (letters, position, letter) => letters.slice(0, position) + letter + letters.slice(position + 1);

/** The checksum of BIP 350 written a second time, for texts that `encode` never makes. */
function checksummed(values) {
  const hrp = [..."oneid"].map((letter) => letter.charCodeAt(0));
  const prefix = [...hrp.map((code) => code >> 5), 0, ...hrp.map((code) => code % 32)];
  const generators = ["3b6a57b2", "26508e6d", "1ea119fa", "3d4233dd", "2a1462b3"].map((hex) => BigInt(`0x${hex}`));
  let rest = 1n;
  for (const value of [...prefix, ...values, 0, 0, 0, 0, 0, 0]) {
    const top = rest / 33554432n;
    rest = ((rest % 33554432n) * 32n) ^ BigInt(value);
    generators.forEach((generator, bit) => {
      if ((top >> BigInt(bit)) % 2n === 1n) rest ^= generator;
    });
  }
  rest ^= 0x2bc830a3n;
  const sum = [5n, 4n, 3n, 2n, 1n, 0n].map((place) => Number((rest >> (5n * place)) % 32n));
  return [...values, ...sum].map((value) => ALPHABET[value]).join("");
}

test("what is written reads back, in eight groups of four", () => {
  for (let round = 0; round < 500; round++) {
    const key = random();
    const text = encode(key);
    assert.match(text, /^(?:[0-9A-HJKMNP-TV-Z]{4}-){7}[0-9A-HJKMNP-TV-Z]{4}$/);
    assert.deepEqual(decode(text), key);
  }
});

test("the checksum is that of bech32m, by a second reading of it", () => {
  for (const bytes of [new Uint8Array(16), new Uint8Array(16).fill(255), random()]) {
    const text = plain(encode(bytes));
    assert.equal(checksummed([...text.slice(0, 26)].map((letter) => ALPHABET.indexOf(letter))), text);
  }
});

test("every single wrong character at every position is refused, and its group is named", () => {
  const text = plain(encode(random()));
  for (let position = 0; position < text.length; position++) {
    for (const letter of ALPHABET) {
      if (letter === text[position]) continue;
      const error = reasonOf(changed(text, position, letter));
      assert.equal(error?.reason, "checksum");
      assert.equal(error.group, Math.floor(position / 4) + 1);
    }
  }
});

test("two, three and four wrong characters are refused", () => {
  for (let round = 0; round < 3000; round++) {
    let text = plain(encode(random()));
    const places = new Set();
    while (places.size < 2 + (round % 3)) places.add(Math.floor(Math.random() * 32));
    for (const place of places) {
      const others = ALPHABET.replace(text[place], "");
      text = changed(text, place, others[Math.floor(Math.random() * 31)]);
    }
    assert.equal(reasonOf(text)?.reason, "checksum", text);
  }
});

test("two characters that changed places are refused", () => {
  const text = plain(encode(random()));
  for (let place = 0; place < 31; place++) {
    const [one, other] = [text[place], text[place + 1]];
    if (one === other) continue;
    assert.equal(reasonOf(text.slice(0, place) + other + one + text.slice(place + 2))?.reason, "checksum");
  }
});

test("reading forgives case, spaces, hyphens, line ends, and I L O for 1 1 0", () => {
  for (let round = 0; round < 200; round++) {
    const key = random();
    const text = encode(key);
    for (const written of [
      text.toLowerCase(), plain(text), ` ${text.replaceAll("-", " ")}\n`, text.replaceAll("-", "\u2013"),
      text.replaceAll("1", "I").replaceAll("0", "O"), text.replaceAll("1", "l").replaceAll("0", "o"),
      [...text].join("\u00a0"), `\u200b${text}\ufeff`,
    ]) {
      assert.deepEqual(decode(written), key, JSON.stringify(written));
    }
  }
});

test("a wrong length says how many characters were seen", () => {
  const text = encode(random());
  assert.equal(reasonOf(text.slice(0, -1))?.seen, 31);
  assert.equal(reasonOf(`${text}0`)?.seen, 33);
  assert.equal(reasonOf(text + text)?.reason, "length");
  for (const nothing of ["", "  ", "--\n"]) assert.equal(reasonOf(nothing)?.reason, "empty");
});

test("a character that no key has is named by its group", () => {
  const text = plain(encode(random()));
  for (const foreign of ["U", "u", "é", "!", "٣", "🗝"]) {
    const error = reasonOf(changed(text, 9, foreign));
    assert.equal(error?.reason, "letter", foreign);
    assert.equal(error.group, 3);
  }
});

test("a second spelling of a key, by its unused last bits, is refused", () => {
  const values = [...plain(encode(random())).slice(0, 26)].map((letter) => ALPHABET.indexOf(letter));
  assert.equal(reasonOf(checksummed(values)), null);
  for (const bits of [1, 2, 3]) {
    const other = [...values.slice(0, 25), values[25] + bits];
    assert.equal(reasonOf(checksummed(other))?.reason, "checksum");
  }
});

test("a key of another length is not written", () => {
  for (const length of [0, 15, 17, 32]) assert.throws(() => encode(new Uint8Array(length)), RangeError);
});

test("groups are those of four, whatever the hyphens", () => {
  assert.deepEqual(groups("ABCD-EFGH"), ["ABCD", "EFGH"]);
  assert.deepEqual(groups("abcdefgh"), ["ABCD", "EFGH"]);
});
