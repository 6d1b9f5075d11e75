// The popup's words: the same in every language, and no value can disturb them.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";
import de from "../../static/popup/strings/de.js";
import en from "../../static/popup/strings/en.js";
import { choose, harmless, isKey, text } from "../../static/popup/words.js";
import { deviceName } from "../../static/shared/device.js";

const POPUP = new URL("../../static/popup/", import.meta.url);
const places = (words) => [...words.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort();

test("both languages have the same keys, and the same places for values", () => {
  assert.deepEqual(Object.keys(de), Object.keys(en));
  for (const key of Object.keys(en)) {
    assert.deepEqual(places(de[key]), places(en[key]), key);
    assert.ok(de[key].trim() && en[key].trim(), key);
  }
});

test("every word that the code asks for is there, and every word that is there is asked for", () => {
  const files = readdirSync(POPUP, { recursive: true }).filter((name) => /^(?!strings).*\.js$/.test(name));
  const code = files.map((name) => readFileSync(new URL(name, POPUP), "utf8")).join("\n");
  const built = /^(?:error|key\.error|language$)\b/;
  for (const [, key] of code.matchAll(/\b(?:text|say)\("([a-z.-]+)"/g)) assert.ok(key in en, key);
  for (const key of Object.keys(en)) assert.ok(built.test(key) || code.includes(`"${key}"`), `${key} is never said`);
});

test("every refusal that the popup can meet has its sentence", () => {
  const codes = [
    "malformed_member", "malformed_proof", "proof_not_fresh", "replayed_proof", "signer_refused", "signer_revoked",
    "device_locked", "origin_refused", "identity_refused", "oneid_key_refused", "device_refused", "already_taken",
    "interaction_required", "optout_refused", "sealed_too_large", "network", "unreadable_answer", "too_many_requests",
    "unavailable", "internal_fault", "rolled_back", "version_conflict", "card_refused", "too_many_cards",
    "malformed_address", "address_code_refused", "mail_unavailable", "malformed_attr", "malformed_value", "nonce_expired", "nonce_from_the_future", "malformed_nonce",
  ];
  for (const code of codes) assert.ok(isKey(`error.${code}`), code);
});

test("the language is the first of the person's that there is, and English else", () => {
  assert.equal(choose(["de-AT", "en"]), "de");
  assert.equal(choose(["fr", "DE"]), "de");
  assert.equal(choose(["fr-FR", "ja"]), "en");
  assert.equal(choose([]), "en");
  assert.equal(choose(["constructor", "__proto__"]), "en");
});

test("a value loses what could disturb the words around it, and nothing else", () => {
  assert.equal(harmless("\u202eevil\u202c \u2066x\u2069\u200f\u061c"), "evil x");
  assert.equal(harmless("a\u0000b\nc\u2028d\u007fe\ufeff"), "abcde");
  assert.equal(harmless("<b>&amp;</b>"), "<b>&amp;</b>");
  assert.equal(harmless("Ada \u{1F52C} عُمَر Nguyễn Zoë नेहा"), "Ada \u{1F52C} عُمَر Nguyễn Zoë नेहा");
  assert.equal([...harmless("é".repeat(10_000))].length, 65);
  assert.equal([...harmless("\u{1F511}".repeat(10_000), 10)].length, 11);
});

test("no value makes room that looks empty, nor a tower of marks that covers other lines", () => {
  for (const unseen of "\u2800\u3164\u00ad\u115f\u1160\uffa0\u200b\u200d\u2060\u{e0041}") {
    assert.equal(harmless(`a${unseen.repeat(30)}b`), "ab", unseen.codePointAt(0).toString(16));
    assert.equal(harmless(unseen.repeat(30)), "");
  }
  assert.equal(harmless(`a${"\u00a0\u2003\u3000".repeat(20)}b`), "a b");
  assert.equal(harmless(`a${"\u0323\u0300".repeat(40)}b`), "a\u0323\u0300b");
  assert.equal(harmless(`a${"\u0323\u200d".repeat(40)}b`), "a\u0323\u0323b");
  assert.equal(harmless("\u20e0\u0323 a"), "a".padStart(2));
});

test("a value with a place's name in it stays a value", () => {
  assert.ok(text("key.file.text", { label: "{key}", origin: "$&", key: "$1" }).includes("{key}"));
  assert.ok(text("key.file.text", { label: "a", origin: "$&", key: "$1" }).includes("$&"));
});

test("a device has a name that fits the repo's form", () => {
  assert.equal(deviceName("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"), "Firefox, Linux");
  assert.equal(deviceName("Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) Safari/604.1"), "Safari, iOS");
  assert.equal(deviceName("Mozilla/5.0 (Linux; Android 14) Chrome/130.0 Mobile Safari/537.36"), "Chrome, Android");
  assert.equal(deviceName("\u202e".repeat(10_000)), "Browser");
});
