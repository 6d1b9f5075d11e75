// The words of the page that mailed links lead to: the same in every language, and none too many.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import de from "../../static/verify/strings/de.js";
import en from "../../static/verify/strings/en.js";

const CODE = readFileSync(new URL("../../static/verify/verify.js", import.meta.url), "utf8");
const NAMED = ["confirmed", "refused", "over", "empty"].flatMap((name) => [`${name}.title`, `${name}.lead`]);

test("both languages have the same keys, and something to say under each", () => {
  assert.deepEqual(Object.keys(de), Object.keys(en));
  for (const key of Object.keys(en)) assert.ok(de[key].trim() && en[key].trim() && !/[{}]/.test(de[key] + en[key]), key);
});

test("every word that the code asks for is there, and every word that is there is asked for", () => {
  for (const [, key] of CODE.matchAll(/\btext\("([a-z_.]+)"/g)) assert.ok(key in en, key);
  for (const key of Object.keys(en)) {
    assert.ok(key.startsWith("error.") || NAMED.includes(key) || CODE.includes(`"${key}"`), `${key} is never said`);
  }
});

test("what nobody can do anything about has one sentence, and what one can has its own", () => {
  for (const code of ["network", "too_many_requests", "unknown"]) assert.ok(`error.${code}` in en, code);
});
