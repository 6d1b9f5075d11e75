import assert from "node:assert/strict";
import { test } from "node:test";

import { SIGNED, codeOf, newcomer, outcome, quiet, returning } from "./site_page.mjs";
import { FakeWindow, SERVICE, SITE } from "./windows.mjs";

test("keys that turn out dead open the popup if a click is behind the call", async () => {
  const page = await returning();
  page.frame.reply = () => ({ error: "interaction_required" });
  const signing = page.OneID.signin();
  await quiet();
  assert.equal(page.opened.length, 1);
  await page.end({ type: "cancelled" });
  assert.deepEqual(await outcome(signing), { value: null });
});

test("a call that needs a window and has no click behind it is told so", async () => {
  const page = await newcomer();
  page.activation.isActive = false;
  assert.equal(await codeOf(page.OneID.signin({ challenge: { callback: "/auth" } })), "interaction_required");
  assert.equal(await codeOf(page.OneID.signup()), "interaction_required");
  assert.deepEqual([page.opened, page.all("dialog")], [[], []]);
});

test("where the click is over when the window is needed, a button of our own is offered", async () => {
  const page = await returning();
  page.frame.reply = () => {
    page.activation.isActive = false;
    return { error: "interaction_required" };
  };
  const signing = page.OneID.signin();
  await quiet();
  assert.deepEqual(page.opened, []);
  page.activation.isActive = true;
  page.press("Continue");
  assert.equal(page.opened.length, 1, "within the second click");
  assert.deepEqual(page.all("dialog"), []);
  await quiet();
  await page.end({ type: "done", value: { payload: SIGNED } });
  assert.equal((await outcome(signing)).value.uid, "U");
});

test("a blocked popup: a button of our own opens it; closing that is cancelling, blocked again an error", async () => {
  const page = await newcomer({ activation: false }); // a browser that can't tell whether there was a click
  page.blocked = true;
  const closed = page.OneID.signin();
  await quiet();
  const [dialog] = page.all("dialog");
  assert.equal(dialog.attributes["aria-labelledby"], "said");
  dialog.close(); // as Escape does
  assert.deepEqual(await outcome(closed), { value: null });
  const again = page.OneID.signin();
  await quiet();
  page.press("Continue");
  assert.equal(await codeOf(again), "popup_blocked");
  const opened = page.OneID.signin();
  await quiet();
  page.blocked = false;
  page.press("Continue");
  await quiet();
  await page.end({ type: "cancelled" });
  assert.deepEqual(await outcome(opened), { value: null });
});

test("a double click opens one window and both calls get the one outcome", async () => {
  const page = await newcomer();
  const events = [];
  page.OneID.on("signin", (value) => events.push(value));
  const [first, second] = [page.OneID.signin(), page.OneID.signin()];
  assert.equal(page.opened.length, 1);
  assert.equal(page.opened[0].focused, 1);
  await page.end({ type: "done", value: { payload: SIGNED } });
  assert.equal((await outcome(first)).value.uid, "U");
  assert.equal((await outcome(second)).value.uid, "U");
  assert.equal(events.length, 1);
  page.OneID.signin().catch(() => {});
  assert.equal(page.opened.length, 2, "and the next click counts again");
});

test("a click joins a try that had none: it may open the window then", async () => {
  const page = await returning();
  page.activation.isActive = false;
  let refuse;
  page.frame.reply = () => new Promise((resolve) => (refuse = () => resolve({ error: "interaction_required" })));
  page.OneID.signin({}, () => {});
  await quiet();
  page.activation.isActive = true;
  page.OneID.signin({}, () => {});
  refuse();
  await quiet();
  assert.equal(page.opened.length, 1);
});

test("a window that reads closed and never spoke lost its opener; one that spoke was closed by hand", async () => {
  const page = await newcomer();
  const severed = page.OneID.signin();
  page.opened[0].closed = true;
  await page.clock.turn(2_700);
  assert.equal(await outcome(severed), "pending");
  await page.clock.turn(500);
  assert.equal(await codeOf(severed), "opener_severed");
  const closed = page.OneID.signin();
  await page.ready();
  await page.clock.turn(60_000);
  assert.equal(await outcome(closed), "pending");
  page.opened[1].closed = true;
  await page.clock.turn(1_100);
  assert.deepEqual(await outcome(closed), { value: null });
});

test("a last word that arrives after the window has closed still counts", async () => {
  const page = await newcomer();
  const signing = page.OneID.signin();
  const { ports } = await page.ready();
  page.opened[0].closed = true;
  await page.clock.turn(700);
  ports[0].postMessage({ type: "done", value: { payload: SIGNED } });
  assert.equal((await outcome(signing)).value.uid, "U");
});

test("a popup that was reloaded is answered again", async () => {
  const page = await newcomer();
  const signing = page.OneID.signin();
  const first = await page.ready();
  await page.tell({ id: "ID2" });
  const second = await page.ready();
  assert.deepEqual([first, second].map(({ data }) => data.request.id), ["ID", "ID2"]);
  second.ports[0].postMessage({ type: "done", value: { payload: SIGNED } });
  assert.equal((await outcome(signing)).value.uid, "U");
});

test("forged ready messages get no request", async () => {
  const page = await newcomer();
  page.OneID.signin({}, () => {});
  const [popup] = page.opened;
  const forgeries = [
    { origin: SITE }, { origin: "null" }, { origin: `${SERVICE}.evil.example` }, { origin: "http://id.example" },
    { source: new FakeWindow() }, { source: null }, { source: page.window },
    { data: { oneid: 2, type: "ready" } }, { data: { type: "ready" } }, { data: { oneid: 1, type: "request" } },
    { data: null }, { data: "ready" },
  ];
  for (const forged of forgeries) {
    assert.equal(await page.ready(popup, forged), undefined, JSON.stringify(forged.data));
  }
  assert.ok(await page.ready(popup));
  await page.end({ type: "cancelled" });
  assert.equal(await page.ready(popup), undefined, "a late one");
  assert.equal(page.window.listening, 0);
});
