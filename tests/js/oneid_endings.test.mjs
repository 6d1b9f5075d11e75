/** Every call ends, whatever the page, the browser or the network does, and the next click counts. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { SIGNED, SILENT, SitePage, codeOf, newcomer, outcome, quiet, returning } from "./site_page.mjs";

const replaceBody = ({ document }) => document.body.children.slice().forEach((child) => child.remove());
const BY_FORM = { challenge: { callback: "login", request_method: "POST" } };

test("who waits for a frame that is thrown out is served by the next one", async () => {
  const page = new SitePage();
  page.activation.isActive = false;
  const [signing, leaving] = [page.OneID.signin({}, () => {}), page.OneID.signout(() => {})];
  replaceBody(page);
  page.OneID.init();
  await quiet();
  page.frame.reply = ({ name }) => ({ value: name === "signin" ? SIGNED : true });
  await page.connect(SILENT);
  assert.equal((await outcome(signing)).value.uid, "U");
  assert.deepEqual(await outcome(leaving), { value: true });
  assert.equal((await outcome(page.OneID.signin())).value.uid, "U", "and the next click counts");
});

test("the time of a frame that is thrown out does not run for the next one", async () => {
  const page = new SitePage();
  page.OneID.init();
  await page.clock.turn(6_000);
  replaceBody(page);
  const leaving = page.OneID.signout(() => {});
  await page.clock.turn(5_000);
  assert.deepEqual([await outcome(leaving), page.OneID.get("apiReady")], ["pending", false]);
  await page.clock.turn(6_000);
  assert.equal(await codeOf(leaving), "frame_unavailable");
});

test("a frame that was thrown out is not heard any more, and what it was asked is lost at once", async () => {
  const page = await returning();
  page.frame.reply = () => new Promise(() => {});
  const signing = page.OneID.signin({}, () => {});
  await quiet();
  replaceBody(page);
  page.OneID.init();
  assert.equal(await codeOf(signing), "network");
  await page.tell(SILENT);
  assert.equal(page.OneID.get("chanReady"), false);
});

test("a dialog that the page throws out with its body is closed", async () => {
  const page = await newcomer();
  page.blocked = true;
  const signing = page.OneID.signin({}, () => {});
  await quiet();
  await page.clock.turn(1_000);
  assert.equal(await outcome(signing), "pending", "it stays while it is there");
  const [dialog] = page.all("dialog");
  replaceBody(page);
  await page.clock.turn(300);
  assert.deepEqual([await outcome(signing), dialog.open], [{ value: null }, false]);
  dialog.close = () => assert.fail("it is watched no more");
  await page.clock.turn(1_000);
  page.OneID.init();
  await page.connect();
  page.blocked = false;
  page.OneID.signin({}, () => {});
  assert.equal(page.opened.length, 1, "the next click counts");
});

test("a form whose answer is no page ends the call after a while, and frees its button", async () => {
  const page = await returning();
  page.place("#a");
  const heard = [];
  page.OneID.config({ buttons: { "signin #a": [BY_FORM, (value) => heard.push(value)] } });
  await quiet();
  page.press("Sign in with OneID");
  const joined = page.OneID.signin();
  await quiet();
  assert.equal(page.submitted.length, 1);
  await page.clock.turn(29_000);
  assert.deepEqual([heard, await outcome(joined)], [[], "pending"]);
  assert.equal(page.all("button")[0].attributes["aria-busy"], "true");
  await page.clock.turn(2_000);
  assert.deepEqual([heard, await outcome(joined)], [[null], { value: null }]);
  assert.equal(page.all("button")[0].attributes["aria-busy"], undefined);
});

test("coming back to a page that posted its form ends the call; the first showing of a page is no return", async () => {
  const page = await returning();
  const signing = page.OneID.signin(BY_FORM, () => {});
  await quiet();
  page.show({ persisted: false });
  assert.equal(await outcome(signing), "pending");
  page.show({ persisted: true });
  assert.deepEqual(await outcome(signing), { value: null });
});

test("a callback that never answers is unreachable after thirty seconds", async () => {
  const page = await returning();
  page.answer = null;
  const signing = page.OneID.signin({ challenge: { callback: "/auth" } }, () => {});
  await quiet();
  await page.clock.turn(29_000);
  assert.equal(await outcome(signing), "pending");
  await page.clock.turn(2_000);
  assert.equal(await codeOf(signing), "callback_unreachable");
});

test("a click right after the window was closed opens another one, whether or not it had spoken", async () => {
  for (const spoke of [true, false]) {
    const page = await newcomer();
    const former = page.OneID.signin({}, () => {});
    if (spoke) await page.ready();
    page.opened[0].closed = true;
    const next = page.OneID.signin({}, () => {});
    assert.equal(page.opened.length, 2, "within the click");
    assert.deepEqual(await outcome(former), { value: null });
    await page.clock.turn(5_000);
    assert.equal(await outcome(next), "pending");
    await page.end({ type: "done", value: { payload: SIGNED } });
    assert.equal((await outcome(next)).value.uid, "U");
  }
});

test("a call without a click does not end the one whose window was just closed", async () => {
  const page = await newcomer();
  page.OneID.signin({}, () => {});
  const { ports } = await page.ready();
  page.opened[0].closed = true;
  page.activation.isActive = false;
  const joined = page.OneID.signin({}, () => {});
  ports[0].postMessage({ type: "done", value: { payload: SIGNED } });
  assert.equal((await outcome(joined)).value.uid, "U");
});

test("a click while the site's callback is asked joins, although the window is closed by then", async () => {
  const page = await newcomer();
  page.answer = null;
  page.OneID.signin({ challenge: { callback: "/auth" } }, () => {});
  await page.end({ type: "done", value: { payload: SIGNED } });
  assert.equal(page.posted.length, 1);
  page.OneID.signin({ challenge: { callback: "/auth" } }, () => {});
  await quiet();
  assert.deepEqual([page.opened.length, page.posted.length], [1, 1]);
});

test("what a window says after its call has ended changes nothing for the next one", async () => {
  const page = await newcomer();
  page.OneID.signin({}, () => {});
  const { ports } = await page.ready();
  page.opened[0].closed = true;
  const next = page.OneID.signin({}, () => {});
  ports[0].postMessage({ type: "cancelled" });
  await quiet();
  page.OneID.signin({}, () => {});
  assert.deepEqual([page.opened.length, page.opened[1].focused, await outcome(next)], [2, 1, "pending"]);
});

test("a window that has had its last word is not watched any more", async () => {
  const page = await newcomer();
  page.OneID.signin({}, () => {});
  await page.end({ type: "cancelled" });
  let looks = 0;
  Object.defineProperty(page.opened[0], "closed", { get: () => (looks += 1) });
  await page.clock.turn(5_000);
  assert.equal(looks, 0);
});
