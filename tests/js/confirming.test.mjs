// A confirmation from the asking side: whatever happens to the line, it ends once, and as the phone decided.
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { confirm, confirmed } from "../../static/shared/confirming.js";
import { makeSigningKey, publicText } from "../../static/shared/keys.js";
import { ConfirmingRepo, until } from "./confirming_repo.mjs";
import { verifies } from "./signatures.mjs";
import { SITE } from "./windows.mjs";

const NONCE = `001${new Date().toISOString().slice(0, 19)}Zabcdef`;
const WANTED = {
  uid: "U", origin: SITE, nonce: null, kind: "confirm", level: "OOB", title: "Shop", message: "Pay", showsNumber: true,
};
let repo, signer;

beforeEach(async () => {
  repo = new ConfirmingRepo().install();
  signer = { key: (await makeSigningKey()).privateKey, kid: "K" };
});

const ask = (changed = {}, how = {}) => confirm({ ...WANTED, ...changed }, signer, { every: 5, ...how });

test("it is asked for with exactly its members, and ends as the phone decides", async () => {
  for (const state of ["approved", "rejected", "reported"]) {
    repo.install().asked = [];
    const asking = ask({ nonce: NONCE.replace("abcdef", state) });
    await until(() => repo.paths().includes("poll"));
    const { nonce, ...rest } = repo.asked[0].body;
    assert.deepEqual(rest, {
      uid: "U", origin: SITE, kind: "confirm", level: "OOB", title: "Shop", message: "Pay", shows_number: true,
    });
    repo.decide(state);
    const outcome = await asking;
    assert.deepEqual([outcome.state, outcome.nonce, outcome.signed === null], [state, nonce, state !== "approved"]);
    assert.ok(!repo.paths().includes("confirmations/cancel"));
  }
});

test("the number is told to whoever shows it; who shows none is asked to where it has to be", async () => {
  repo.number = "42";
  const told = [];
  const asking = ask({}, { onwaiting: (number) => told.push(number) });
  await until(() => told.length);
  repo.decide("approved");
  await asking;
  repo.instead["/repo/confirmations"] = ["number_required"];
  const again = ask({ showsNumber: false, nonce: NONCE }, { onwaiting: (number) => told.push(number) });
  await until(() => told.length === 2);
  repo.decide("approved");
  await again;
  assert.deepEqual(told, ["42", "42"]);
  assert.equal(repo.asked.filter(({ path, body }) => path === "/repo/confirmations" && !body.shows_number).length, 1);
});

test("a lost answer to the asking makes no second confirmation", async () => {
  repo.losing = "/repo/confirmations";
  const asking = ask();
  await until(() => repo.paths().includes("poll"));
  repo.decide("approved");
  assert.equal((await asking).state, "approved");
  const made = repo.asked.filter(({ path }) => path === "/repo/confirmations");
  assert.equal(made.length, 2);
  assert.deepEqual(made[0].body, made[1].body);
});

test("a network that goes away in the middle is waited out", async () => {
  const asking = ask();
  await until(() => repo.paths().includes("poll"));
  repo.offline = true;
  const before = repo.asked.length;
  await until(() => repo.asked.length >= before + 2);
  repo.decide("approved");
  repo.offline = false;
  assert.equal((await asking).state, "approved");
});

test("an outcome whose answer is lost is asked for again", async () => {
  const asking = ask();
  await until(() => repo.paths().includes("confirmations/result"));
  repo.losing = "/repo/confirmations/result";
  repo.decide("approved");
  assert.equal((await asking).state, "approved");
});

test("one that nobody answers has timed out, and the phone can not answer it later", async () => {
  repo.lives = -2900;
  const outcome = await ask();
  assert.deepEqual([outcome.state, outcome.signed, outcome.cd], ["expired", null, null]);
  assert.equal(repo.made.state, "cancelled");
});

test("an approval in the last moment counts, also where the line was dead until the end", async () => {
  repo.lives = -2000;
  const asking = ask();
  await until(() => repo.made);
  repo.instead["/repo/confirmations/result"] = Array(999).fill("unavailable");
  repo.decide("approved");
  assert.equal((await asking).state, "approved");
});

test("a ticket that is not good any more ends the waiting, not the answer", async () => {
  repo.instead["/repo/poll"] = ["ticket_refused"];
  assert.equal((await ask()).state, "expired");
});

