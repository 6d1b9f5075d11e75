import assert from "node:assert/strict";
import { test } from "node:test";

import {
  PAYLOAD, PLAIN, SIGNED, SILENT, SitePage, codeOf, newcomer, outcome, plain, quiet, returning,
} from "./site_page.mjs";
import { SERVICE } from "./windows.mjs";

test("a returning visitor signs in with no window; without a callback address the payload is the result", async () => {
  const page = await returning();
  const heard = [];
  const value = await page.OneID.signin({ challenge: { nonce: "N" } }, (answer) => heard.push(answer));
  await quiet();
  assert.equal(JSON.stringify(value), PAYLOAD);
  assert.equal(JSON.stringify(heard), `[${PAYLOAD}]`);
  assert.deepEqual(page.frame.calls, [{ name: "signin", args: { ...PLAIN, nonce: "N" } }]);
  assert.deepEqual([page.opened, page.posted], [[], []]);
});

test("signin takes nothing at all, or a function alone", async () => {
  const page = await returning();
  const heard = [];
  page.OneID.signin((answer) => heard.push(answer.uid));
  await quiet();
  assert.equal((await page.OneID.signin()).uid, "U");
  assert.deepEqual(heard, ["U"]);
  assert.deepEqual(page.frame.calls[0].args, PLAIN);
});

test("a newcomer's click opens the popup before anything is awaited, and the frame signs after it", async () => {
  const page = await newcomer();
  const challenge = { attr: "email[email]", nonce: "N" };
  const signing = page.OneID.signin({ challenge, silent: true });
  assert.equal(page.opened.length, 1, "within the click");
  const [address, name, features] = page.opened[0].args;
  assert.deepEqual([address, name], [`${SERVICE}/popup`, "_blank"]);
  assert.match(features, /^popup,width=460,height=780,left=370,top=60$/);
  const { data, target, ports } = await page.ready();
  assert.equal(target, SERVICE);
  const frame = page.connected.iframe.name;
  const wishes = { ...PLAIN, nonce: "N", silent: true };
  const request = { name: "signin", attr: "email[email]", frame, id: "ID", label: "", set: null, ...wishes };
  assert.deepEqual(plain(data), { oneid: 1, type: "request", request });
  page.frame.reply = () => ({ value: SIGNED });
  ports[0].postMessage({ type: "done", value: {} });
  assert.equal((await outcome(signing)).value.uid, "U");
  assert.deepEqual(page.frame.calls, [{ name: "signin", args: { ...PLAIN, nonce: "N" } }]);
});

test("calls made before ready wait for the frame, and then run", async () => {
  const page = new SitePage();
  const signing = page.OneID.signin();
  const leaving = page.OneID.signout();
  await quiet();
  assert.deepEqual(page.opened, []);
  page.frame.reply = ({ name }) => ({ value: name === "signin" ? SIGNED : true });
  await page.connect(SILENT);
  assert.equal((await outcome(signing)).value.uid, "U");
  assert.deepEqual(await outcome(leaving), { value: true });
});

test("a popup that signed itself needs no frame", async () => {
  const page = new SitePage();
  page.OneID.init();
  await page.connect({ storage: false, id: null });
  const signing = page.OneID.signin({ challenge: { callback: "/auth" } });
  assert.equal((await page.ready()).data.request.id, null);
  await page.end({ type: "done", value: { payload: SIGNED } });
  await outcome(signing);
  assert.equal(page.posted[0].body, PAYLOAD);
  assert.deepEqual(page.frame.calls, []);
});

test("cancelling is null, and a failure of the popup keeps its code", async () => {
  const page = await newcomer();
  const heard = [];
  const cancelled = page.OneID.signin({}, (value) => heard.push(value));
  await page.end({ type: "cancelled" });
  assert.deepEqual(await outcome(cancelled), { value: null });
  const failed = page.OneID.signin({}, (value) => heard.push(value));
  await page.end({ type: "failed", error: "network" });
  assert.equal(await codeOf(failed), "network");
  assert.deepEqual(heard, [null, null]);
});

test("a rejection that a callback heard of is handled; one that nobody heard of is not swallowed", async (context) => {
  const page = await returning();
  page.frame.reply = () => ({ error: "network" });
  const unhandled = [];
  const former = process.listeners("unhandledRejection");
  process.removeAllListeners("unhandledRejection");
  process.on("unhandledRejection", (error) => unhandled.push(error.code));
  context.after(() => {
    process.removeAllListeners("unhandledRejection");
    former.forEach((listener) => process.on("unhandledRejection", listener));
  });
  page.OneID.signin({}, () => {});
  await quiet();
  assert.deepEqual(unhandled, []);
  page.OneID.signin({});
  await quiet();
  assert.deepEqual(unhandled, ["network"]);
});

test("errors are OneIDErrors with a code", async () => {
  const page = await returning();
  page.frame.reply = () => ({ error: "network" });
  const { error } = await outcome(page.OneID.signin());
  assert.ok(error instanceof page.OneID.OneIDError);
  assert.deepEqual([error.name, error.code], ["OneIDError", "network"]);
});

test("a frame that is asked and says no more is a lost connection", async () => {
  const page = await returning();
  page.frame.reply = () => new Promise(() => {});
  const signing = page.OneID.signin({}, () => {});
  await page.clock.turn(31_000);
  assert.equal(await codeOf(signing), "network");
});

test("an insecure page or an old browser is told so at once", async () => {
  const page = new SitePage({ secure: false });
  assert.equal(page.OneID.get("browserSupport"), false);
  assert.deepEqual(await outcome(page.OneID.init()), { value: true });
  for (const name of ["signin", "signup", "signout", "optout"]) {
    assert.equal(await codeOf(page.OneID[name]()), "browser_unsupported", name);
  }
  assert.deepEqual([page.all("iframe"), page.opened], [[], []]);
  assert.ok(page.lines[0].includes("https"));
});

test("unknown levels are refused before anything is opened; the known ones are not", async () => {
  const page = await newcomer();
  for (const level of ["OOBPIN ", "oob", "on", 1, "", {}, []]) {
    assert.equal(await codeOf(page.OneID.signin({ challenge: { auth_level: level } })), "not_supported");
  }
  assert.deepEqual(page.opened, []);
  for (const level of ["ON", null, undefined, "OOB", "OOBPIN"]) {
    page.OneID.signin({ challenge: { auth_level: level } }, () => {});
    assert.equal((await page.ready()).data.request.level, level ?? "ON");
    await page.end({ type: "cancelled" });
  }
  assert.equal(page.opened.length, 5);
});
