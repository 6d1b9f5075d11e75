// What the frame reads without a window: what was released to this site, whole and new, and nothing else.
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { randomBytes, toBase64url } from "../../static/shared/encoding.js";
import { sha256 } from "../../static/shared/keys.js";
import { releaseKey, sealRelease } from "../../static/shared/releases.js";
import { holding, makeBundle, refusal, repo, setUp } from "./framed.mjs";
import { Records } from "./records.mjs";
import { SITE } from "./windows.mjs";

const SECRET = randomBytes(32);
const INTERACTION = { code: "interaction_required" };
let site;

beforeEach(async () => {
  setUp();
  const { bundle } = await makeBundle({ secret: SECRET });
  site = { bundle, ...(await holding(bundle)) };
});

/** A release as the repo tells it, of `U` unless another is named. */
async function released(card, values, { asked = Object.keys(values), version = 1, uid = "U", source = "c" } = {}) {
  const key = await releaseKey(SECRET, uid);
  const sealed = await sealRelease(key, { uid, card, version }, { asked, card: source, values });
  return { card, version, ...sealed };
}
const told = (releases, claims = {}) => repo.answers.push({ errorcode: 0, releases, claims });
const attr = (text) => site.signing.call("attr", { attr: text });

test("it reads what was released, in the words of the request, and asks for those cards alone", async () => {
  const name = await released("name", { first_name: "Ada", last_name: "L" });
  told([name, await released("email", { email: "a@b.example" })]);
  const read = await attr("personal_info[first_name] email[email] name[last_name]");
  const expected = { personal_info: { first_name: "Ada" }, email: { email: "a@b.example" }, name: { last_name: "L" } };
  assert.deepEqual(read, { attr: expected, claims: {} });
  const [{ path, body }] = repo.asked;
  assert.deepEqual([path, body], ["/repo/releases/read", { uid: "U", origin: SITE, cards: ["name", "email"] }]);
});

test("a sign-in delivers them, and asks nobody to sign before it is clear that no window is needed", async () => {
  told([await released("email", { email: "a@b.example" })]);
  const payload = await site.signing.call("signin", { nonce: null, attr: "email[email]" });
  assert.deepEqual([payload.attr, payload.attr_claim_tokens], [{ email: { email: "a@b.example" } }, {}]);
  assert.ok(payload.nonces.ad && payload.nonces.repo);
  told([]);
  await assert.rejects(site.signing.call("signin", { nonce: null, attr: "email[email]" }), INTERACTION);
  assert.deepEqual(repo.asked.map(({ path }) => path), ["/repo/releases/read", "/repo/cosign", "/repo/releases/read"]);
});

test("a sign-in that asks for no cards reads none", async () => {
  const payload = await site.signing.call("signin", { nonce: null, attr: "" });
  assert.equal("attr" in payload, false);
  assert.deepEqual(repo.asked.map(({ path }) => path), ["/repo/cosign"]);
});

test("all that is wanted, or nothing: one field too many needs the person, and costs no keys", async () => {
  for (const wanted of ["name[last_name]", "name", "name[first_name] phone", "payment[cc_verify]"]) {
    told([await released("name", { first_name: "Ada" }), await released("payment", {}, { asked: ["*"] })]);
    await assert.rejects(attr(wanted), INTERACTION, wanted);
  }
  assert.equal(await site.holder.bundle(), site.bundle);
});

test("what the person was asked and did not give is absent, and not asked again", async () => {
  const refused = await released("phone", {}, { asked: ["phone"], source: null });
  told([refused, await released("name", { first_name: "Ada" })]);
  assert.deepEqual((await attr("phone[phone] name[first_name]")).attr, { name: { first_name: "Ada" } });
});

test("a click asks again where nothing at all of it was given, but not for a card or field that is missing", async () => {
  const [given, refused] = [await released("name", { first_name: "Ada" }, { asked: ["*"] }),
    await released("phone", {}, { asked: ["phone"], source: null })];
  for (const [wanted, again, asks] of [["phone[phone]", true, true], ["name[last_name]", true, false],
    ["phone[phone]", false, false], ["name[first_name] phone[phone]", true, false]]) {
    told([given, refused].filter(({ card }) => wanted.includes(card)));
    const reading = site.signing.call("attr", { attr: wanted, again });
    if (asks) await assert.rejects(reading, INTERACTION, wanted);
    else assert.ok(await reading, wanted);
  }
});

test("a release for another user, of another version, with other fields, or changed does not open", async () => {
  const right = await released("email", { email: "a@b.example" });
  const other = await released("email", { email: "a@b.example" }, { uid: "V" });
  const changed = right.sealed.slice(0, -4) + (right.sealed.endsWith("AAAA") ? "BBBB" : "AAAA");
  const wrong = [other, { ...right, version: 2 }, { ...right, card: "phone" }, { ...right, fields: [] },
    { ...right, fields: ["email", "email2"] }, { ...right, sealed: changed }, { ...right, sealed: "" }];
  for (const release of wrong) {
    told([release]);
    await assert.rejects(attr("email[email]"), INTERACTION);
  }
  told([right]);
  assert.ok(await attr("email[email]"));
});

