// The frame and the phone: what goes through it, what the frame signs of it, and what the page may take back.
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { Signing } from "../../static/frame/signing.js";
import { ConfirmingRepo, until } from "./confirming_repo.mjs";
import { holding, makeBundle } from "./framed.mjs";
import { verifies } from "./signatures.mjs";
import { SITE } from "./windows.mjs";

let repo;
beforeEach(() => {
  repo = new ConfirmingRepo().install();
});

const WORDS = { nonce: null, level: "ON", message: "Pay", title: "Shop", silent: false };
const waits = () => until(() => repo.paths().includes("poll"));
/** A call of the page, and what the frame told of it meanwhile. */
function asking(signing, name, args, call = 7) {
  const told = [];
  return { told, value: signing.call(name, args, { call, progress: (number) => told.push(number) }) };
}

test("words are confirmed: the phone is asked for them, and the frame signs the nonce alone", async () => {
  const { bundle, sessionPublic } = await makeBundle();
  const { signing, holder } = await holding(bundle);
  repo.number = "42";
  const { told, value } = asking(signing, "confirm", WORDS);
  await waits();
  assert.deepEqual(told, ["42"]);
  const [{ path, body, headers }] = repo.asked;
  assert.equal(path, "/repo/confirmations");
  assert.deepEqual({ ...body, nonce: "" }, {
    uid: "U", origin: SITE, nonce: "", kind: "confirm", level: "OOB", title: "Shop", message: "Pay", shows_number: true,
  });
  assert.ok(verifies(headers.Proof, sessionPublic));
  repo.decide("approved");
  const { nonces, ...rest } = await value;
  assert.deepEqual(rest, { confirm: true, uid: "U", two_factor_token: "T" });
  assert.ok(verifies(nonces.ad.nonce, bundle.adPublic));
  assert.deepEqual(JSON.parse(atob(nonces.ad.nonce.split(".")[1])), { nonce: body.nonce });
  assert.equal((await holder.state()).phone, true);
});

test("a silent confirmation shows no number, unless one has to be typed", async () => {
  const { signing } = await holding((await makeBundle()).bundle);
  repo.number = "42";
  const { told, value } = asking(signing, "confirm", { ...WORDS, silent: true });
  await waits();
  repo.decide("rejected");
  assert.deepEqual(await value, { confirm: false, uid: "U" });
  assert.deepEqual(told, [null]);
  repo.instead["/repo/confirmations"] = ["number_required"];
  const again = asking(signing, "confirm", { ...WORDS, silent: true });
  await until(() => again.told.length);
  assert.deepEqual(again.told, ["42"]);
  repo.decide("approved");
  assert.equal((await again.value).confirm, true);
});

test("levels: a sign-in that wants the phone, or its PIN, goes through it; a plain one does not", async () => {
  const { signing } = await holding((await makeBundle()).bundle);
  assert.deepEqual(Object.keys((await signing.call("signin", { nonce: null, level: "ON" })).nonces), ["ad", "repo"]);
  for (const level of ["OOB", "OOBPIN"]) {
    repo = new ConfirmingRepo().install();
    const { value } = asking(signing, "signin", { nonce: null, level });
    await waits();
    const { kind, title, message, level: asked } = repo.made;
    assert.deepEqual([kind, title, message, asked], ["signin", "", "", level]);
    repo.decide("approved");
    const { uid, nonces, two_factor_token: token, ...more } = await value;
    assert.deepEqual([uid, token, Object.keys(nonces), more], ["U", "T", ["ad", "repo", "cd"], {}]);
  }
  for (const level of ["on", "", null, 1, "OOB "]) {
    await assert.rejects(signing.call("signin", { level }), { code: "not_supported" }, String(level));
  }
});

