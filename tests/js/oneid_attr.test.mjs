/** Cards at the shim: what is asked of the frame and of the window, and what the page gets of it. */

import assert from "node:assert/strict";
import { test } from "node:test";

import {
  PLAIN, SILENT, SitePage, codeOf, newcomer, outcome, plain, prepared, quiet, returning,
} from "./site_page.mjs";
import { SERVICE } from "./windows.mjs";

const ADA = { name: { first_name: "Ada" }, address: { state: "CA", zip: "94103" } };

async function sharing(attr = ADA) {
  const page = await prepared(returning);
  page.frame.reply = () => ({ value: { attr, claims: {} } });
  return page;
}

test("what is released is told by the frame, with no window", async () => {
  const page = await sharing();
  const heard = [];
  const value = await page.OneID.attr("name[first_name] address", (same) => heard.push(same));
  assert.deepEqual(plain(value), { attribute_data: ADA });
  await quiet();
  assert.deepEqual(plain(heard), [{ attribute_data: ADA }]);
  assert.deepEqual(page.frame.calls, [{ name: "attr", args: { attr: "name[first_name] address", again: true } }]);
  assert.deepEqual(page.opened, []);
});

test("names are a text, a list, or the attr of options", async () => {
  const page = await sharing();
  const cases = [["name email[email]", "name email[email]"], [["name", "email[email]"], "name email[email]"],
    [{ attr: "name" }, "name"], [{ attr: ["name", "TinyBttn[ID]"], silent: true }, "name TinyBttn[ID]"],
    ["personal_info[email] address.billing[zip] address[billing][zip]",
      "personal_info[email] address.billing[zip] address[billing][zip]"]];
  for (const [given, attr] of cases) {
    await page.OneID.attr(given);
    assert.deepEqual(page.frame.calls.pop().args, { attr, again: given.silent !== true });
  }
});

test("with a click behind it a call asks again for what was not given, and without one it does not", async () => {
  const page = await sharing();
  page.activation.isActive = false;
  await page.OneID.attr("name");
  assert.equal(page.frame.calls[0].args.again, false);
});

test("what is not released opens the window within the click, which asks for it and brings it", async () => {
  const page = await prepared();
  const asking = page.OneID.attr("name");
  assert.equal(page.opened.length, 1, "within the click");
  const { data, ports } = await page.ready();
  const { frame, id, ...asked } = data.request;
  assert.deepEqual(plain(asked), { name: "attr", attr: "name", set: null, label: "", ...PLAIN });
  assert.deepEqual([frame, id], [page.connected.iframe.name, "ID"]);
  ports[0].postMessage({ type: "done", value: { attr: ADA, claims: { email: "T" } } });
  assert.deepEqual((await outcome(asking)).value, { attribute_data: ADA });
  assert.deepEqual(page.frame.calls, [], "the window brought all of it");
});

test("the first call waits for its file as a first click does for the frame, and not for longer", async () => {
  const page = await newcomer();
  let loaded;
  page.load = (script) => (loaded = () => SitePage.prototype.load.call(page, script));
  const asking = page.OneID.attr("name");
  await page.clock.turn(650);
  assert.deepEqual(page.opened, []);
  await page.clock.turn(100);
  assert.equal(page.opened.length, 1);
  assert.equal(await page.ready(), undefined, "what to ask for is not known yet");
  loaded();
  await quiet();
  const [{ data, ports }] = page.opened[0].posted;
  assert.equal(data.request.attr, "name");
  ports[0].postMessage({ type: "done", value: { attr: ADA } });
  assert.deepEqual((await outcome(asking)).value, { attribute_data: ADA });
});

test("a window that opened for nothing is closed", async () => {
  const page = await newcomer();
  let loaded;
  page.load = (script) => (loaded = () => SitePage.prototype.load.call(page, script));
  const asking = page.OneID.attr("__proto__[x]");
  await page.clock.turn(750);
  const [popup] = page.opened;
  popup.close = () => (popup.closed = true);
  await page.ready();
  loaded();
  assert.equal(await codeOf(asking), "malformed_attr");
  assert.equal(popup.closed, true);
});

test("without the file there is no answer", async () => {
  const page = await newcomer();
  page.reachable = false;
  assert.equal(await codeOf(page.OneID.attr("name")), "network");
  page.reachable = true;
  page.OneID.attr("name", () => {});
  await quiet();
  assert.equal(page.opened.length, 1, "the next call tries again");
});

test("keys that know no release open the window, with a click behind the call and not with silent", async () => {
  const page = await prepared(returning);
  page.frame.reply = () => ({ error: "interaction_required" });
  assert.equal(await codeOf(page.OneID.attr({ attr: "name", silent: true })), "interaction_required");
  page.activation.isActive = false;
  assert.equal(await codeOf(page.OneID.attr("name")), "interaction_required");
  assert.deepEqual(page.opened, []);
  page.activation.isActive = true;
  const asking = page.OneID.attr("name");
  await quiet();
  await page.end({ type: "done", value: { attr: ADA, claims: {} } });
  assert.deepEqual((await outcome(asking)).value, { attribute_data: ADA });
});

test("silent waits for a slow frame, and opens nothing", async () => {
  const page = new SitePage();
  const asking = page.OneID.attr({ attr: "name", silent: true });
  await page.clock.turn(5_000);
  assert.equal(await outcome(asking), "pending");
  page.frame.reply = () => ({ value: { attr: ADA, claims: {} } });
  await page.connect(SILENT);
  assert.deepEqual((await outcome(asking)).value, { attribute_data: ADA });
  assert.deepEqual(page.opened, []);
});

