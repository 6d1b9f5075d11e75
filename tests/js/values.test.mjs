// Values of fields: one form for sites, whatever people write.
import assert from "node:assert/strict";
import { test } from "node:test";
import { CARDS, CARD_TYPES, cardType, normalised } from "../../static/shared/attributes.js";
import { COUNTRIES, STATES, countryName } from "../../static/shared/places.js";
import { often } from "./random.mjs";

/** Whether a text becomes a value; null: it is refused. */
const is = (name, text, value) => {
  const [, card, field] = /^(\w+)\[(\w+)\]$/.exec(name);
  const work = () => normalised(card, field, text);
  if (value === null) assert.throws(work, { code: "malformed_value", card, field }, text);
  else assert.equal(work(), value);
};
const become = (name, pairs) => {
  for (const [text, value] of pairs) is(name, text, value);
};
const refused = (name, texts) => become(name, texts.map((text) => [text, null]));

test("every state, DC and the territories are their codes, by code and by name", () => {
  assert.equal(STATES.length, 50 + 1 + 5 + 3 + 3);
  assert.equal(new Set(STATES.map(([code]) => code)).size, STATES.length);
  for (const [code, name] of STATES) {
    const spellings = [code, code.toLowerCase(), name, name.toUpperCase(), ` ${name.toLowerCase()} `];
    become("address[state]", [...spellings, name.replace(/ /g, "  ")].map((text) => [text, code]));
  }
  become("address[state]", [
    ["Washington, D.C.", "DC"], ["D.C.", "DC"], ["N.Y.", "NY"], ["U.S. Virgin Islands", "VI"], ["Puerto Rico", "PR"],
    ["guam", "GU"], ["New-York", "NY"], ["washington", "WA"],
  ]);
});

test("states elsewhere stay as they are written; a site's own number is none", () => {
  for (const text of ["Bayern", "Île-de-France", "Ontario", "東京都"]) is("address[state]", text, text);
  refused("address[state]", ["12", "0", "--", "3.5"]);
});

test("countries are the two letters of ISO 3166-1, by code and by name", () => {
  assert.equal(COUNTRIES.length, 249);
  assert.equal(new Set(COUNTRIES).size, 249);
  for (const code of COUNTRIES) {
    is("address[country]", code.toLowerCase(), code);
    is("address[country]", countryName(code, "en"), code);
  }
  become("address[country]", [["USA", "US"], ["U.S.A.", "US"], ["uk", "GB"], ["united states", "US"]]);
  refused("address[country]", ["XX", "Atlantis", "1", "constructor", "__proto__"]);
});

test("countries are understood in the person's language, whatever the browser says that is", () => {
  const before = Object.getOwnPropertyDescriptor(globalThis, "navigator");
  Object.defineProperty(globalThis, "navigator", { configurable: true, value: { languages: ["C", "de"] } });
  become("address[country]", [["Österreich", "AT"], ["Austria", "AT"], ["Atlantis", null]]);
  Object.defineProperty(globalThis, "navigator", before ?? { configurable: true, value: undefined });
});

test("payment cards have one of four types, by code, by name and by their first digits", () => {
  assert.deepEqual(CARD_TYPES, ["AE", "VI", "MC", "DI"]);
  become("payment[cc_type]", [
    ["vi", "VI"], ["Visa", "VI"], ["American Express", "AE"], ["AMEX", "AE"], ["MasterCard", "MC"],
    ["Master Card", "MC"],
    ["discover", "DI"], ["Diners", null], ["1", null], ["constructor", null],
  ]);
  const prefixes = {
    AE: ["34", "37"], VI: ["4"], MC: ["51", "55", "2221", "2229", "2230", "2300", "2699", "2700", "2719", "2720"],
    DI: ["6011", "644", "649", "65"],
  };
  for (const [type, starts] of Object.entries(prefixes)) {
    for (const start of starts) assert.equal(cardType(start.padEnd(16, "0")), type, start);
  }
  for (const start of ["", "0", "35", "36", "50", "56", "2220", "2721", "273", "6012", "643", "66"]) {
    assert.equal(cardType(start), null, start);
  }
});

