import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { gzipSync } from "node:zlib";

import { SIGNED, SILENT, SitePage, codeOf, outcome, plain, quiet, returning } from "./site_page.mjs";
import { SERVICE } from "./windows.mjs";

test("the shim is at most 10 kB, compressed as it is served", () => {
  const content = (file) => readFileSync(new URL(`../../static/${file}`, import.meta.url));
  const hashed = content("oneid.js").toString().replace(/\{\{integrity ([\w./]+)\}\}/g, (_, file) => {
    return `sha384-${createHash("sha384").update(content(file)).digest("base64")}`;
  });
  const served = hashed.replace("{{build}}", "1.0.0-0123456789ab");
  assert.ok(gzipSync(served, { level: 9 }).length <= 10_000);
});

test("it adds one global, and keeps the first where it is included twice", () => {
  const names = Object.keys(new SitePage().window);
  assert.deepEqual(names.filter((name) => /oneid/i.test(name)), ["OneID"]);
  assert.equal(names.at(-1), "OneID");
});

test("without an address of its own it says what is missing", () => {
  assert.throws(() => new SitePage({ script: "" }), /address/);
});

test("get tells every documented state, whole and one by one; buildVersion is what the server wrote", async () => {
  const page = new SitePage({ build: "2.1-0123456789ab" });
  const expected = {
    apiHost: SERVICE, apiReady: false, browserSupport: true, buildVersion: "2.1-0123456789ab", chanReady: false,
    debug: false, enabled: false, getMobileUrl: `${SERVICE}/remote`, keychainHost: SERVICE, mobileEnabled: false,
    oneIdHost: SERVICE,
    repoHost: SERVICE, signedIn: false,
  };
  assert.deepEqual(plain(page.OneID.get()), expected);
  for (const [name, value] of Object.entries(expected)) assert.equal(page.OneID.get(name), value);
  page.OneID.get().debug = true;
  assert.equal(page.OneID.get("debug"), false);
  page.OneID.init({ debug: true });
  await page.connect(SILENT);
  const changed = { apiReady: true, chanReady: true, enabled: true, signedIn: true, debug: true };
  assert.deepEqual(plain(page.OneID.get()), { ...expected, ...changed });
  await page.tell({ phone: true });
  assert.equal(page.OneID.get("mobileEnabled"), true);
});

test("init takes a function, or options and a function, and answers when the frame does", async () => {
  for (const how of ["function", "options", "promise"]) {
    const page = new SitePage();
    const heard = [];
    const done = (value) => heard.push(value);
    if (how === "function") page.OneID.init(done);
    else if (how === "options") page.OneID.init({ ready: done }, done);
    else page.OneID.init().then(done);
    await quiet();
    assert.deepEqual(heard, [], how);
    await page.connect();
    assert.deepEqual(heard, how === "options" ? [true, true] : [true], how);
  }
});

test("the frame is hidden from eyes, readers and keyboards, loaded once, and not before it is needed", async () => {
  const page = new SitePage();
  page.OneID.config({ debug: false });
  page.OneID.on("apiReady", () => {});
  assert.equal(page.all("iframe").length, 0);
  page.OneID.init();
  page.OneID.init();
  page.OneID.signout().catch(() => {});
  const [iframe, ...more] = page.all("iframe");
  assert.deepEqual(more, []);
  assert.equal(iframe.src, `${SERVICE}/frame`);
  assert.match(iframe.name, /^oneid-.{30,}/);
  assert.deepEqual([iframe.title, iframe.tabIndex, iframe.attributes["aria-hidden"]], ["OneID", -1, "true"]);
  await page.connect();
  assert.deepEqual(page.connected.data, { oneid: 1, type: "connect" });
  assert.equal(page.connected.target, SERVICE);
});

test("a page that is still being parsed gets the frame when it has a body", async () => {
  const page = new SitePage({ loading: true });
  page.OneID.init();
  page.OneID.init();
  assert.equal(page.all("iframe").length, 0);
  page.parsed();
  assert.equal(page.all("iframe").length, 1);
});

test("a frame that was thrown out with the page's body is put back, and the call waits for it", async () => {
  const page = await returning();
  for (const [call, value] of [["signin", { ...SIGNED, attr: {}, attr_claim_tokens: {} }], ["signout", true]]) {
    page.all("iframe").at(-1).remove();
    page.frame.reply = () => ({ value: call === "signin" ? SIGNED : true });
    const calling = page.OneID[call]();
    assert.equal(page.OneID.get("chanReady"), false);
    assert.equal(await outcome(calling), "pending");
    await page.connect(SILENT);
    assert.deepEqual((await outcome(calling)).value, value);
  }
  assert.equal(page.opened.length, 0);
});

