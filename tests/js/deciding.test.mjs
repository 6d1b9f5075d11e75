// What a phone judges, and what it signs: exactly what it has shown, for the site that its key was made for.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { beforeEach, test } from "node:test";
import { decide, digestOf, judged, pending } from "../../static/remote/confirmations.js";
import { Phone, pinProof } from "../../static/remote/phone.js";
import { PhoneRepo, Records, adopted } from "./phone_port.mjs";
import { opened } from "./repo_port.mjs";

const SHOP = "https://shop.example";
const UID = "uid of shop";
const SERVER = "606a1bb0-4b09-4a42-ba97-4b298b04ca80";
const NONCE = "0012026-11-21T10:32:00ZabcdefABCDEF";
const TOLD = {
  id: "c1", uid: UID, origin: SHOP, kind: "confirm", level: "OOB", title: "Pay", message: "$40 to Ann?", nonce: NONCE,
  audience: null, asked: "2026-11-21T10:32:01Z", expires: "2026-11-21T10:34:01Z", address: "192.0.2.1",
  browser: "Firefox", proved: true, number_wanted: false,
};
let repo, phone, held, control, became;

beforeEach(async () => {
  repo = new PhoneRepo().install();
  phone = new Phone(new Records());
  const s = Buffer.alloc(32, 7).toString("base64url");
  held = await adopted(phone, { account: "an-account", label: "Mine", s });
  repo.signer = held.devicePublic;
  control = await phone.begunControl(UID, SHOP);
  await phone.pinned(control);
  control = await phone.control(UID);
  became = { state: "approved", current: true };
  repo.doors["/repo/confirmations/decide"] = () => ({ confirmation: became });
});

const asked = (changes = {}) => judged({ ...TOLD, ...changes }, control);
const told = () => repo.of("/repo/confirmations/decide").at(-1);
const digest = (words) => createHash("sha256").update(words).digest("base64url");

test("an approval signs nonce, words and origin, and nothing else", async () => {
  assert.deepEqual(await decide(phone, held, asked(), "approve"), became);
  const { cd, ...rest } = told();
  assert.deepEqual(rest, { confirmation: "c1", decision: "approve", number: null, pin: null });
  const { header, claims } = opened(cd, control.publicKey);
  assert.deepEqual(header, { alg: "ES256" });
  assert.deepEqual(claims, { nonce: NONCE, words_sha256: digest("Pay\n$40 to Ann?"), origin: SHOP });
});

test("what a server asks for is signed for that server alone", async () => {
  await decide(phone, held, asked({ kind: "send_2fa", audience: SERVER }), "approve");
  const { claims } = opened(told().cd, control.publicKey);
  assert.deepEqual(claims, { nonce: NONCE, words_sha256: digest("Pay\n$40 to Ann?"), origin: SHOP, aud: SERVER });
});

test("a confirmation with the PIN says so in what is signed, and proves it", async () => {
  await decide(phone, held, asked({ level: "OOBPIN" }), "approve", { pin: "1234", number: "42" });
  assert.equal(opened(told().cd, control.publicKey).claims.pin, true);
  assert.equal(told().pin, await pinProof(held, "1234"));
  assert.equal(told().number, null, "nobody asked for a number");
  await decide(phone, held, asked({ number_wanted: true }), "approve", { pin: "1234", number: "42" });
  assert.deepEqual([told().number, told().pin], ["42", null]);
});

test("a no, and a report, sign nothing and tell nothing", async () => {
  for (const decision of ["reject", "report"]) {
    await decide(phone, held, asked({ level: "OOBPIN", number_wanted: true }), decision, { number: "42", pin: "1234" });
    assert.deepEqual(told(), { confirmation: "c1", decision, cd: null, number: null, pin: null });
  }
});

test("the words of a sign-in are none", async () => {
  const signin = asked({ kind: "signin", title: "", message: "" });
  assert.equal(signin.fits, true);
  assert.equal(await digestOf(signin), digest("\n"));
  assert.equal(asked({ kind: "signin", title: "", message: "x" }).fits, false);
});

test("words of every kind are signed as they are", async () => {
  for (const message of ["\u202egnirts", "a\u0000b\r\nc", "<b>&amp;</b>", "é", "e\u0301", "\u{1F511}".repeat(10_000)]) {
    const shown = asked({ message });
    assert.equal(shown.fits, true);
    assert.equal(await digestOf(shown), digest(`Pay\n${message}`));
  }
});

test("what does not fit the pinned key can be refused and not approved", async () => {
  const unfit = [
    judged(TOLD, undefined), judged(TOLD, { ...control, pinned: false }),
    asked({ origin: "https://other.example" }), asked({ origin: `${SHOP}/` }), asked({ uid: "another uid" }),
    asked({ nonce: "x" }), asked({ nonce: '{"aud":"record"}' }), asked({ kind: "else" }), asked({ level: "PIN" }),
    asked({ message: "" }), asked({ message: "x".repeat(10_001) }), asked({ message: "\ud800" }), asked({ message: 5 }),
    asked({ audience: SERVER }), asked({ kind: "send_2fa" }), asked({ kind: "send_2fa", audience: "record" }),
    asked({ kind: "send_2fa", audience: { toString: () => SERVER } }), asked({ title: "two\nlines" }), asked({ title: "x".repeat(201) }), asked({ title: null }),
  ];
  for (const shown of unfit) {
    assert.equal(shown.fits, false, JSON.stringify(shown));
    await assert.rejects(decide(phone, held, shown, "approve"), { code: "unfit" });
  }
  assert.deepEqual(repo.of("/repo/confirmations/decide"), []);
  await decide(phone, held, unfit[0], "reject");
  assert.equal(told().decision, "reject");
});

test("a kind that this page does not know is shown as one that it does, and can not be approved", () => {
  assert.deepEqual([asked({ kind: "else" }).kind, asked({ kind: "else" }).fits], ["confirm", false]);
});

test("what was shown can not be changed before it is signed, and a key that went away signs nothing", async () => {
  const shown = asked();
  assert.throws(() => { shown.message = "$4000 to Bob?"; }, TypeError);
  await phone.forget();
  await assert.rejects(decide(phone, held, shown, "approve"), { code: "unfit" });
});

test("all that waits is judged, each by the key of its own identity", async () => {
  await phone.begunControl("uid of wiki", "https://wiki.example");
  repo.doors["/repo/confirmations/pending"] = () => ({ now: TOLD.asked, confirmations: [
    TOLD, { ...TOLD, id: "c2", uid: "uid of wiki", origin: "https://wiki.example" },
    { ...TOLD, id: "c3", uid: "nobody" }, { ...TOLD, id: "c4", proved: false, kind: "send_2fa", audience: SERVER },
  ] });
  const waiting = await pending(phone, held);
  assert.deepEqual(waiting.map(({ id, fits }) => `${id} ${fits}`), ["c1 true", "c2 false", "c3 false", "c4 true"]);
  assert.deepEqual([waiting[0].proved, waiting[3].proved], [true, false]);
  assert.equal(waiting[0].expires - waiting[0].asked, 120_000);
});