test("where the account wants its phone at every sign-in, a plain one goes through it by itself", async () => {
  const { signing, holder } = await holding((await makeBundle()).bundle);
  repo.instead["/repo/cosign"] = ["phone_required"];
  const { value, told } = asking(signing, "signin", {});
  await waits();
  assert.deepEqual([repo.made.kind, repo.made.level, told], ["signin", "OOB", [null]]);
  repo.decide("approved");
  assert.ok((await value).nonces.cd);
  assert.equal((await holder.state()).phone, true);
});

test("the page takes back its own call and no other; a call that is over can not be", async () => {
  const { signing } = await holding((await makeBundle()).bundle);
  const { value } = asking(signing, "confirm", WORDS, 3);
  await waits();
  assert.equal(await signing.call("cancel", { call: 4 }), false);
  assert.equal(await signing.call("cancel", {}), false);
  assert.equal(await signing.call("cancel", { call: 3 }), true);
  assert.equal(await value, null);
  assert.equal(repo.made.state, "cancelled");
  assert.equal(await signing.call("cancel", { call: 3 }), false);
});

test("no phone is told, and the state says so", async () => {
  const { bundle } = await makeBundle();
  const { signing, holder } = await holding({ ...bundle, phone: true });
  assert.equal((await holder.state()).phone, true);
  let told = 0;
  holder.onchange = async () => void (told += 1);
  repo.instead["/repo/confirmations"] = ["no_phone"];
  await assert.rejects(signing.call("confirm", WORDS), { code: "no_phone" });
  assert.deepEqual([(await holder.state()).phone, told], [false, 1]);
});

test("keys for one sign-in give one payload; a no, or taking it back, gives none", async () => {
  const { signing } = await holding((await makeBundle({ silent: false })).bundle);
  const refused = asking(signing, "confirm", WORDS);
  await assert.rejects(signing.call("confirm", WORDS), { code: "interaction_required" }); // the first is under way
  await waits();
  repo.decide("rejected");
  await refused.value;
  const back = asking(signing, "confirm", WORDS);
  await until(() => repo.made.state === "pending");
  await signing.call("cancel", { call: 7 });
  await back.value;
  const approved = asking(signing, "confirm", WORDS);
  await until(() => repo.made.state === "pending");
  repo.decide("approved");
  await approved.value;
  await assert.rejects(signing.call("signin", {}), { code: "interaction_required" });
});

test("words that are none, and nonces that are none, reach nobody", async () => {
  const { signing } = await holding((await makeBundle()).bundle);
  for (const wrong of [{ message: 1 }, { title: null }, { message: undefined }]) {
    await assert.rejects(signing.call("confirm", { ...WORDS, ...wrong }), { code: "malformed_words" });
  }
  for (const nonce of ["pay 100", 1, {}]) {
    await assert.rejects(signing.call("confirm", { ...WORDS, nonce }), { code: "malformed_nonce" });
  }
  assert.deepEqual(repo.asked, []);
});

test("keys that the repo no longer honours are forgotten here as at a sign-in", async () => {
  for (const code of ["signer_revoked", "device_locked", "interaction_required", "origin_refused"]) {
    const { holder, signing, records } = await holding((await makeBundle()).bundle);
    repo.instead["/repo/confirmations"] = [code];
    await assert.rejects(signing.call("confirm", WORDS), { code: "interaction_required" });
    assert.equal(records.kept.size, 0);
    assert.equal((await holder.state()).enabled, false);
  }
});

test("what the repo says of the phone is kept, for this bundle and no newer one", async () => {
  const { bundle } = await makeBundle();
  const { signing, records, holder } = await holding(bundle);
  await signing.call("signin", {});
  assert.equal((await holder.state()).phone, true);
  assert.equal((await new Signing(holder, SITE).call("signin", {})).uid, "U");
  const newer = (await makeBundle()).bundle;
  await records.put("bundles", SITE, newer);
  await holder.know(bundle, false);
  assert.equal((await holder.bundle()).session, newer.session);
  assert.equal((await holder.bundle()).phone, undefined);
});
