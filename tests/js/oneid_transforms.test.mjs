/** A site's own values, and cards at sign-in and sign-up: what reaches the site's server, the page and the window. */

import assert from "node:assert/strict";
import { test } from "node:test";

import {
  PLAIN, SIGNED, codeOf, newcomer, outcome, plain, prepared, quiet, returning,
} from "./site_page.mjs";

const ADA = { name: { first_name: "Ada" }, address: { state: "CA", zip: "94103" } };
const STATES = { CA: "12", NY: "43" };
const NUMBERS = {
  attr: "state",
  fromOneID: (code) => STATES[code],
  toOneID: (number) => Object.keys(STATES).find((code) => STATES[code] === number),
};

test("the site's own values are translated, by field or card[field], at attr and at the setter", async () => {
  for (const transform of [[NUMBERS], { state: NUMBERS }, { "address[state]": NUMBERS }]) {
    const page = await prepared(returning, transform);
    page.frame.reply = () => ({ value: { attr: { address: { billing: { state: "NY" }, zip: "1" } }, claims: {} } });
    const billing = { attribute_data: { address: { billing: { state: "43" }, zip: "1" } } };
    assert.deepEqual(plain(await page.OneID.attr("address[billing][state] address[zip]")), billing);
    page.OneID.attr({ "address[billing][state]": 12, address: { state: "43" } }, () => {});
    assert.deepEqual(plain((await page.ready()).data.request.set),
      { "address[billing][state]": "CA", address: { state: "NY" } });
    await page.end({ type: "cancelled" });
  }
});

test("a transform of card[field] is another one than that of the field", async () => {
  const transform = { phone: { fromOneID: () => "any" }, "address[phone]": { fromOneID: () => "own" } };
  const page = await prepared(returning, transform);
  page.frame.reply = () => ({ value: { attr: { phone: { phone: "1" }, address: { phone: "2" } }, claims: {} } });
  const { attribute_data } = await page.OneID.attr("phone address[phone]");
  assert.deepEqual(plain(attribute_data), { phone: { phone: "any" }, address: { phone: "own" } });
});

const WRONG = { throws: () => { throw new Error("SECRET"); }, "is undefined": () => {}, "is an object": () => ({}),
  "is a promise": async () => "x", "is no number": () => NaN, "is null": () => null };
for (const [what, fromOneID] of Object.entries(WRONG)) {
  test(`a transform that ${what} is transform_failed, and nothing is delivered`, async () => {
    const page = await prepared(returning, { state: { fromOneID, toOneID: fromOneID } });
    page.OneID.config({ debug: true });
    page.frame.reply = ({ name }) => ({ value: { ...(name === "signin" && SIGNED), attr: ADA, claims: {} } });
    assert.equal(await codeOf(page.OneID.attr("address")), "transform_failed");
    const challenge = { attr: "address", callback: "/auth" };
    assert.equal(await codeOf(page.OneID.signin({ challenge }, () => {})), "transform_failed");
    assert.equal(await codeOf(page.OneID.attr({ address: { state: "1" } })), "transform_failed");
    assert.equal(await codeOf(page.OneID.signup({ userData: { address: { state: "1" } } })), "transform_failed");
    assert.deepEqual([page.posted, page.opened], [[], []]);
    assert.ok(!page.lines.join("\n").includes("SECRET"));
  });
}

test("a transform gives a text, or a number that becomes one", async () => {
  const page = await prepared(returning, { state: { fromOneID: () => 12 } });
  page.frame.reply = () => ({ value: { attr: { address: { state: "CA" } }, claims: {} } });
  assert.equal((await page.OneID.attr("address")).attribute_data.address.state, "12");
});

test("a sign-in that asks for cards delivers them, from the frame and from the window", async () => {
  const page = await prepared(returning, [NUMBERS]);
  const claims = { email: "TOKEN" };
  page.frame.reply = () => ({ value: { ...SIGNED, attr: ADA, attr_claim_tokens: claims } });
  const challenge = { attr: "name address", callback: "/auth" };
  await page.OneID.signin({ challenge }, () => {});
  assert.deepEqual(page.frame.calls.pop(), { name: "signin", args: { ...PLAIN, attr: "name address" } });
  const translated = { ...ADA, address: { ...ADA.address, state: "12" } };
  const delivered = JSON.parse(page.posted.pop().body);
  assert.deepEqual([delivered.attr, delivered.attr_claim_tokens], [translated, claims]);
  page.frame.reply = ({ args }) => (args.attr ? { error: "interaction_required" } : { value: SIGNED });
  for (const payload of [undefined, SIGNED]) {
    const signing = page.OneID.signin({ challenge }, () => {});
    await quiet();
    assert.equal((await page.ready()).data.request.attr, "name address");
    await page.end({ type: "done", value: { payload, attr: ADA, claims } });
    await outcome(signing);
    const { uid, attr, attr_claim_tokens } = JSON.parse(page.posted.pop().body);
    assert.deepEqual([uid, attr, attr_claim_tokens], ["U", translated, claims]);
  }
});

test("a challenge asks for a list of names, too", async () => {
  const page = await returning();
  await page.OneID.signin({ challenge: { attr: ["name", "email[email]"] } });
  assert.equal(page.frame.calls[0].args.attr, "name email[email]");
  assert.deepEqual(page.scripts, [], "and loads nothing more");
});

test("a sign-up's userData goes to the window at once, translated, without what can not be kept", async () => {
  const page = await newcomer();
  page.OneID.config({ transform: [NUMBERS] });
  const userData = { "email[email]": "ada@example.org", name: { first_name: "Ada", last_name: "Lovelace", age: {} },
    address: { state: 12, zip: null }, silly: "x", __proto__: { x: 1 }, "name[nick]": "x".repeat(1001) };
  const signing = page.OneID.signup({ userData });
  assert.equal(page.opened.length, 1, "within the click");
  const { data, ports } = await page.ready();
  const fitting = { "email[email]": "ada@example.org", name: { first_name: "Ada", last_name: "Lovelace" } };
  assert.deepEqual(plain(data.request.set), { ...fitting, address: { state: "CA" } });
  assert.equal(data.request.label, "Ada Lovelace");
  ports[0].postMessage({ type: "done", value: { kept: true } });
  assert.deepEqual(await outcome(signing), { value: true });
});
