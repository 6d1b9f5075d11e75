import assert from "node:assert/strict";
import { test } from "node:test";

import { fromBase64url, randomBytes, randomLetters, toBase64url, utf8 } from "../../static/shared/encoding.js";
import { isNonce, makeNonce } from "../../static/shared/nonces.js";

test("base64url is what Node says it is, at every length", () => {
  for (let length = 0; length < 70; length += 1) {
    const bytes = randomBytes(length);
    const text = toBase64url(bytes);
    assert.equal(text, Buffer.from(bytes).toString("base64url"));
    assert.deepEqual(fromBase64url(text), bytes);
  }
  assert.equal(toBase64url(new Uint8Array([251, 255, 190]).buffer), "-_--");
});

test("each value has one text: every other spelling is refused", () => {
  for (const text of ["QQ==", "QQ=", "Q", "+/+/", "QR", "QUJ", "QQ ", " QQ", "Q\nQ", "QQé", "QUI.", "\u0130AAA"]) {
    assert.throws(() => fromBase64url(text), SyntaxError, JSON.stringify(text));
  }
  assert.deepEqual(fromBase64url("QQ"), utf8("A"));
});

test("random letters are letters and digits, all of them, and never twice the same", () => {
  const many = randomLetters(4000);
  assert.match(many, /^[A-Za-z0-9]{4000}$/);
  assert.equal(new Set(many).size, 62);
  assert.notEqual(randomLetters(12), randomLetters(12));
});

test("a nonce is 001, the second in UTC, and twelve letters or digits", () => {
  const nonce = makeNonce(Date.UTC(2026, 0, 2, 3, 4, 5, 999));
  assert.match(nonce, /^0012026-01-02T03:04:05Z[A-Za-z0-9]{12}$/);
  assert.ok(isNonce(nonce));
  assert.notEqual(makeNonce(0), makeNonce(0));
});

test("what is no nonce is told from one", () => {
  assert.ok(isNonce("0012013-05-07T19:22:26Z3o3hKE"));
  const bad = [null, undefined, 1, {}, "", "0022013-05-07T19:22:26Z3o3hKE", "2013-05-07T19:22:26Z3o3hKE",
    "0012013-05-07T19:22:26Z3o3hK", `0012013-05-07T19:22:26Z${"a".repeat(42)}`, "0012013-05-07T19:22:26Z3o3hK\n",
    "0012013-05-07T19:22:26Z3o3hKE ", "0012013-05-07 19:22:26Z3o3hKE"];
  for (const text of bad) assert.equal(isNonce(text), false, JSON.stringify(text));
});
