// The names of cards and fields, in every spelling, and what comes of names and values that are none.
import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import {
  AttributeError, CARDS, NEVER_STORED, answered, isName, parseAttr, parseSet, parseWhatFits, storable, unstored,
  wantedFields,
} from "../../static/shared/attributes.js";
import { often } from "./random.mjs";

const VALUES = new Map([
  ["name", { first_name: "Ada", last_name: "Lovelace" }],
  ["email", { email: "ada@example.org" }],
  ["phone", { phone: "+44 1" }],
  ["company", { employer: "Analytical Engines" }],
  ["address", { street: "St James's Square 12", city: "London", zip: "SW1Y", country: "GB" }],
  ["payment", { cc_type: "VI", cc_number: "4111111111111111", cc_exp_mo: "3", cc_exp_yr: "2031" }],
  ["TinyBttn", { ID: "7" }],
]);
const asked = (text) => answered(parseAttr(text), VALUES);
const refused = (work, code = "malformed_attr") => assert.throws(work, (error) => (
  error instanceof AttributeError && error.code === code));

afterEach(() => {
  assert.deepEqual(Object.getOwnPropertyNames(Object.prototype).length, 12);
  assert.equal({}.polluted, undefined);
});

test("each card and each field of today is answered by its name", () => {
  for (const [card, fields] of CARDS) {
    const values = Object.fromEntries(fields.map((field) => [field, `the ${field}`]));
    assert.deepEqual(answered(parseAttr(card), new Map([[card, values]])), { [card]: values });
    for (const field of fields) {
      const answer = answered(parseAttr(`${card}[${field}]`), new Map([[card, values]]));
      assert.deepEqual(answer, { [card]: { [field]: values[field] } });
    }
  }
});

test("every older spelling is answered in the words of the request, mixed in one", () => {
  assert.deepEqual(asked("personal_info[first_name] personal_info[last_name]"), {
    personal_info: { first_name: "Ada", last_name: "Lovelace" },
  });
  assert.deepEqual(asked("personal_info[email]"), { personal_info: { email: "ada@example.org" } });
  assert.deepEqual(asked("personal_info[primary_phone]"), { personal_info: { primary_phone: "+44 1" } });
  assert.deepEqual(asked("personal_info"), {
    personal_info: { first_name: "Ada", last_name: "Lovelace", email: "ada@example.org", primary_phone: "+44 1" },
  });
  assert.deepEqual(asked("employment[employer] employment"), { employment: { employer: "Analytical Engines" } });
  for (const part of ["billing", "shipping"]) {
    assert.deepEqual(asked(`address.${part}[zip]`), { address: { [part]: { zip: "SW1Y" } } });
    assert.deepEqual(asked(`address[${part}][zip]`), { address: { [part]: { zip: "SW1Y" } } });
    assert.deepEqual(asked(`address.${part}`), { address: { [part]: VALUES.get("address") } });
    assert.deepEqual(asked(`address[${part}]`), { address: { [part]: VALUES.get("address") } });
  }
  const current = "email name[first_name] address[city] TinyBttn[ID]";
  const older = "personal_info[email] address.billing[zip], address[shipping][city]";
  assert.deepEqual(asked(`${current} ${older}`), {
    email: { email: "ada@example.org" },
    name: { first_name: "Ada" },
    personal_info: { email: "ada@example.org" },
    address: { city: "London", billing: { zip: "SW1Y" }, shipping: { city: "London" } },
    TinyBttn: { ID: "7" },
  });
});

test("what there is no value for is absent, card and field", () => {
  const values = new Map([["email", { email: "a@b" }]]);
  const wanted = parseAttr("phone company[occupation] Other[x] email");
  assert.deepEqual(answered(wanted, values), { email: { email: "a@b" } });
  assert.deepEqual(answered(parseAttr("address.billing name"), new Map()), {});
  assert.deepEqual(asked(""), {});
  assert.deepEqual(asked("  "), {});
});

