// The dashboard's words, and what it puts together without a page: the export, the list of sites, the order of cards.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";
import { written } from "../../static/dashboard/exporting.js";
import { sitesOf } from "../../static/dashboard/reading.js";
import de from "../../static/dashboard/strings/de.js";
import en from "../../static/dashboard/strings/en.js";
import { byKind, called, fieldsOf, provedOf } from "../../static/dashboard/vault.js";

const PAGE = new URL("../../static/dashboard/", import.meta.url);
const places = (words) => [...words.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort();
const card = (kind, fields, more = {}) => ({
  id: "c", version: 1, kind, label: "", default: false, fields, made: 1, changed: 1, ...more,
});

test("both languages have the same keys, and the same places for values", () => {
  assert.deepEqual(Object.keys(de), Object.keys(en));
  for (const key of Object.keys(en)) {
    assert.deepEqual(places(de[key]), places(en[key]), key);
    assert.ok(de[key].trim() && en[key].trim(), key);
  }
});

test("every word that the code asks for is there, and every word that is there is asked for", () => {
  const files = readdirSync(PAGE, { recursive: true }).filter((name) => /^(?!strings).*\.js$/.test(name));
  files.push("../shared/explaining.js");
  const code = files.map((name) => readFileSync(new URL(name, PAGE), "utf8")).join("\n");
  const built = [...code.matchAll(/`([a-z_.]+\.)\$\{/g)].map(([, start]) => start);
  for (const [, key] of code.matchAll(/\b(?:text|say|heading|empty)\("([a-z_.0-9]+)"/g)) assert.ok(key in en, key);
  for (const key of Object.keys(en)) {
    const isSaid = code.includes(`"${key}"`) || built.some((start) => key.startsWith(start)) || key.endsWith(".row");
    assert.ok(isSaid, `${key} is never said`);
  }
});

test("every refusal that the dashboard can meet has its sentence", () => {
  const codes = [
    "network", "unreadable_answer", "unavailable", "internal_fault", "too_many_requests", "storage", "seal_broken",
    "rolled_back", "account_gone", "malformed_member", "malformed_proof", "proof_not_fresh", "replayed_proof",
    "signer_refused", "signer_revoked", "device_locked", "device_refused", "phone_required", "already_taken",
    "card_refused", "version_conflict", "too_many_cards", "sealed_too_large", "malformed_attr", "malformed_value",
    "malformed_address", "address_code_refused", "mail_unavailable", "identity_refused", "origin_refused",
  ];
  for (const code of codes) assert.ok(`error.${code}` in en, code);
});

test("the cards stand in the order of their kinds, the default first, and those of sites at the end", () => {
  const cards = [
    card("zebra", {}), card("payment", {}), card("address", {}, { id: "old", made: 1 }), card("name", {}),
    card("address", {}, { id: "preferred", made: 9, default: true }), card("address", {}, { id: "young", made: 5 }),
  ];
  assert.deepEqual([...byKind(cards).keys()], ["name", "address", "payment", "zebra"]);
  assert.deepEqual(byKind(cards).get("address")?.map(({ id }) => id), ["preferred", "old", "young"]);
  assert.deepEqual([...byKind([])], []);
});

test("the fields of a card stand in the order of its form, and names that objects have are fields like others", () => {
  const fields = { zip: "1", city: "2", street: "3", extra: "4" };
  assert.deepEqual(fieldsOf(card("address", fields)).map(([field]) => field), ["street", "city", "zip", "extra"]);
  assert.deepEqual(fieldsOf(card("zebra", { b: "1", a: "2" })).map(([field]) => field), ["a", "b"]);
});

test("a card is called by its name, or by what is on it, and a payment card never by its number", () => {
  assert.equal(called(card("address", { street: "17 Lane", city: "S" })), "17 Lane");
  assert.equal(called(card("address", { street: "17 Lane" }, { label: "Home" })), "Home");
  assert.equal(called(card("name", { last_name: "Ostermann", first_name: "Annegret" })), "Annegret Ostermann");
  assert.equal(called(card("payment", { cc_type: "VI", cc_number: "4111111111111111" })), "•••• 1111");
});

test("the proved address is the one whose salted hash the repo tells", async () => {
  const bytes = (text) => new TextEncoder().encode(text);
  const salt = crypto.getRandomValues(new Uint8Array(32));
  const digest = await crypto.subtle.digest("SHA-256", new Uint8Array([...salt, ...bytes("b@example.org")]));
  const text = (value) => Buffer.from(value).toString("base64url");
  const cards = [card("name", { email: "b@example.org" }), card("email", { email: "a@example.org" }),
    card("email", { email: "b@example.org" })];
  const told = { salt: text(salt), digest: text(digest), verified: "2026-11-21T10:00:00Z" };
  assert.equal(await provedOf(cards, told), cards[2]);
  assert.equal(await provedOf(cards.slice(0, 2), told), null);
});

test("a site is one that the person used, with what it reads today", () => {
  const identity = (origin, more = {}) => {
    return { uid: `uid ${origin}`, origin, created: "c", silent: false, minted: true, ...more };
  };
  const release = (origin, kind, more = {}) => ({
    uid: `uid ${origin}`, origin, card: kind, fields: ["email"], version: 1, sealed: "s", changed: "c", ...more,
  });
  const sites = sitesOf(
    [identity("https://b.example"), identity("http://a.example"), identity("https://never.example", { minted: false })],
    [release("https://b.example", "name"), release("https://b.example", "email"),
      release("http://a.example", "email", { sealed: null })],
  );
  assert.deepEqual(sites.map(({ origin }) => origin), ["http://a.example", "https://b.example"]);
  assert.deepEqual(sites[1].released.map((one) => one.card), ["email", "name"]);
  assert.deepEqual(sites[0].released, []);
});

test("an export has what is kept, and no key or secret of the device", () => {
  globalThis.location = /** @type {any} */ ({ origin: "https://id.example.org" });
  const account = /** @type {any} */ ({
    id: "A", label: "Mine", created: 0, sealedS: new Uint8Array([1, 2]), deviceKey: "private", deviceId: "kid",
  });
  const released = /** @type {any} */ ([
    { uid: "u", card: "email", source: "c", asked: ["*"], values: { email: "x@example.org" }, changed: "t" },
    { uid: "other", card: "email", source: "c", asked: ["*"], values: {}, changed: "t" },
  ]);
  const known = [{ uid: "u", origin: "https://shop.example", created: "t", silent: true, released: [] }];
  const activity = { errorcode: 0, sign_ins: [{ origin: "o" }], confirmations: [] };
  const file = /** @type {any} */ (written({
    account, cards: [card("email", { email: "x@example.org" })], released, known, devices: [], activity, email: null,
  }));
  assert.deepEqual(file.sites[0].reads.map(({ values }) => values), [{ email: "x@example.org" }]);
  assert.deepEqual(file.cards[0].fields, { email: "x@example.org" });
  assert.deepEqual(file.activity, { sign_ins: [{ origin: "o" }], confirmations: [] });
  assert.ok(!/private|kid|sealed/.test(JSON.stringify(file)));
});
