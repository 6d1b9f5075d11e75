// What a site wants of cards is read before the person sees any of it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { wishesOf } from "../../static/popup/wishes.js";

const MALFORMED = { code: "malformed_attr" };
const request = (members) => ({ name: "signin", attr: "", set: null, ...members });
const deep = (depth) => (depth === 0 ? "x" : { a: deep(depth - 1) });

test("sign-ins ask for cards, or for none; words to be confirmed never do", () => {
  assert.deepEqual([...wishesOf(request({ attr: "email name[first_name]" })).cards],
    [["email", null], ["name", new Set(["first_name"])]]);
  for (const name of ["signin", "signup"]) assert.equal(wishesOf(request({ name })).cards.size, 0);
  assert.equal(wishesOf(request({ name: "confirm", attr: "email" })).cards.size, 0);
});

test("cards alone: there has to be something to be read, or something to be kept", () => {
  assert.deepEqual([...wishesOf(request({ name: "attr", attr: "email" })).cards.keys()], ["email"]);
  const { wanted, kept } = wishesOf(request({ name: "attr", attr: "email", set: { "name[first_name]": "Ada" } }));
  assert.deepEqual([wanted, [...kept]], [[], [["name", { first_name: "Ada" }]]]);
  for (const set of [null, {}, { payment: { cc_verify: "123" } }, { name: { first_name: "  " } }]) {
    assert.throws(() => wishesOf(request({ name: "attr", set })), MALFORMED);
  }
});

test("what is no attribute is refused, whatever it is", () => {
  for (const attr of ["__proto__[x]", "constructor", "name[__proto__]", "name[nothing]", "[", "a".repeat(5000)]) {
    for (const name of ["signin", "signup", "attr"]) assert.throws(() => wishesOf(request({ name, attr })), MALFORMED);
  }
  const round = {};
  round.name = round;
  const sets = [round, [], ["email"], { __proto__: { x: 1 } }, JSON.parse('{"__proto__": {"x": "1"}}'), deep(2000),
    { "name[": "x" }, { name: { nothing: "x" } }, { name: { first_name: "x".repeat(1_000_000) } },
    Object.fromEntries(Array.from({ length: 10_000 }, (_, number) => [`card${number}[a]`, "x"])), new Map([["a", 1]])];
  for (const set of sets) assert.throws(() => wishesOf(request({ name: "attr", set })), MALFORMED);
  const state = { address: { country: "US", state: "17" } };
  assert.throws(() => wishesOf(request({ name: "attr", set: state })), { code: "malformed_value" });
  assert.equal(Object.prototype.x, undefined);
});

test("what a site tells of somebody new helps as far as it fits, and stands in nobody's way", () => {
  const set = { "name[first_name]": "Ada", address: { state: "17", city: "York" }, __proto__: null, junk: [1] };
  const { kept } = wishesOf(request({ name: "signup", set }));
  assert.deepEqual([...kept], [["name", { first_name: "Ada" }], ["address", { city: "York" }]]);
  const round = {};
  round.name = round;
  for (const odd of [round, [], "x", { name: "x".repeat(100_000) }]) {
    assert.equal(wishesOf(request({ name: "signup", set: odd })).kept.size, 0);
  }
  assert.equal(wishesOf(request({ name: "signin", set })).kept.size, 0);
});