test("wanted fields are told by card; a whole card wins over its parts", () => {
  const attr = "personal_info[email] name[first_name] name[last_name] address address[zip] email[email]";
  assert.deepEqual([...wantedFields(parseAttr(attr))], [
    ["email", new Set(["email"])], ["name", new Set(["first_name", "last_name"])], ["address", null],
  ]);
});

test("the security code is asked for by name, and is no part of the whole card", () => {
  assert.deepEqual([...unstored(parseAttr("payment payment[cc_verify] name"))], [["payment", new Set(["cc_verify"])]]);
  assert.equal(unstored(parseAttr("payment")).size, 0);
  assert.deepEqual(storable("payment", { cc_number: "4111 1111 1111 1111", cc_verify: "123" }), {
    cc_number: "4111111111111111",
  });
  assert.ok(![...CARDS.values()].flat().some((field) => NEVER_STORED.has(field)));
});

test("the same place asked for twice stands there once", () => {
  assert.equal(parseAttr("email email email[email] email[email]").length, 2);
  assert.equal(parseAttr("address.billing[zip] address[billing][zip]").length, 1);
});

test("names that reach a prototype are refused", () => {
  const names = [
    "__proto__[x]", "__proto__", "constructor[prototype]", "constructor", "email[__proto__]", "email[constructor]",
    "x[__proto__]", "x[constructor]", "x[toString]", "toString", "hasOwnProperty[x]", "valueOf",
    "address[__proto__][zip]", "address.__proto__[zip]", "personal_info[__proto__]", "__defineGetter__[a]",
  ];
  for (const name of names) {
    refused(() => parseAttr(name));
    refused(() => parseSet({ [name]: "polluted" }));
    refused(() => parseSet(JSON.parse(`{"email": {"email": "a@b"}, ${JSON.stringify(name)}: {"polluted": "x"}}`)));
  }
  for (const text of ['{"__proto__": {"polluted": "x"}}', '{"a": {"__proto__": {"polluted": "x"}}}',
    '{"constructor": {"prototype": {"polluted": "x"}}}', '{"address": {"billing": {"__proto__": "x"}}}']) {
    refused(() => parseSet(JSON.parse(text)), "malformed_attr");
  }
  assert.deepEqual(Object.keys(asked("TinyBttn")), ["TinyBttn"]);
});

test("only own values are read", () => {
  const inherited = Object.create({ email: "inherited@example.org" });
  assert.deepEqual(answered(parseAttr("email[email] email"), new Map([["email", inherited]])), {});
  assert.deepEqual([...parseSet(Object.create({ "email[email]": "a@b" }))], []);
  const odd = JSON.parse('{"__proto__": "x", "email": "a@b", "other": 7}');
  assert.deepEqual(answered(parseAttr("email"), new Map([["email", odd]])), { email: { email: "a@b" } });
});

test("what is no name is refused, and so is a field that its card has not", () => {
  const wrong = [
    "email[", "email]", "email[]", "[email]", "email[email]x", "a.b", "a.b[c]", "address.home[zip]",
    "address[home][zip]", "address.billing.x", "address[billing][zip][x]", "a[b][c]", "personal_info[age]",
    "personal_info.email",
    "name[middle]", "email[cc_verify]", "1st", "_x", "a-b", "é", "email[émail]", "a".repeat(33),
    `a[${"b".repeat(33)}]`, "<b>", "email;name", "a[b]]", "\u0000", "email\u202e", "employment[cc_type]",
    "address.billing[billing]",
  ];
  for (const name of wrong) refused(() => parseAttr(name), "malformed_attr");
  for (const value of [null, undefined, 7, {}, ["email"]]) refused(() => parseAttr(value));
  assert.equal(isName("a".repeat(32)), true);
});