test("cancelling is null, and other failures keep their code", async () => {
  const page = await prepared();
  const cancelled = page.OneID.attr("name");
  await page.end({ type: "cancelled" });
  assert.deepEqual(await outcome(cancelled), { value: null });
  const failed = page.OneID.attr("name", () => {});
  await page.end({ type: "failed", error: "malformed_attr" });
  assert.equal(await codeOf(failed), "malformed_attr");
});

const DEEP = JSON.parse(`${'{"address":'.repeat(5000)}1${"}".repeat(5000)}`);
const BAD = {
  nothing: undefined, "an empty text": "", blanks: " ", "an empty list": [], null: null, "a number": 5,
  "an empty set": {},
  "a name of a prototype": "__proto__[x]", "an open bracket": "name[first_name", "a long name": `${"a".repeat(33)}[x]`,
  "a long text": "name ".repeat(1000), "many names": Array.from({ length: 65 }, (_, n) => `a${n}[b]`), markup: "<b>",
  "a prototype to keep": JSON.parse('{"__proto__": {"x": "1"}}'),
  "its field": JSON.parse('{"name": {"__proto__": "1"}}'),
  "a text of 1 MiB": { "name[first_name]": "x".repeat(1 << 20) }, "a function": { name: { first_name: () => {} } },
  "10,000 fields": { name: Object.fromEntries(Array.from({ length: 10_000 }, (_, n) => [`a${n}`, "x"])) },
  "5,000 deep": DEEP, "no field": { name: "Ada" }, "a list to keep": { name: ["Ada"] }, "null to keep": { name: null },
};
for (const [what, given] of Object.entries(BAD)) {
  test(`${what} is malformed_attr before anything is opened`, async () => {
    const page = await prepared();
    assert.equal(await codeOf(page.OneID.attr(given)), "malformed_attr");
    assert.deepEqual([page.opened, page.frame.calls], [[], []]);
  });
}

test("what is to be kept goes to the window as it is spelled, whatever the frame holds: true", async () => {
  const page = await prepared(returning);
  const address = { street: "1 Main St", zip: 94103 };
  const set = { "email[email]": "ada@example.org", address, "address[billing][zip]": "1" };
  const keeping = page.OneID.attr(set);
  assert.equal(page.opened.length, 1, "within the click");
  const { data, ports } = await page.ready();
  assert.deepEqual(plain([data.request.name, data.request.attr]), ["attr", ""]);
  assert.deepEqual(plain(data.request.set), { ...set, address: { street: "1 Main St", zip: "94103" } });
  ports[0].postMessage({ type: "done", value: { kept: true } });
  assert.deepEqual(await outcome(keeping), { value: true });
  assert.deepEqual(page.frame.calls, []);
});

test("a double click asks once; other names wait for their turn", async () => {
  const page = await prepared();
  const [first, second] = [page.OneID.attr(["name"]), page.OneID.attr(["name"])];
  const other = page.OneID.attr("email", () => {});
  const signing = page.OneID.signin({}, () => {});
  await quiet();
  assert.equal(page.opened.length, 1);
  await page.end({ type: "done", value: { attr: ADA } });
  for (const asking of [first, second]) assert.deepEqual((await outcome(asking)).value, { attribute_data: ADA });
  assert.equal(page.opened.length, 2);
  await page.end({ type: "cancelled" });
  assert.deepEqual(await outcome(other), { value: null });
  assert.equal(page.opened.length, 3);
  await page.end({ type: "cancelled" });
  assert.deepEqual(await outcome(signing), { value: null });
});

test("on and once hear of attr, quickfill and collect", async () => {
  const page = await sharing();
  const heard = [];
  for (const name of ["attr", "quickfill", "collect"]) page.OneID.on(name, (value) => heard.push([name, plain(value)]));
  await page.OneID.attr("address");
  await assert.rejects(page.OneID.quickfill({ "!": "name" }));
  await page.OneID.collect({ input: "name[first_name]" });
  await quiet();
  const [given, collected] = [ADA, {}].map((attribute_data) => ({ attribute_data }));
  assert.deepEqual(heard, [["attr", given], ["quickfill", null], ["collect", collected]]);
});

test("the file of cards comes from a lasting address, or by its hash; early for who has transforms", async () => {
  const page = await prepared();
  page.OneID.attr("name", () => {});
  assert.deepEqual(page.scripts.map(({ src }) => src), [`${SERVICE}/oneid-attributes.js`]);
  const pinned = new SitePage({ script: `${SERVICE}/static/2.1-abc/oneid.js` });
  pinned.OneID.config({ transform: [] });
  const [{ src, integrity }] = pinned.scripts;
  assert.equal(src, `${SERVICE}/static/2.1-abc/shim/attributes.js`);
  assert.equal(integrity, "{{integrity shim/attributes.js}}");
});

test("a frame that may only read is not asked to sign in: the window is, after a click", async () => {
  const page = new SitePage();
  page.OneID.init();
  await page.connect({ silent: true });
  page.frame.reply = () => ({ value: { attr: ADA, claims: {} } });
  assert.deepEqual(plain((await page.OneID.attr("name")).attribute_data), ADA);
  assert.deepEqual(page.frame.calls.map(({ name }) => name), ["attr"]);
  page.OneID.signin(() => {});
  await quiet();
  assert.deepEqual([page.frame.calls.length, page.opened.length], [1, 1]);
});
