import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { Holder } from "../../static/frame/holder.js";
import { Signing } from "../../static/frame/signing.js";
import { holding, makeBundle, refusal, repo, setUp } from "./framed.mjs";
import { Records } from "./records.mjs";
import { verifies } from "./signatures.mjs";
import { SITE } from "./windows.mjs";

beforeEach(setUp);

const NOBODY = { enabled: false, signedIn: false, silent: false, storage: false, id: null, phone: false };
const claimsOf = (jws) => JSON.parse(Buffer.from(jws.split(".")[1], "base64url").toString());

test("a frame without keys says so, and that it can store", async () => {
  const state = await new Holder(SITE, new Records()).state();
  assert.match(state.id, /^[A-Za-z0-9_-]{22}$/);
  assert.deepEqual({ ...state, id: 0 }, { ...NOBODY, storage: true, id: 0 });
});

test("a frame without storage takes nothing and gives no id", async () => {
  const holder = new Holder(SITE, null);
  const { bundle } = await makeBundle();
  assert.deepEqual(await holder.state(), NOBODY);
  assert.equal(await holder.accept({ id: null, origin: SITE, bundle }), false);
});

test("a bundle needs the current one-time id and the pinned origin, and an id is good once", async () => {
  const { bundle } = await makeBundle();
  const records = new Records();
  const holder = new Holder(SITE, records);
  const { id } = await holder.state();
  assert.equal(await holder.accept({ id: "guess", origin: SITE, bundle }), false);
  assert.equal(await holder.accept({ id, origin: "https://other.example", bundle }), false);
  assert.equal(records.kept.size, 0);
  const both = await Promise.all([1, 2].map(() => holder.accept({ id, origin: SITE, bundle })));
  assert.deepEqual(both, [true, false]);
  const next = await holder.state();
  assert.notEqual(next.id, id);
  const held = { enabled: true, signedIn: true, silent: true, storage: true };
  assert.deepEqual({ ...next, id: 0 }, { ...NOBODY, ...held, id: 0 });
});

test("another site's frame does not see the keys, even where both share one storage", async () => {
  const records = new Records();
  await holding((await makeBundle()).bundle, records);
  const other = new Holder("https://other.example", records);
  assert.equal(await other.bundle(), null);
  const signing = new Signing(other, "https://other.example");
  await assert.rejects(signing.call("signin", {}), { code: "interaction_required" });
  assert.deepEqual(repo.asked, []);
});

test("it signs in: its own signature is made here, the repo is asked for its own only", async () => {
  const { bundle, sessionPublic } = await makeBundle();
  const { signing } = await holding(bundle);
  const { uid, nonces, two_factor_token: token } = await signing.call("signin", { nonce: null });
  const [{ path, body, proof }] = repo.asked;
  assert.equal(path, "/repo/cosign");
  assert.deepEqual(Object.keys(body), ["uid", "origin", "nonce"]);
  assert.equal(body.origin, SITE);
  assert.ok(verifies(proof, sessionPublic));
  assert.deepEqual([uid, token, Object.keys(nonces)], ["U", "T", ["ad", "repo"]]);
  assert.deepEqual(nonces.repo, { nonce: "RN", key: "RK" });
  assert.equal(nonces.ad.key, bundle.adPublic);
  assert.ok(verifies(nonces.ad.nonce, bundle.adPublic));
  assert.deepEqual(claimsOf(nonces.ad.nonce), { nonce: body.nonce });
  assert.ok(!JSON.stringify(repo.asked).includes(nonces.ad.nonce));
});

test("the site's nonce is signed by both as it is", async () => {
  const { signing } = await holding((await makeBundle()).bundle);
  const nonce = "0012026-01-02T03:04:05Zabcdef";
  const { nonces } = await signing.call("signin", { nonce });
  assert.equal(repo.asked[0].body.nonce, nonce);
  assert.deepEqual(claimsOf(nonces.ad.nonce), { nonce });
});

test("the key signs nothing but nonces", async () => {
  const { signing } = await holding((await makeBundle()).bundle);
  for (const nonce of ["pay 100", "", 1, {}, "0012026-01-02T03:04:05Zabcdef ", ["0012026-01-02T03:04:05Zabcdef"]]) {
    await assert.rejects(signing.call("signin", { nonce }), { code: "malformed_nonce" });
  }
  assert.deepEqual(repo.asked, []);
});

test("a wrong device clock is corrected, and the nonce of both signatures is the new one", async () => {
  const { signing } = await holding((await makeBundle()).bundle);
  repo.answers = [{ ...refusal("nonce_expired"), ahead: 5 * 3_600_000 }];
  const { nonces } = await signing.call("signin", { nonce: null });
  assert.equal(repo.asked.length, 2);
  const [former, later] = repo.asked.map(({ body }) => body.nonce);
  const hours = (Date.parse(later.slice(3, 23)) - Date.parse(former.slice(3, 23))) / 3_600_000;
  assert.ok(Math.abs(hours - 5) < 0.01);
  assert.deepEqual(claimsOf(nonces.ad.nonce), { nonce: later });
});

test("a stale nonce of the site's is the site's mistake, and costs no keys", async () => {
  const { holder, signing } = await holding((await makeBundle()).bundle);
  repo.answers = [refusal("nonce_expired")];
  await assert.rejects(signing.call("signin", { nonce: "0012013-05-07T19:22:26Z3o3hKE" }), { code: "nonce_expired" });
  assert.equal(repo.asked.length, 1);
  assert.ok(await holder.bundle());
});

