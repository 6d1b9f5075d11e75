// The phone's words: the same in every language; and other people's words, shown harmless and whole.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";
import de from "../../static/remote/strings/de.js";
import en from "../../static/remote/strings/en.js";
import { marked } from "../../static/shared/harmless.js";

const REMOTE = new URL("../../static/remote/", import.meta.url);
const places = (words) => [...words.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort();

test("both languages have the same keys, and the same places for values", () => {
  assert.deepEqual(Object.keys(de), Object.keys(en));
  for (const key of Object.keys(en)) {
    assert.deepEqual(places(de[key]), places(en[key]), key);
    assert.ok(de[key].trim() && en[key].trim(), key);
  }
});

test("every word that the code asks for is there, and every word that is there is asked for", () => {
  const files = readdirSync(REMOTE, { recursive: true }).filter((name) => /^(?!strings).*\.js$/.test(name));
  files.push("../shared/explaining.js");
  const code = files.map((name) => readFileSync(new URL(name, REMOTE), "utf8")).join("\n");
  const built = [...code.matchAll(/`([a-z.]+\.)\$\{/g)].map(([, start]) => start);
  for (const [, key] of code.matchAll(/\b(?:text|say)\("([a-z_.0-9]+)"/g)) assert.ok(key in en, key);
  for (const key of Object.keys(en)) {
    assert.ok(built.some((start) => key.startsWith(start)) || code.includes(`"${key}"`), `${key} is never said`);
  }
});

test("every refusal that a phone can meet has its sentence", () => {
  const codes = [
    "malformed_member", "malformed_proof", "proof_not_fresh", "replayed_proof", "signer_refused", "signer_revoked",
    "device_locked", "device_refused", "already_taken", "phone_required", "confirmation_refused", "approval_refused",
    "control_key_refused", "number_refused", "pin_unset", "pin_refused", "pin_locked", "push_refused", "network",
    "unreadable_answer", "too_many_requests", "unavailable", "internal_fault", "pairing_refused", "pairing_attacked",
    "pairing_expired", "pairing_ended", "wrong_finish", "seal_broken", "storage",
  ];
  for (const code of codes) assert.ok(`error.${code}` in en, code);
});

const shown = (words) => marked(words).map(({ text }) => text).join("");

test("what is not seen, or turns the writing round, is told by its code point", () => {
  assert.equal(shown("pay \u202e04$"), "pay ⟨U+202E⟩04$");
  assert.equal(shown("a\u0000b\u001b\u007f"), "a⟨U+0000⟩b⟨U+001B⟩⟨U+007F⟩");
  assert.equal(shown("\u200b\u2066x\u2069\ufeff\u00ad\u3164\u2800"),
    "⟨U+200B⟩⟨U+2066⟩x⟨U+2069⟩⟨U+FEFF⟩⟨U+00AD⟩⟨U+3164⟩⟨U+2800⟩");
  assert.equal(shown("\u2028\u2029\r"), "⟨U+2028⟩⟨U+2029⟩⟨U+000D⟩");
  assert.equal(shown("\u{e0041}\ud800"), "⟨U+E0041⟩⟨U+D800⟩");
  assert.equal(shown("\u0301a\u0301\u0301\u0301\u0301"), "⟨U+0301⟩a\u0301\u0301⟨U+0301⟩⟨U+0301⟩");
  assert.equal(shown("\u{f0000}\uffff"), "⟨U+F0000⟩⟨U+FFFF⟩");
  assert.equal(shown("a\u034f\ufe0fb\u{e0100}c\u180b\u17b4"), "a⟨U+034F⟩⟨U+FE0F⟩b⟨U+E0100⟩c⟨U+180B⟩⟨U+17B4⟩");
});

test("everything else stays what it is: line feeds, HTML, other scripts", () => {
  for (const words of ["two\nlines\n\nand more", "<b>&amp;</b>", "Ada \u{1F52C} \u2764\ufe0f عُمَر Nguyễn Zoë नेहा", "", "\n"]) {
    assert.deepEqual(marked(words).every(({ code }) => !code), true);
    assert.equal(shown(words), words);
  }
});

test("two texts that differ are never shown alike because of something unseen, and a mark can not be forged", () => {
  const seen = new Set();
  for (const words of ["a", "a\u200b", "a\u200c", "a\u202e", "a\u200b\u200b", "a⟨U+200B⟩"]) {
    const form = JSON.stringify(marked(words));
    assert.ok(!seen.has(form), words);
    seen.add(form);
  }
});

test("ten thousand characters of anything are shown whole and at once", () => {
  const started = performance.now();
  for (const letter of ["x", "\u202e", "\u0301", "\n", "\u{1F511}"]) {
    const parts = marked(letter.repeat(10_000));
    assert.ok(parts.length <= 10_000);
    assert.ok(parts.map(({ text }) => text).join("").length >= 10_000);
  }
  assert.ok(performance.now() - started < 2000);
});