test("a frame that does not answer for ten seconds is done without", async () => {
  const page = new SitePage();
  const starting = page.OneID.init();
  await page.clock.turn(9_900);
  assert.equal(await outcome(starting), "pending");
  await page.clock.turn(200);
  assert.deepEqual(await outcome(starting), { value: true });
  const signing = page.OneID.signin();
  assert.equal(page.opened.length, 1, "within the click");
  assert.deepEqual([page.OneID.get("apiReady"), page.OneID.get("chanReady")], [true, false]);
  const { data } = await page.ready();
  assert.deepEqual([data.request.frame, data.request.id], [null, null]);
  await page.end({ type: "done", value: { payload: SIGNED } });
  assert.equal((await outcome(signing)).value.uid, "U");
  assert.equal(await codeOf(page.OneID.signout()), "frame_unavailable");
});

test("a browser that can not end a request that hangs is too old", () => {
  assert.equal(new SitePage({ old: true }).OneID.get("browserSupport"), false);
});

test("the viewport tag is added only where the page has none, and not against its will", () => {
  const tags = (prepare) => {
    const page = new SitePage();
    prepare(page);
    page.OneID.init();
    return page.document.head.children.map(({ name, content }) => [name, content]);
  };
  assert.deepEqual(tags(() => {}), [["viewport", "width=device-width, initial-scale=1"]]);
  assert.deepEqual(tags(({ OneID }) => OneID.config({ viewport: false })), []);
  assert.deepEqual(tags(({ OneID }) => OneID.config({ viewport: "width=600" })), [["viewport", "width=600"]]);
  assert.equal(tags(({ document }) => document.head.append(Object.assign(document.createElement("meta"),
    { name: "viewport", content: "its own" }))).length, 1);
});

test("unknown settings are told when debug is on, and harm nothing", async () => {
  const page = new SitePage();
  page.OneID.config({ colour: "red" });
  assert.deepEqual(page.lines, []);
  page.OneID.config({ colour: "red", debug: true, transform: {} });
  assert.ok(page.lines.some((line) => line.includes("unknown setting: colour")));
  assert.ok(!page.lines.some((line) => line.includes("transform")));
});

test("on, once and off: apiReady, early and late, and every function's name", async () => {
  const page = new SitePage();
  const heard = [];
  const listener = (name) => (value) => heard.push([name, plain(value)]);
  const [on, once, removed] = ["on", "once", "removed"].map(listener);
  page.OneID.on("apiReady", on);
  page.OneID.once("signin", once);
  page.OneID.on("signin", on);
  page.OneID.on("signin", removed);
  page.OneID.off("signin", removed);
  for (const name of ["signout", "optout", "config", "init"]) page.OneID.on(name, listener(name));
  page.OneID.init();
  await page.connect(SILENT);
  assert.deepEqual(heard.splice(0), [["on", true], ["init", true]]);
  page.OneID.once("apiReady", listener("late"));
  await quiet();
  assert.deepEqual(heard.splice(0), [["late", true]]);
  page.frame.reply = ({ name }) => ({ value: name === "signin" ? SIGNED : true });
  await page.OneID.signin();
  await page.OneID.signin();
  assert.deepEqual(heard.splice(0).map(([name]) => name), ["on", "once", "on"].sort().reverse());
  await page.OneID.signout();
  await page.OneID.optout();
  await page.OneID.config({});
  page.frame.reply = () => ({ error: "network" });
  await assert.rejects(page.OneID.signin());
  await quiet();
  assert.deepEqual(heard.splice(0), [["signout", true], ["optout", true], ["config", true], ["on", null]]);
  page.OneID.off("signin");
  await assert.rejects(page.OneID.signin());
  assert.deepEqual(heard, []);
});

test("a mistake in a page's callback is the page's, and changes nothing for the promise", async (context) => {
  const page = await returning();
  const thrown = [];
  const former = process.listeners("uncaughtException");
  process.removeAllListeners("uncaughtException");
  process.on("uncaughtException", (error) => thrown.push(error.message));
  context.after(() => {
    process.removeAllListeners("uncaughtException");
    former.forEach((listener) => process.on("uncaughtException", listener));
  });
  assert.equal((await page.OneID.signin({}, () => { throw new Error("the page's"); })).uid, "U");
  await quiet();
  assert.deepEqual(thrown, ["the page's"]);
});