test("numbers of payment cards lose their spaces, and one wrong digit is noticed", async () => {
  const right = [
    "4111 1111 1111 1111", "3782-822463-10005", "5555555555554444", "6011111111111117", "2223003122003222",
  ];
  for (const text of right) is("payment[cc_number]", text, text.replace(/\D/g, ""));
  const wrong = ["4111111111111112", "41111111111", "4".repeat(20), "4111x111111111111", "Visa", "０".repeat(13)];
  refused("payment[cc_number]", wrong);
  await often(300, (random) => {
    const digits = [...random.one(right).replace(/\D/g, "")];
    const place = random.below(digits.length);
    digits[place] = String((Number(digits[place]) + 1 + random.below(9)) % 10);
    is("payment[cc_number]", digits.join(""), null);
  });
});

test("months are 1 to 12 and years have four digits", () => {
  for (let month = 1; month <= 12; month += 1) {
    is("payment[cc_exp_mo]", String(month), String(month));
    is("payment[cc_exp_mo]", String(month).padStart(2, "0"), String(month));
  }
  refused("payment[cc_exp_mo]", ["0", "00", "13", "-1", "1.5", "1e0", "March", "001"]);
  become("payment[cc_exp_yr]", [["2031", "2031"], ["31", "2031"]]);
  refused("payment[cc_exp_yr]", ["1999", "3001", "031", "x"]);
  become("payment[cc_verify]", [["123", "123"], ["1234", "1234"], ["12", null], ["12345", null], ["abc", null]]);
});

test("an address has its sign, a phone a digit; other texts lose only the space around them", () => {
  const longest = `${"a".repeat(250)}@b.c`;
  become("email[email]", [[" a@b ", "a@b"], ["Zoë@bücher.example", "Zoë@bücher.example"], [longest, longest]]);
  refused("email[email]", ["a", "a@", "a b@c", "a@b@c", `a${longest}`]);
  for (const name of ["phone[phone]", "address[phone]"]) {
    become(name, [["+1 (2) ext 3", "+1 (2) ext 3"], ["none", null]]);
  }
  is("name[first_name]", "\t Ada  Augusta \n", "Ada  Augusta");
  is("TinyBttn[state]", "12", "12");
  is("TinyBttn[cc_number]", "x", "x");
});

test("what has its form keeps it: twice is once", async () => {
  const texts = ["", " ", "california", "Visa", "03", "31", "Germany", "a@b", "4111 1111 1111 1111", "+1", "ß", "İ"];
  await often(500, (random) => {
    const [card, fields] = random.one([...CARDS]);
    const field = random.one(fields);
    let once;
    try {
      once = normalised(card, field, random.one([...texts, random.text()]));
    } catch (error) {
      assert.equal(error.code, "malformed_value");
      return;
    }
    assert.equal(normalised(card, field, once), once);
  });
});

test("a value of 1,001 characters is refused in every field, and one of 1 MiB as fast", () => {
  for (const [card, fields] of CARDS) for (const field of fields) {
    for (const length of [1001, 2 ** 20]) {
      assert.throws(() => normalised(card, field, "1".repeat(length)), { code: "malformed_attr", card, field });
    }
  }
});

test("a value that has in it what nobody sees is none; line ends become spaces", () => {
  const unseen = [0x0, 0x8, 0x1b, 0x7f, 0x9f, 0xad, 0x200b, 0x200e, 0x200f, 0x202e, 0x2060, 0x2066, 0x3164, 0xfeff];
  for (const code of unseen) {
    const odd = String.fromCodePoint(code);
    refused("email[email]", [`ada@exam${odd}ple.com`]);
    refused("TinyBttn[ID]", [`a${odd}b`]);
  }
  become("address[street]", [["A 1\r\nB 2", "A 1 B 2"], ["A\tB", "A B"], ["Zoë 東京 😀", "Zoë 東京 😀"]]);
});