test("an older release than was seen here is refused, also by another tab and after another consent", async () => {
  const [older, newer] = [await released("email", { email: "old@b.example" }),
    await released("email", { email: "new@b.example" }, { version: 2 })];
  told([newer]);
  await attr("email[email]");
  told([older]);
  await assert.rejects(attr("email[email]"), INTERACTION);
  const { signing } = await holding(site.bundle, site.records);
  told([older]);
  await assert.rejects(signing.call("attr", { attr: "email[email]" }), INTERACTION);
  told([newer]);
  assert.ok(await signing.call("attr", { attr: "email[email]" }));
});

test("what was seen of one site says nothing of another", async () => {
  told([await released("email", { email: "a@b.example" }, { version: 9 })]);
  await attr("email[email]");
  const { signing } = await holding(site.bundle, site.records, "https://other.example");
  told([await released("email", { email: "a@b.example" })]);
  assert.ok(await signing.call("attr", { attr: "email[email]" }));
});

test("keys for one sign-in read nothing without the person, nor do none", async () => {
  const { bundle } = await makeBundle({ silent: false, secret: SECRET });
  const { signing } = await holding(bundle, new Records());
  for (const name of ["attr", "signin"]) {
    await assert.rejects(signing.call(name, { attr: "email[email]" }), INTERACTION);
  }
  await site.holder.forget(site.bundle);
  await assert.rejects(attr("email[email]"), INTERACTION);
  assert.deepEqual(repo.asked, []);
});

test("a session that the repo no longer honours is forgotten by reading as well", async () => {
  repo.answers = [refusal("signer_revoked")];
  await assert.rejects(attr("email[email]"), INTERACTION);
  assert.equal(await site.holder.bundle(), null);
});

test("what is no attribute is refused before anybody is asked", async () => {
  for (const wrong of ["__proto__[x]", "name[nothing]", "a b[", "x".repeat(5000), 5, undefined]) {
    await assert.rejects(attr(wrong), { code: "malformed_attr" });
  }
  const many = Array.from({ length: 65 }, (_, number) => `card${number}[a]`).join(" ");
  await assert.rejects(site.signing.call("signin", { attr: many }), { code: "malformed_attr" });
  assert.deepEqual(repo.asked, []);
});

test("a claim token is handed over beside the address that it speaks of, and no other", async () => {
  const salt = toBase64url(randomBytes(32));
  const hash = await sha256(Buffer.concat([Buffer.from(salt, "base64url"), Buffer.from("a@b.example")]));
  const claim = toBase64url(Buffer.from(JSON.stringify({ uid: "U", attr: "email", salt, hash, exp: 1 })));
  const email = `h.${claim}.s`;
  for (const [address, claims] of [["a@b.example", { email }], ["A@b.example", {}], ["other@b.example", {}]]) {
    told([await released("email", { email: address })], { email });
    assert.deepEqual((await attr("email[email]")).claims, claims, address);
  }
  for (const odd of ["", "..", "a.b.c", 5, { email }]) {
    told([await released("email", { email: "a@b.example" })], { email: odd });
    assert.deepEqual((await attr("email[email]")).claims, {});
  }
});

test("keys that came with cards alone read, sign nobody in, and have no say over the OneID", async () => {
  const { bundle } = await makeBundle({ secret: SECRET, signs: false });
  const { signing, holder } = await holding(bundle);
  const { enabled, signedIn, silent } = await holder.state();
  assert.deepEqual([enabled, signedIn, silent], [false, false, true]);
  const confirm = { nonce: null, level: "OOB", message: "Pay", title: "" };
  for (const [name, args] of [["signin", { nonce: null }], ["confirm", confirm], ["signout", {}], ["optout", {}]]) {
    await assert.rejects(signing.call(name, args), INTERACTION, name);
  }
  assert.deepEqual(repo.asked, []);
  told([await released("name", { first_name: "Ada" })]);
  const read = await signing.call("attr", { attr: "name[first_name]" });
  assert.deepEqual(read.attr, { name: { first_name: "Ada" } });
});

test("sharing cards later takes no sign-in away, and brings none back that has ended", async () => {
  const later = (await makeBundle({ secret: SECRET, signs: false })).bundle;
  const accept = async (bundle) => site.holder.accept({ ...await site.holder.state(), origin: SITE, bundle });
  await accept(later);
  assert.equal((await site.signing.call("signin", { nonce: null })).uid, "U");
  assert.equal((await site.holder.bundle()).session, site.bundle.session);
  repo.answers.push(refusal("signer_revoked"));
  await assert.rejects(site.signing.call("signin", { nonce: null }), INTERACTION);
  await accept(later);
  await assert.rejects(site.signing.call("signin", { nonce: null }), INTERACTION);
});

test("another account's sign-in is not kept for the one that shares", async () => {
  const { bundle } = await makeBundle({ secret: SECRET, signs: false, uid: "U2" });
  await site.holder.accept({ ...await site.holder.state(), origin: SITE, bundle });
  const { uid, signs } = await site.holder.bundle();
  assert.deepEqual([uid, signs], ["U2", false]);
});