test("taken back, it is null; what the phone decided before that counts", async () => {
  const ending = new AbortController();
  const by = { signer, adKey: signer.key, adPublic: "A" };
  const asking = confirmed(WANTED, by, { every: 5, signal: ending.signal });
  await until(() => repo.paths().includes("poll"));
  ending.abort();
  assert.equal(await asking, null);
  assert.equal(repo.made.state, "cancelled");

  const late = new AbortController();
  const winning = confirmed({ ...WANTED, nonce: NONCE }, by, { every: 9999, signal: late.signal });
  await until(() => repo.made.nonce === NONCE && repo.paths().at(-1) === "confirmations/result");
  repo.made.state = "approved"; // and nobody has looked since
  late.abort();
  assert.equal((await winning).confirm, true);
});

test("taken back where nobody can be reached, it is null all the same", async () => {
  const ending = new AbortController();
  const asking = confirmed(WANTED, { signer, adKey: signer.key, adPublic: "A" }, { every: 5, signal: ending.signal });
  await until(() => repo.paths().includes("poll"));
  repo.offline = true;
  ending.abort();
  assert.equal(await asking, null);
});

test("a payload has three signatures over one nonce, and ours is over nothing else", async () => {
  const { privateKey, publicKey } = await makeSigningKey();
  const adPublic = await publicText(publicKey);
  for (const kind of ["confirm", "signin"]) {
    const asking = confirmed({ ...WANTED, kind, nonce: NONCE }, { signer, adKey: privateKey, adPublic }, { every: 5 });
    await until(() => repo.paths().includes("poll"));
    repo.decide("approved");
    const { nonces, ...rest } = await asking;
    assert.deepEqual(rest, { uid: "U", two_factor_token: "T", ...(kind === "confirm" ? { confirm: true } : {}) });
    assert.deepEqual(Object.keys(nonces), ["ad", "repo", "cd"]);
    assert.deepEqual([nonces.repo.nonce, nonces.cd.nonce], [`repo ${NONCE}`, `cd ${NONCE}`]);
    assert.ok(verifies(nonces.ad.nonce, adPublic));
    assert.deepEqual(JSON.parse(atob(nonces.ad.nonce.split(".")[1])), { nonce: NONCE });
    assert.ok(!JSON.stringify(repo.asked).includes(nonces.ad.nonce));
    repo = new ConfirmingRepo().install();
  }
});

test("no is a value for words, and an error for a sign-in; silence is an error", async () => {
  const by = { signer, adKey: signer.key, adPublic: "A" };
  for (const state of ["rejected", "reported"]) {
    for (const kind of ["confirm", "signin"]) {
      repo = new ConfirmingRepo().install();
      const asking = confirmed({ ...WANTED, kind }, by, { every: 5 });
      asking.catch(() => {});
      await until(() => repo.paths().includes("poll"));
      repo.decide(state);
      if (kind === "confirm") assert.deepEqual(await asking, { confirm: false, uid: "U" });
      else await assert.rejects(asking, { code: "confirmation_denied" });
    }
  }
  repo = new ConfirmingRepo().install();
  repo.lives = -2900;
  await assert.rejects(confirmed(WANTED, by, { every: 5 }), { code: "confirmation_timed_out" });
});

test("refusals are told as they are, and asked once", async () => {
  for (const code of ["no_phone", "malformed_words", "asker_silenced", "too_many_confirmations", "signer_revoked"]) {
    repo = new ConfirmingRepo().install();
    repo.instead["/repo/confirmations"] = [code];
    await assert.rejects(ask(), { code });
    assert.deepEqual(repo.paths(), ["confirmations"]);
  }
});

test("a stale nonce of ours is made anew; one of the site's is the site's to renew", async () => {
  repo.instead["/repo/confirmations"] = ["nonce_expired"];
  const asking = ask();
  await until(() => repo.paths().includes("poll"));
  repo.decide("approved");
  const { nonce } = await asking;
  const [first, second] = repo.asked.map(({ body }) => body.nonce);
  assert.notEqual(first, second);
  assert.equal(nonce, second);
  repo.instead["/repo/confirmations"] = ["nonce_expired"];
  await assert.rejects(ask({ nonce: NONCE }), { code: "nonce_expired" });
  await assert.rejects(ask({ nonce: "pay 100" }), { code: "malformed_nonce" });
});
