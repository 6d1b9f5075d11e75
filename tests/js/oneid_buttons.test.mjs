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
  await quiet();
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
  await quiet();
  assert.equal(page.all("button").length, 0);
  page.parsed();
  assert.deepEqual(page.all("button").map(({ textContent }) => textContent), ["Sign in with OneID", "Create a OneID"]);
  page.place("#a");
  page.OneID.config({});
  await quiet();
  assert.equal(page.all("button").length, 4);
  [...element.children].forEach((child) => child.remove());
  page.OneID.init();
  await quiet();
  assert.equal(page.all("button").length, 4, "what the page threw away is drawn again");
});

test("a button's callback hears the answer, and its click opens the window", async () => {
  const page = new SitePage();
  const heard = [];
  page.place("#a b > c");
  page.OneID.config({ buttons: { "  signup   #a b > c": [{ silent: true }, (value) => heard.push(value)] } });
  await page.connect();
  await quiet();
  page.press("Create a OneID");
  assert.equal(page.opened.length, 1);
  await page.end({ type: "cancelled" });
  assert.deepEqual(heard, [null]);
});

test("keys that are no button are told when debug is on, and the others are drawn", async () => {
  const page = new SitePage();
  page.place(".x");
  const bad = ["confirm .x", "signin", "signin !(", "toString .x", ".x signin", ""];
  const buttons = Object.fromEntries([...bad, "signin .x"].map((key) => [key, []]));
  page.OneID.config({ debug: true, buttons });
  await quiet();
  assert.equal(page.all("button").length, 1);
  for (const key of bad) assert.ok(page.lines.some((line) => line.endsWith(`not a button: "${key}"`)), key);
});

test("texts are in the page's language, else in the browser's, else English", async () => {
  const [english, german] = ["Sign in with OneID", "Mit OneID anmelden"];
  const cases = [["de-AT", "en", german], ["", "de", german], ["en", "de", english], ["", "fr-FR", english],
    ["den", "en", english]];
  for (const [lang, language, label] of cases) {
    const page = new SitePage({ lang, language });
    page.place("#a");
    page.OneID.config({ buttons: { "signin #a": [] } });
    await quiet();
    assert.equal(page.all("button")[0].textContent, label);
  }
});

test("its sources never write HTML, store nothing and evaluate nothing", () => {
  for (const file of ["oneid.js", "shim/attributes.js", "shim/buttons.js", "shim/dialogs.js"]) {
    const source = readFileSync(new URL(`../../static/${file}`, import.meta.url), "utf8");
    assert.doesNotMatch(source, /(?:inner|outer|Adjacent)HTML|document\.write|\beval\b|Function\(|Storage|\bcookie\b/);
  }
});

test("where the file with the buttons does not come, the next config draws them", async () => {
  const page = new SitePage();
  page.place("#a");
  page.reachable = false;
  page.OneID.config({ buttons: { "signin #a": [] } });
  await quiet();
  assert.deepEqual(page.all("button"), []);
  page.reachable = true;
  page.OneID.config({});
  await quiet();
  assert.equal(page.all("button").length, 1);
  assert.equal(page.scripts.length, 2);
});