test("4,096 characters and 64 names are the most that is asked for", () => {
  assert.equal(parseAttr("email".padEnd(4096)).length, 1);
  refused(() => parseAttr("email".padEnd(4097)));
  const names = (count) => Array.from({ length: count }, (_, number) => `c${number}`).join(" ");
  assert.equal(parseAttr(names(64)).length, 64);
  refused(() => parseAttr(names(65)));
  refused(() => parseAttr(`${names(61)} personal_info`));
  refused(() => parseAttr("email ".repeat(200_000)));
});

test("a setter is understood in every form and spelling", () => {
  assert.deepEqual([...parseSet({ "email[email]": " ada@example.org " })], [["email", { email: "ada@example.org" }]]);
  const address = { street: "A 1", zip: 10115 };
  assert.deepEqual([...parseSet({ address })], [["address", { street: "A 1", zip: "10115" }]]);
  assert.deepEqual([...parseSet({
    "address[billing][zip]": "1", "address.shipping[city]": "B", address: { billing: { street: "C" }, street2: "D" },
    personal_info: { first_name: "E", email: "f@g", primary_phone: "1" }, "personal_info[last_name]": "H",
    employment: { occupation: "I" }, "TinyBttn[ID]": 7, payment: { cc_exp_mo: 3, cc_exp_yr: 2031, cc_verify: 123 },
    "address[shipping]": { state: "california" },
  })], [
    ["address", { zip: "1", city: "B", street: "C", street2: "D", state: "CA" }],
    ["name", { first_name: "E", last_name: "H" }], ["email", { email: "f@g" }], ["phone", { phone: "1" }],
    ["company", { occupation: "I" }], ["TinyBttn", { ID: "7" }],
    ["payment", { cc_exp_mo: "3", cc_exp_yr: "2031", cc_verify: "123" }],
  ]);
});

test("a wish that must not fail keeps what fits of it", () => {
  const wish = {
    "email[email]": "none", email: { email: "a@b", other: "x" }, "name[first_name]": "A", x: null,
    name: { last_name: "B" }, address: { billing: { zip: "1", state: "12" }, city: "C", street: 7 }, "a[": "b",
    payment: [], deep: { a: { b: { c: "d" } } }, long: { x: "y".repeat(1001), y: "z" },
  };
  assert.deepEqual([...parseWhatFits(wish)], [
    ["email", { email: "a@b" }], ["name", { first_name: "A", last_name: "B" }],
    ["address", { zip: "1", city: "C", street: "7" }], ["long", { y: "z" }],
  ]);
  const polluting = JSON.parse('{"__proto__": {"polluted": "x"}}');
  for (const value of [null, undefined, 7, "x", [], ["x"], () => {}, {}, polluting]) {
    assert.deepEqual([...parseWhatFits(value)], []);
  }
  const fields = (count) => Object.fromEntries(Array.from({ length: count }, (_, number) => [`f${number}`, "1"]));
  assert.equal(Object.keys(parseWhatFits({ x: fields(10_000) }).get("x")).length, 64);
  const cards = Object.keys(fields(10_000)).map((name) => [name, { x: "1" }]);
  assert.equal(parseWhatFits(Object.fromEntries(cards)).size, 256);
});

test("empty values say nothing, and of two spellings the last counts", () => {
  assert.deepEqual([...parseSet({ "name[first_name]": "", "name[last_name]": "  ", email: {} })], []);
  const both = { "address[billing][zip]": "1", "address[shipping][zip]": "2" };
  assert.deepEqual([...parseSet(both)], [["address", { zip: "2" }]]);
  assert.deepEqual([...parseSet({ "address[zip]": "1", "address[shipping][zip]": "" })], [["address", { zip: "1" }]]);
});

