import { createPublicKey, verify } from "node:crypto";

/** Node's own crypto judges what WebCrypto signed. */
export function verifies(jws, text) {
  const point = Buffer.from(text, "base64url");
  const [x, y] = [point.subarray(0, 32), point.subarray(32)].map((half) => half.toString("base64url"));
  const key = createPublicKey({ key: { kty: "EC", crv: "P-256", x, y }, format: "jwk" });
  const [header, claims, signature] = jws.split(".");
  return verify("sha256", Buffer.from(`${header}.${claims}`), { key, dsaEncoding: "ieee-p1363" },
    Buffer.from(signature, "base64url"));
}
