import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { beforeEach, test } from "node:test";

import { learn, now } from "../../static/shared/clock.js";
import { makeSigningKey, publicText, thumbprint } from "../../static/shared/keys.js";
import { RepoError, about, call } from "../../static/shared/repo.js";
import { verifies } from "./signatures.mjs";

const ORIGIN = "https://id.example";
const HOUR = 3_600_000;

/** The service, as far as a request can see it: it answers what it is told to and keeps what it got. */
let asked, answers, serverAhead;

beforeEach(() => {
  asked = [];
  answers = [];
  serverAhead = 0;
  learn(new Date().toUTCString());
  globalThis.location = { origin: ORIGIN };
  globalThis.fetch = async (url, request) => {
    asked.push({ url, ...request, text: request.body && Buffer.from(request.body).toString() });
    const answer = answers.shift() ?? { errorcode: 0 };
    if (answer instanceof Error) throw answer;
    const { status = 200, text = JSON.stringify(answer) } = answer;
    return new Response(text, { status, headers: { Date: new Date(Date.now() + serverAhead).toUTCString() } });
  };
});

async function makeSigner() {
  const { privateKey, publicKey } = await makeSigningKey();
  const text = await publicText(publicKey);
  return { key: privateKey, kid: await thumbprint(text), text };
}

test("a line that is dead without a word is a lost connection after thirty seconds", async (context) => {
  const waits = [];
  const controller = new AbortController();
  context.mock.method(AbortSignal, "timeout", (ms) => (waits.push(ms), controller.signal));
  globalThis.fetch = (_, { signal }) => new Promise((_, reject) => {
    signal?.addEventListener("abort", () => reject(signal.reason));
  });
  const asking = about();
  controller.abort(new DOMException("too late", "TimeoutError"));
  await assert.rejects(asking, { code: "network" });
  assert.deepEqual(waits, [30_000]);
});

const claimsOf = ({ headers }) => JSON.parse(Buffer.from(headers.Proof.split(".")[1], "base64url").toString());
const refusal = (code, status = 403) => ({ errorcode: -62, error: "no", code, status });

test("a request carries a proof over its method, address, time, body and a unique id", async () => {
  const signer = await makeSigner();
  answers = [{ errorcode: 0, devices: [] }, { errorcode: 0 }];
  assert.deepEqual((await call("/repo/devices/list", { a: "ü" }, signer)).devices, []);
  await call("/repo/devices/list", { a: "ü" }, signer);
  const [first, second] = asked;
  assert.equal(first.url, "https://id.example/repo/devices/list");
  assert.equal(first.method, "POST");
  assert.equal(first.credentials, "omit");
  assert.equal(first.headers["Content-Type"], "application/json");
  assert.equal(first.text, '{"a":"ü"}');
  assert.ok(verifies(first.headers.Proof, signer.text));
  const header = Buffer.from(first.headers.Proof.split(".")[0], "base64url").toString();
  assert.equal(header, '{"typ":"proof+jwt","alg":"ES256"}');
  const { iat, jti, ...rest } = claimsOf(first);
  const bh = createHash("sha256").update('{"a":"ü"}').digest("base64url");
  assert.deepEqual(rest, { htm: "POST", htu: "https://id.example/repo/devices/list", bh, kid: signer.kid });
  assert.ok(Number.isInteger(iat) && Math.abs(iat - Date.now() / 1000) < 5);
  assert.match(jti, /^[A-Za-z0-9_-]{22,64}$/);
  assert.notEqual(jti, claimsOf(second).jti);
});

test("a door that asks for no proof gets none", async () => {
  await call("/repo/recovery/open", { locator: "x" }, null);
  assert.equal("Proof" in asked[0].headers, false);
});