test("a setter of another shape is refused", () => {
  const wrong = [
    null, undefined, "email", 7, true, [], [["email", "x"]], () => {}, { email: "a@b" }, { email: null }, { email: [] },
    { email: { email: null } }, { email: { email: true } }, { email: { email: ["a@b"] } },
    { "email[email]": { email: "a@b" } }, { personal_info: "x" }, { address: { billing: "x" } }, { "": "x" },
    { x: { y: { z: "1" } } }, { x: NaN },
    { "x[y]": Infinity }, { email: { "email][x": "a" } }, { "email[": { email: "a" } },
  ];
  for (const value of wrong) refused(() => parseSet(value));
});

test("too long, too many and too deep are refused at once", () => {
  assert.equal(parseSet({ "x[y]": "a".repeat(1000) }).get("x").y.length, 1000);
  refused(() => parseSet({ "x[y]": "a".repeat(1001) }));
  refused(() => parseSet({ "name[first_name]": "a".repeat(2 ** 20) }));
  refused(() => parseSet({ ["a".repeat(2 ** 20)]: "x" }));
  refused(() => parseSet({ x: { ["a".repeat(2 ** 20)]: "x" } }));
  const many = (count, name) => Object.fromEntries(Array.from({ length: count }, (_, number) => [name(number), "1"]));
  assert.equal(Object.keys(parseSet({ x: many(64, (number) => `f${number}`) }).get("x")).length, 64);
  refused(() => parseSet({ x: many(65, (number) => `f${number}`) }));
  refused(() => parseSet({ x: many(10_000, (number) => `f${number}`) }));
  assert.equal(parseSet(many(256, (number) => `c${number}[x]`)).size, 256);
  refused(() => parseSet(many(257, (number) => `c${number}[x]`)));
  refused(() => parseSet(many(10_000, (number) => `c${number}[x]`)));
  refused(() => parseSet({ ...many(200, (number) => `c${number}[x]`), x: many(60, (number) => `f${number}`) }));
  let deep = { x: "1" };
  for (let depth = 0; depth < 100_000; depth += 1) deep = { x: deep };
  refused(() => parseSet(deep));
});

test("a value of no such field is told by card and field", () => {
  const told = { code: "malformed_value", card: "payment", field: "cc_exp_mo" };
  assert.throws(() => parseSet({ "payment[cc_exp_mo]": 13 }), told);
  assert.throws(() => parseSet({ address: { billing: { state: "12" } } }), { code: "malformed_value", field: "state" });
});

test("whatever a page writes is answered, or refused with a code, and changes no prototype", async () => {
  const pieces = [
    "email", "[", "]", "__proto__", ".", "address", "billing", "constructor", "prototype", " ", "x", "personal_info",
    "\u0000",
  ];
  await often(2000, (random) => {
    const text = Array.from({ length: random.below(8) }, () => random.one(pieces)).join("");
    for (const work of [() => asked(text), () => parseSet({ [text]: { [random.one(pieces)]: "polluted" } })]) {
      try {
        work();
      } catch (error) {
        if (!(error instanceof AttributeError)) throw error;
      }
    }
    assert.equal({}.polluted ?? Object.polluted ?? Function.prototype.polluted, undefined);
  });
});

test("a site's own card or field is not called like a secret of ours", () => {
  const secret = ["OneID_Key", "apikey", "KEY", "Pin", "my_PIN", "pin2", "userPin", "pin_code", "pincode", "secret",
    "pass_word", "Password2", "PassCode", "recovery", "Recovery_Words", "clientSecret"];
  for (const name of secret) {
    for (const attr of [name, `Shop[${name}]`, `${name}[number]`]) refused(() => parseAttr(attr));
    refused(() => parseSet({ [name]: { number: "1" } }));
    refused(() => parseSet({ Shop: { [name]: "1" } }));
  }
  for (const name of ["shopping", "shipping_way", "opinion", "TinyBttn", "loyalty", "Pinterest", "spin", "passport"]) {
    assert.equal(parseAttr(`${name}[${name}]`).length, 1, name);
  }
  for (const [card, fields] of CARDS) for (const field of fields) parseAttr(`${card}[${field}]`);
});
