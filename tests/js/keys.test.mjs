import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";

import { fromBase64url, toBase64url, utf8 } from "../../static/shared/encoding.js";
import * as keys from "../../static/shared/keys.js";
import { verifies } from "./signatures.mjs";

test("a signing key can't leave the browser unless it was made to", async () => {
  const kept = await keys.makeSigningKey();
  assert.equal(kept.privateKey.extractable, false);
  await assert.rejects(crypto.subtle.exportKey("pkcs8", kept.privateKey));
  const travelling = await keys.makeSigningKey({ extractable: true });
  assert.equal(travelling.privateKey.extractable, true);
});

test("a public key is written as X||Y", async () => {
  const { publicKey } = await keys.makeSigningKey();
  const { x, y } = await crypto.subtle.exportKey("jwk", publicKey);
  const text = await keys.publicText(publicKey);
  assert.equal(text.length, 86);
  assert.equal(text, toBase64url(Buffer.concat([fromBase64url(x), fromBase64url(y)])));
});

test("a thumbprint is that of RFC 7638", async () => {
  // The P-256 key of RFC 7517, appendix A.1; its thumbprint by the recipe of RFC 7638, section 3, spelled out.
  const x = "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4"; // pragma: allowlist secret
  const y = "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"; // pragma: allowlist secret
  const text = toBase64url(Buffer.concat([fromBase64url(x), fromBase64url(y)]));
  const canonical = `{"crv":"P-256","kty":"EC","x":"${x}","y":"${y}"}`;
  const expected = createHash("sha256").update(canonical).digest("base64url");
  assert.equal(expected, "cn-I_WNMClehiVp51i_0VpOENW1upEerA8sEam5hn-s"); // pragma: allowlist secret
  assert.equal(await keys.thumbprint(text), expected);
});

test("a JWS has exactly the header of a nonce or of a proof, and verifies elsewhere", async () => {
  const { privateKey, publicKey } = await keys.makeSigningKey();
  const text = await keys.publicText(publicKey);
  const plain = await keys.signJws({ nonce: "N" }, privateKey);
  assert.equal(Buffer.from(plain.split(".")[0], "base64url").toString(), '{"alg":"ES256"}');
  assert.equal(Buffer.from(plain.split(".")[1], "base64url").toString(), '{"nonce":"N"}');
  assert.equal(fromBase64url(plain.split(".")[2]).length, 64);
  assert.ok(verifies(plain, text));
  const proof = await keys.signJws({ a: "ü" }, privateKey, "proof+jwt");
  assert.equal(Buffer.from(proof.split(".")[0], "base64url").toString(), '{"typ":"proof+jwt","alg":"ES256"}');
  assert.ok(verifies(proof, text));
  const other = await keys.publicText((await keys.makeSigningKey()).publicKey);
  assert.equal(verifies(plain, other), false);
});

test("a key that travelled signs as before and can't leave again", async () => {
  const { privateKey, publicKey } = await keys.makeSigningKey({ extractable: true });
  const text = await keys.publicText(publicKey);
  const imported = await keys.importAdKey(await keys.exportAdKey(privateKey));
  const fromJwk = await keys.importPrivateJwk(await crypto.subtle.exportKey("jwk", privateKey));
  for (const key of [imported, fromJwk]) {
    assert.equal(key.extractable, false);
    assert.ok(verifies(await keys.signJws({ nonce: "N" }, key), text));
  }
});

test("a SHA-256 is told in base64url", async () => {
  assert.equal(await keys.sha256(utf8("")), "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU"); // pragma: allowlist secret
});