test("a wrong clock is corrected and the request repeated once, with a fresh proof over the same body", async () => {
  serverAhead = 5 * HOUR;
  answers = [refusal("proof_not_fresh"), { errorcode: 0, fine: 1 }];
  assert.equal((await call("/repo/sessions", { b: 1 }, await makeSigner())).fine, 1);
  assert.equal(asked.length, 2);
  const [former, later] = asked.map(claimsOf);
  assert.ok(Math.abs(later.iat - former.iat - 5 * 3600) < 5);
  assert.notEqual(former.jti, later.jti);
  assert.equal(asked[0].text, asked[1].text);
  assert.ok(Math.abs(now() - Date.now() - 5 * HOUR) < 3000);
});

test("it is repeated once and not more", async () => {
  answers = [refusal("proof_not_fresh"), refusal("proof_not_fresh"), { errorcode: 0 }];
  await assert.rejects(call("/repo/sessions", {}, await makeSigner()), { code: "proof_not_fresh" });
  assert.equal(asked.length, 2);
});

test("a nonce of our own making is made anew for the repetition; one of the site's is not repeated", async () => {
  const signer = await makeSigner();
  for (const code of ["nonce_expired", "nonce_from_the_future", "proof_not_fresh"]) {
    asked = [];
    answers = [refusal(code, 200), { errorcode: 0 }];
    let made = 0;
    await call("/repo/cosign", async () => ({ nonce: ++made }), signer);
    assert.deepEqual(asked.map(({ text }) => text), ['{"nonce":1}', '{"nonce":2}']);
  }
  for (const code of ["nonce_expired", "nonce_from_the_future"]) {
    asked = [];
    serverAhead = -3 * HOUR;
    answers = [refusal(code, 200)];
    await assert.rejects(call("/repo/cosign", { nonce: "the site's" }, signer), { code });
    assert.equal(asked.length, 1);
    assert.ok(Math.abs(now() - Date.now() + 3 * HOUR) < 3000, "the clock is learned all the same");
  }
});

test("nothing else is ever repeated", async () => {
  const signer = await makeSigner();
  for (const answer of [refusal("signer_revoked"), refusal("too_many_requests", 429), refusal("unavailable", 503),
    new TypeError("lost"), { text: "<h1>Bad gateway</h1>", status: 502 }]) {
    asked = [];
    answers = [answer, { errorcode: 0 }];
    await assert.rejects(call("/repo/sessions", () => ({}), signer), RepoError);
    assert.equal(asked.length, 1);
  }
});

test("every failure has a code", async () => {
  const cases = [
    [new TypeError("lost"), "network"],
    [{ text: "<h1>Bad gateway</h1>", status: 502 }, "unreadable_answer"],
    [{ text: "", status: 200 }, "unreadable_answer"],
    [{ text: "null" }, "unreadable_answer"],
    [{ text: '{"detail":"Unauthorized"}' }, "unreadable_answer"],
    [{ text: '{"errorcode":"0"}' }, "unreadable_answer"],
    [{ text: '{"errorcode":0}', status: 500 }, "unreadable_answer"],
    [refusal("optout_refused"), "optout_refused"],
  ];
  for (const [answer, code] of cases) {
    answers = [answer];
    await assert.rejects(call("/repo/optout", {}, null), { name: "RepoError", code });
  }
});

test("about asks without a proof and sets the clock", async () => {
  serverAhead = 7 * HOUR;
  answers = [{ errorcode: 0, about: { origin: ORIGIN } }];
  assert.equal((await about()).about.origin, ORIGIN);
  assert.equal(asked[0].method, "GET");
  assert.ok(Math.abs(now() - Date.now() - 7 * HOUR) < 3000);
});

test("a missing or senseless date changes nothing, and the age of a header is no wrong clock", () => {
  learn(new Date(Date.now() + HOUR).toUTCString());
  const before = now() - Date.now();
  learn(null);
  learn("yesterday");
  learn(new Date(now() - 1500).toISOString());
  assert.ok(Math.abs(now() - Date.now() - before) < 100);
});
