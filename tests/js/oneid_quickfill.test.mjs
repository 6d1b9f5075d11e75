/** Filling and reading a form: what a map may say, and what happens to the page when something is wrong with it. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { placeField } from "./form_fields.mjs";
import { SitePage, codeOf, newcomer, outcome, plain, quiet, returning } from "./site_page.mjs";

const ADA = { name: { first_name: "Ada", last_name: "Lovelace" }, email: { email: "ada@example.org" },
  address: { state: "CA", billing: { zip: "94103" } } };

async function sharing({ attr = ADA, transform = [] } = {}) {
  const page = await returning();
  page.OneID.config({ transform });
  page.frame.reply = () => ({ value: { attr, claims: {} } });
  await quiet();
  return page;
}

test("a map or options: the fields have their texts, and hear of it", async () => {
  for (const wrap of [(map) => map, (map) => ({ map })]) {
    const page = await sharing();
    const [name, zip] = [placeField(page, "#first"), placeField(page, "#zip", "textarea", "textarea")];
    const map = { "#first": "name[first_name]", "#zip": { attr: "address[billing][zip]" } };
    const value = await page.OneID.quickfill(wrap(map));
    assert.deepEqual([name.value, zip.value], ["Ada", "94103"]);
    assert.deepEqual([name.heard, zip.heard], [["input", "change"], ["input", "change"]]);
    assert.deepEqual(plain(value), { success: true, filled: 2, missing: [], attribute_data: ADA });
    assert.deepEqual(page.frame.calls[0].args, { attr: "name[first_name] address[billing][zip]", again: true });
  }
});

test("each thing is asked for once, and more than the fields need with attr", async () => {
  const page = await sharing();
  placeField(page, "#a");
  const map = { "#a": "email", "#b": "email", "#c": "name[first_name]" };
  const { missing } = await page.OneID.quickfill({ map, attr: "phone company" });
  assert.deepEqual(plain(missing), ["#b", "#c"], "nothing in the page matches them");
  assert.equal(page.frame.calls[0].args.attr, "email name[first_name] phone company");
  await page.OneID.quickfill({ map: { "#a": "email" }, attr: ["phone", "email"] });
  assert.equal(page.frame.calls[1].args.attr, "email phone");
});

test("triggerEvents false: nothing in the page hears of it", async () => {
  const page = await sharing();
  const [text, box] = [placeField(page, "#a"), placeField(page, "#b", "input", "checkbox", { value: "CA" })];
  await page.OneID.quickfill({ map: { "#a": "name[first_name]", "#b": "address[state]" }, triggerEvents: false });
  assert.deepEqual([text.value, box.checked, text.heard, box.heard], ["Ada", true, [], []]);
});

test("what could not be filled has a class and is told; what is filled later loses it", async () => {
  const page = await sharing({ attr: { name: { first_name: "Ada" } } });
  const [first, last] = [placeField(page, "#first"), placeField(page, "#last")];
  const map = { "#first": "name[first_name]", "#last": "name[last_name]" };
  const { filled, missing } = await page.OneID.quickfill(map);
  assert.deepEqual([filled, plain(missing)], [1, ["#last"]]);
  assert.deepEqual([[...first.classList], [...last.classList]], [[], ["oneid-attr-missing"]]);
  page.frame.reply = () => ({ value: { attr: ADA } });
  await page.OneID.quickfill(map);
  assert.deepEqual([last.value, [...last.classList]], ["Lovelace", []]);
});

test("fields that are closed, of no use, or of a number are left alone", async () => {
  const page = await sharing();
  const members = [["input", "text", { disabled: true }], ["input", "text", { readOnly: true }], ["input", "number"],
    ["div", undefined, { isContentEditable: false }], ["input", "hidden"], ["input", "submit"]];
  const fields = members.map(([tag, type, more], index) => placeField(page, `#f${index}`, tag, type, more));
  const map = Object.fromEntries(fields.map((_, index) => [`#f${index}`, "name[first_name]"]));
  const { filled, missing } = await page.OneID.quickfill(map);
  assert.deepEqual([filled, plain(missing)], [0, Object.keys(map)]);
  assert.deepEqual(fields.map(({ value }) => value), Array(6).fill(""));
});

test("of a group of choices the right one is chosen, by a click; one more click takes a wrong one back", async () => {
  const page = await sharing();
  const group = (type) => ["NY", "CA"].map((value) => placeField(page, `#${type}`, "input", type, { value }));
  const [boxes, radios] = [group("checkbox"), group("radio")];
  boxes[0].checked = true;
  const { filled, missing } = await page.OneID.quickfill({ "#checkbox": "address[state]", "#radio": "address[state]" });
  assert.deepEqual([filled, plain(missing)], [2, []]);
  assert.deepEqual(boxes.map(({ checked }) => checked), [false, true]);
  assert.deepEqual(radios.map(({ heard }) => heard), [[], ["click"]]);
  boxes[1].value = "TX";
  const again = await page.OneID.quickfill({ "#checkbox": "address[state]" });
  assert.deepEqual([plain(again.missing), boxes.map(({ checked }) => checked)], [["#checkbox"], [false, true]]);
});

test("transforms: of the page for all, of an entry for its field alone, which may take a whole card", async () => {
  const page = await sharing({ transform: [{ attr: "state", fromOneID: () => 12 }] });
  const [numeric, lower, whole] = ["#numeric", "#lower", "#whole"].map((selector) => placeField(page, selector));
  const { attribute_data } = await page.OneID.quickfill({
    "#numeric": "address[state]",
    "#lower": { attr: "address[state]", transform: (code) => code.toLowerCase() },
    "#whole": { attr: "name", transform: ({ first_name, last_name }) => `${first_name} ${last_name}` },
  });
  assert.deepEqual([numeric.value, lower.value, whole.value], ["12", "ca", "Ada Lovelace"]);
  assert.equal(attribute_data.address.state, "12");
});

test("a transform that fails leaves every field as it is", async () => {
  const page = await sharing();
  const first = placeField(page, "#first");
  placeField(page, "#state");
  const map = { "#first": "name[first_name]", "#state": { attr: "address[state]", transform: () => ({}) } };
  assert.equal(await codeOf(page.OneID.quickfill(map)), "transform_failed");
  assert.deepEqual([first.value, first.heard, [...first.classList]], ["", [], []]);
});

const BAD = {
  nothing: undefined, "a text": "#a", "an empty map": {}, "a list": [],
  "a selector that does not parse": { "!": "name" },
  "an entry that is none": { "#a": 5 }, "an entry without attr": { "#a": {} }, "null for an entry": { "#a": null },
  "a name of a prototype": { "#a": "__proto__[x]" }, "two names": { "#a": "name email" },
  "a transform that is none": { "#a": { attr: "name", transform: "upper" } },
  "a context that does not parse": { map: { "#a": "name" }, context: "!" },
  "a context that is none": { map: { "#a": "name" }, context: 5 },
  "a context that is not there": { map: { "#a": "name" }, context: null },
  "10,000 entries": Object.fromEntries(Array.from({ length: 10_000 }, (_, n) => [`#a${n}`, "name"])),
  "a map to a password": { "#password": "name[first_name]" }, "a map to a file": { "#file": "name[first_name]" }, // pragma: allowlist secret
};
for (const [what, given] of Object.entries(BAD)) {
  test(`${what} is malformed_map, before anything is opened and for collect as well`, async () => {
    const page = await newcomer();
    const fields = ["password", "file"].map((type) => placeField(page, `#${type}`, "input", type, { value: "SECRET" }));
    page.matches["#a"] = [];
    page.OneID.config({ transform: [] });
    await quiet();
    assert.equal(await codeOf(page.OneID.quickfill(given)), "malformed_map");
    assert.equal(await codeOf(page.OneID.collect(given)), "malformed_map");
    assert.deepEqual([page.opened, fields.map(({ value }) => value)], [[], ["SECRET", "SECRET"]]);
  });
}

test("a field that became one of a password meanwhile is not filled", async () => {
  const page = await sharing();
  const field = placeField(page, "#a");
  page.frame.reply = () => {
    field.type = "password";
    return { value: { attr: ADA } };
  };
  const { filled, missing } = await page.OneID.quickfill({ "#a": "name[first_name]" });
  assert.deepEqual([filled, plain(missing), field.value], [0, ["#a"], ""]);
});

test("the context is a selector or an element; outside of it nothing is filled", async () => {
  const page = await sharing();
  const outside = placeField(page, "#a");
  const [inside] = [placeField(page, "inside")];
  const form = { nodeType: 1, querySelectorAll: () => [inside] };
  page.matches["#form"] = [form];
  for (const context of [form, "#form"]) {
    inside.value = "";
    assert.equal((await page.OneID.quickfill({ map: { "#a": "name[first_name]" }, context })).filled, 1);
    assert.deepEqual([inside.value, outside.value], ["Ada", ""]);
  }
  assert.deepEqual(plain((await page.OneID.quickfill({ map: { "#a": "name" }, context: "#none" })).missing), ["#a"]);
});

test("without a release a click opens the window, and silent none; cancelled fills nothing", async () => {
  const page = await newcomer();
  const field = placeField(page, "#a");
  page.OneID.config({ transform: [] });
  await quiet();
  const filling = page.OneID.quickfill({ "#a": "name[first_name]" });
  assert.equal(page.opened.length, 1, "within the click");
  await page.end({ type: "cancelled" });
  assert.deepEqual(await outcome(filling), { value: null });
  assert.deepEqual([field.value, [...field.classList]], ["", []]);
  const silent = { map: { "#a": "name[first_name]" }, silent: true };
  assert.equal(await codeOf(page.OneID.quickfill(silent)), "interaction_required");
  const again = page.OneID.quickfill({ "#a": "name[first_name]" });
  await page.end({ type: "done", value: { attr: ADA, claims: {} } });
  assert.equal((await outcome(again)).value.filled, 1);
});

test("a double click fills once, also with a function and an element in the call; others wait", async () => {
  const page = await newcomer();
  page.OneID.config({ transform: [] });
  await quiet();
  const [here, there] = [1, 2].map(() => ({ nodeType: 1, querySelectorAll: () => [] }));
  const map = () => ({ "#a": { attr: "name", transform: ({ first_name }) => first_name } });
  const calls = [here, here, there].map((context) => page.OneID.quickfill({ map: map(), context }));
  await quiet();
  assert.equal(page.opened.length, 1);
  await page.end({ type: "done", value: { attr: ADA } });
  const [first, second] = [await outcome(calls[0]), await outcome(calls[1])];
  assert.deepEqual(first, second);
  assert.equal(page.opened.length, 2);
  await page.end({ type: "cancelled" });
  assert.deepEqual(await outcome(calls[2]), { value: null });
});

test("a button fills; a double click of it fills once", async () => {
  const page = await sharing();
  const field = placeField(page, "#a");
  const heard = [];
  page.place(".fill");
  page.OneID.config({ buttons: { "quickfill .fill": [{ "#a": "name[first_name]" }, (value) => heard.push(value)] } });
  await quiet();
  page.press("Fill in with OneID");
  page.press("Fill in with OneID");
  await quiet();
  assert.deepEqual([field.value, heard.length, page.frame.calls.length], ["Ada", 1, 1]);
});

test("collect reads what the map leads to, in OneID's values and the map's words, and opens nothing", async () => {
  const page = new SitePage();
  page.OneID.config({ transform: { state: { toOneID: (number) => (number === "12" ? "CA" : "NY") } } });
  placeField(page, "#first", "input", "text", { value: " Ada " });
  placeField(page, "#empty", "input", "text", { value: " " });
  placeField(page, "#off", "input", "text", { value: "x", disabled: true });
  placeField(page, "#token", "input", "hidden", { value: "SECRET" });
  placeField(page, "#mail", "input", "email", { value: "ada@example.org" });
  placeField(page, "#state", "input", "radio", { value: "43" });
  placeField(page, "#state", "input", "radio", { value: "12" }).checked = true;
  const map = { "#first": "name[first_name]", "#empty": "name[last_name]", "#off": "phone",
    "#token": "company[employer]",
    "#mail": "email", "#state": { attr: "address[billing][state]" }, "#none": "address[zip]" };
  const attribute_data = { name: { first_name: "Ada" }, email: { email: "ada@example.org" },
    address: { billing: { state: "CA" } } };
  const heard = [];
  const add = (value) => heard.push(plain(value));
  await page.OneID.collect(map, add);
  await page.OneID.collect(map, page.document, add);
  await page.OneID.collect({ map, context: page.document }, add);
  await quiet();
  assert.deepEqual(heard, Array(3).fill({ attribute_data }));
  assert.deepEqual([page.opened, page.all("iframe")], [[], []]);
});

test("collect with save opens the window with it, and says whether it is kept", async () => {
  const page = await sharing();
  placeField(page, "#first", "input", "text", { value: "Ada" });
  const attribute_data = { name: { first_name: "Ada" } };
  const saving = page.OneID.collect({ map: { "#first": "name[first_name]" }, save: true });
  assert.equal(page.opened.length, 1, "within the click");
  const { data, ports } = await page.ready();
  assert.deepEqual(plain([data.request.name, data.request.attr, data.request.set]), ["attr", "", attribute_data]);
  ports[0].postMessage({ type: "done", value: { kept: true } });
  assert.deepEqual((await outcome(saving)).value, { attribute_data, saved: true });
  const nothing = await page.OneID.collect({ map: { "#none": "name[first_name]" }, save: true });
  assert.deepEqual(plain(nothing), { attribute_data: {}, saved: false });
  const cancelled = page.OneID.collect({ map: { "#first": "name[first_name]" }, save: true });
  await page.end({ type: "cancelled" });
  assert.deepEqual(await outcome(cancelled), { value: null });
  assert.equal(page.opened.length, 2);
});

test("two entries of a map that stand in each other's way are malformed_map", async () => {
  const page = await sharing();
  for (const selector of ["#a", "#b"]) placeField(page, selector, "input", "text", { value: "x" });
  for (const names of [["address[billing]", "address[billing][zip]"], ["address[billing][zip]", "address[billing]"]]) {
    assert.equal(await codeOf(page.OneID.collect({ "#a": names[0], "#b": names[1] })), "malformed_map");
  }
});
