/** A frame that holds keys, and a repo that answers it what it is told to. */

import assert from "node:assert/strict";

import { Holder } from "../../static/frame/holder.js";
import { Signing } from "../../static/frame/signing.js";
import { learn } from "../../static/shared/clock.js";
import { randomBytes } from "../../static/shared/encoding.js";
import { makeSigningKey, publicText, thumbprint } from "../../static/shared/keys.js";
import { releaseKey } from "../../static/shared/releases.js";
import { Records } from "./records.mjs";
import { SERVICE, SITE } from "./windows.mjs";

/** What it was asked, and what it answers next; then it co-signs. */
export const repo = { asked: [], answers: [] };

export function setUp() {
  repo.asked = [];
  repo.answers = [];
  learn(new Date().toUTCString());
  globalThis.location = { origin: SERVICE };
  globalThis.fetch = async (url, { body, headers }) => {
    const path = new URL(url).pathname;
    repo.asked.push({ path, body: JSON.parse(Buffer.from(body).toString()), proof: headers.Proof });
    const signed = { errorcode: 0, signed: { uid: "U", key: "RK", nonce: "RN", two_factor_token: "T", phone: false } };
    const { ahead = 0, ...answer } = repo.answers.shift() ?? signed;
    const time = { Date: new Date(Date.now() + ahead).toUTCString() };
    return new Response(JSON.stringify(answer), { status: answer.code ? 403 : 200, headers: time });
  };
}

export const refusal = (code) => ({ errorcode: -64, error: "no", code });

export async function makeBundle({ silent = true, signs = true, uid = "U", secret = randomBytes(32) } = {}) {
  const ad = await makeSigningKey();
  const session = await makeSigningKey();
  const sessionPublic = await publicText(session.publicKey);
  const kid = await thumbprint(sessionPublic);
  const keys = { adKey: ad.privateKey, adPublic: await publicText(ad.publicKey), sessionKey: session.privateKey };
  const opens = await releaseKey(secret, uid);
  return { bundle: { uid, session: kid, silent, signs, ...keys, releaseKey: opens }, sessionPublic };
}

export async function holding(bundle, records = new Records(), origin = SITE) {
  const holder = new Holder(origin, records);
  const { id } = await holder.state();
  assert.equal(await holder.accept({ id, origin, bundle }), true);
  return { holder, records, signing: new Signing(holder, origin) };
}
