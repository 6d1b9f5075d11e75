import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { SIGNED, SILENT, SitePage, quiet } from "./site_page.mjs";
import { SITE } from "./windows.mjs";

test("a button is drawn at every match, once, and config alone is enough", async () => {
  const page = new SitePage();
  const [one, two] = [page.place(".login"), page.place(".login")];
  page.OneID.config({ buttons: { "signin .login": [{ challenge: { callback: "/old" } }] } });
  page.OneID.config({ buttons: { "signin .login": [{ challenge: { callback: "/auth" } }] } });
  assert.deepEqual(page.all("button").map(({ textContent }) => textContent), Array(2).fill("Sign in with OneID"));
  for (const element of [one, two]) {
    const [host] = element.children;
    const [button] = host.shadow.children;
    assert.equal(host.shadow.adoptedStyleSheets.length, 1);
    assert.deepEqual([button.tag, button.type], ["button", "button"]);
    assert.equal(button.children[0].attributes["aria-hidden"], "true");
  }
  await page.connect(SILENT);
  page.frame.reply = () => ({ value: SIGNED });
  assert.equal(page.press("Sign in with OneID").defaultPrevented, true);
  assert.equal(page.all("button")[0].attributes["aria-busy"], "true");
  await quiet();
  assert.equal(page.posted[0].url, `${SITE}/auth`, "the later arguments count");
  assert.equal(page.all("button")[0].attributes["aria-busy"], undefined);
});

test("elements that come later are drawn when the page is parsed and when config or init runs", async () => {
  const page = new SitePage({ loading: true });
  page.OneID.init({ buttons: { "signin #a": [], "signup #a": [{}] } });
  const element = page.place("#a");
  assert.equal(page.all("button").length, 0);
  page.parsed();
  assert.deepEqual(page.all("button").map(({ textContent }) => textContent), ["Sign in with OneID", "Create a OneID"]);
  page.place("#a");
  page.OneID.config({});
  assert.equal(page.all("button").length, 4);
  [...element.children].forEach((child) => child.remove());
  page.OneID.init();
  assert.equal(page.all("button").length, 4, "what the page threw away is drawn again");
});

test("a button's callback hears the answer, and its click opens the window", async () => {
  const page = new SitePage();
  const heard = [];
  page.place("#a b > c");
  page.OneID.config({ buttons: { "  signup   #a b > c": [{ silent: true }, (value) => heard.push(value)] } });
  await page.connect();
  page.press("Create a OneID");
  assert.equal(page.opened.length, 1);
  await page.end({ type: "cancelled" });
  assert.deepEqual(heard, [null]);
});

test("keys that are no button are told when debug is on, and the others are drawn", () => {
  const page = new SitePage();
  page.place(".x");
  const bad = ["quickfill .x", "signin", "signin !(", "toString .x", ".x signin", ""];
  const buttons = Object.fromEntries([...bad, "signin .x"].map((key) => [key, []]));
  page.OneID.config({ debug: true, buttons });
  assert.equal(page.all("button").length, 1);
  for (const key of bad) assert.ok(page.lines.some((line) => line.endsWith(`not a button: "${key}"`)), key);
});

test("texts are in the page's language, else in the browser's, else English", () => {
  const [english, german] = ["Sign in with OneID", "Mit OneID anmelden"];
  const cases = [["de-AT", "en", german], ["", "de", german], ["en", "de", english], ["", "fr-FR", english],
    ["den", "en", english]];
  for (const [lang, language, label] of cases) {
    const page = new SitePage({ lang, language });
    page.place("#a");
    page.OneID.config({ buttons: { "signin #a": [] } });
    assert.equal(page.all("button")[0].textContent, label);
  }
});

test("its source never writes HTML, stores nothing and evaluates nothing", () => {
  const source = readFileSync(new URL("../../static/oneid.js", import.meta.url), "utf8");
  assert.doesNotMatch(source, /(?:inner|outer|Adjacent)HTML|document\.write|\beval\b|Function\(|Storage|\bcookie\b/);
});
