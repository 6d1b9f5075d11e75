// Express and SimpleWebAuthn, as their documentation shows them: one sign-in by a passkey, over HTTP.
//
// The database comes filled: sites with the digests of their keys, credentials, and one challenge that each was given.
import { createHash, timingSafeEqual } from "node:crypto";

import { verifyAuthenticationResponse } from "@simplewebauthn/server";
import Database from "better-sqlite3";
import express from "express";

const RP_ID = "shop.example";
const ORIGIN = "https://shop.example";

const database = new Database(process.env.PEER_DATABASE, { fileMustExist: true, timeout: 4000 });
database.pragma("synchronous = FULL");
const site = database.prepare("SELECT key_digest FROM sites WHERE api_id = ?");
const given = database.prepare(
  "SELECT public_key, sign_count, challenge FROM credentials JOIN challenges USING (id) WHERE id = ?",
);
const spend = database.prepare("DELETE FROM challenges WHERE challenge = ?");

function authenticated(header = "") {
  const [id, key = ""] = Buffer.from(header.replace(/^Basic /, ""), "base64").toString().split(":");
  const row = site.get(id);
  const digest = createHash("sha256").update(key).digest();
  return timingSafeEqual(row ? row.key_digest : Buffer.alloc(32), digest) && row !== undefined;
}

const app = express();
app.use(express.json());

app.post("/verify", async (request, response) => {
  if (!authenticated(request.get("authorization"))) {
    return response.status(401).json({ errorcode: 1, error: "unknown site or wrong key" });
  }
  const row = given.get(request.body.id);
  if (!row) {
    return response.status(400).json({ errorcode: 1, error: "unknown credential, or no challenge" });
  }
  let verified = false;
  try {
    ({ verified } = await verifyAuthenticationResponse({
      response: request.body,
      expectedChallenge: row.challenge,
      expectedOrigin: ORIGIN,
      expectedRPID: RP_ID,
      credential: { id: request.body.id, publicKey: new Uint8Array(row.public_key), counter: row.sign_count },
      requireUserVerification: true,
    }));
  } catch {
    // what can not be parsed is not verified
  }
  if (!verified) {
    return response.status(400).json({ errorcode: 1, error: "not verified" });
  }
  if (spend.run(row.challenge).changes !== 1) {
    return response.status(400).json({ errorcode: 1, error: "spent before" });
  }
  return response.json({ errorcode: 0 });
});

app.listen(Number(process.env.PORT), "127.0.0.1");