test("keys that the repo no longer honours are forgotten, and the state says so", async () => {
  const dead = ["signer_refused", "signer_revoked", "device_locked", "interaction_required", "identity_refused",
    "origin_refused"];
  for (const code of dead) {
    const { holder, records, signing } = await holding((await makeBundle()).bundle);
    let told = 0;
    holder.onchange = () => (told += 1);
    repo.answers = [refusal(code)];
    await assert.rejects(signing.call("signin", {}), { code: "interaction_required" });
    assert.equal(records.kept.size, 0, code);
    assert.equal(told, 1);
    assert.equal((await holder.state()).signedIn, false);
  }
});

test("every other failure keeps the keys and says why", async () => {
  for (const code of ["too_many_requests", "unavailable", "malformed_member", "replayed_proof"]) {
    const { records, signing } = await holding((await makeBundle()).bundle);
    repo.answers = [refusal(code)];
    await assert.rejects(signing.call("signin", {}), { code });
    assert.equal(records.kept.size, 1);
  }
});

test("keys for one sign-in are in memory only, and good for one", async () => {
  const { bundle } = await makeBundle({ silent: false });
  const { holder, records, signing } = await holding(bundle);
  assert.equal(records.kept.size, 0);
  const { enabled, signedIn, silent } = await holder.state();
  assert.deepEqual({ enabled, signedIn, silent }, { enabled: true, signedIn: true, silent: false });
  await signing.call("signin", {});
  await assert.rejects(signing.call("signin", {}), { code: "interaction_required" });
  assert.equal(repo.asked.length, 1);
  assert.equal(await signing.call("signout", {}), true);
});

test("one consent gives one payload, however many ask for it at once", async () => {
  const { signing } = await holding((await makeBundle({ silent: false })).bundle);
  const ended = await Promise.allSettled([1, 2, 3, 4, 5].map(() => signing.call("signin", {})));
  const codes = ended.map(({ reason }) => reason?.code);
  assert.deepEqual(codes, [undefined, ...Array(4).fill("interaction_required")]);
  assert.equal(repo.asked.length, 1);
});

test("a try that fails late does not open up keys that came meanwhile and were used", async () => {
  const { holder, signing } = await holding((await makeBundle({ silent: false })).bundle);
  repo.answers = [refusal("unavailable")];
  const { bundle } = await makeBundle({ silent: false });
  const failing = assert.rejects(signing.call("signin", {}), { code: "unavailable" });
  await holder.bundle();
  await holder.accept({ id: (await holder.state()).id, origin: SITE, bundle });
  holder.use(bundle);
  await failing;
  assert.equal(holder.spent, true);
});

test("storage that fails while dead keys are forgotten hides no answer", async () => {
  const { holder, records, signing } = await holding((await makeBundle()).bundle);
  repo.answers = [refusal("signer_revoked")];
  const signingIn = signing.call("signin", {});
  await holder.bundle();
  records.broken = true;
  await assert.rejects(signingIn, { code: "interaction_required" });
  assert.equal((await holder.state()).signedIn, false);
});

test("a lost connection does not use up keys for one sign-in", async () => {
  const { signing } = await holding((await makeBundle({ silent: false })).bundle);
  repo.answers = [refusal("unavailable")];
  await assert.rejects(signing.call("signin", {}), { code: "unavailable" });
  assert.equal((await signing.call("signin", {})).uid, "U");
});

test("the person's latest word counts: keys for one sign-in replace kept ones, and the other way round", async () => {
  const { holder, records } = await holding((await makeBundle()).bundle);
  const once = (await makeBundle({ silent: false })).bundle;
  await holder.accept({ id: (await holder.state()).id, origin: SITE, bundle: once });
  assert.equal(records.kept.size, 0);
  assert.equal(await holder.bundle(), once);
  const kept = (await makeBundle()).bundle;
  await holder.accept({ id: (await holder.state()).id, origin: SITE, bundle: kept });
  assert.equal(await holder.bundle(), kept);
});

test("two tabs: what one signs out or renews, the other sees before its next use", async () => {
  const { holder, records, signing } = await holding((await makeBundle()).bundle);
  const elsewhere = new Holder(SITE, records);
  assert.equal((await elsewhere.state()).signedIn, true);
  await signing.call("signout", {});
  assert.equal((await elsewhere.state()).signedIn, false);
  const { bundle } = await makeBundle({ uid: "U2" });
  await elsewhere.accept({ id: (await elsewhere.state()).id, origin: SITE, bundle });
  assert.equal((await holder.bundle()).uid, "U2");
});

test("a refusal of old keys does not throw away newer ones of another tab", async () => {
  const { bundle } = await makeBundle();
  const { records, holder } = await holding(bundle);
  const elsewhere = new Holder(SITE, records);
  const newer = (await makeBundle()).bundle;
  await elsewhere.accept({ id: (await elsewhere.state()).id, origin: SITE, bundle: newer });
  await holder.forget(bundle);
  assert.equal(await holder.bundle(), newer);
});

test("storage that fails on writing counts as none, so that the popup signs itself", async () => {
  const records = new Records();
  const holder = new Holder(SITE, records);
  const { id } = await holder.state();
  records.broken = true;
  assert.equal(await holder.accept({ id, origin: SITE, bundle: (await makeBundle()).bundle }), false);
  assert.equal((await holder.state()).storage, false);
});
