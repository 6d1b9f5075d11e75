/** The first click of a visitor whose frame is slow: a browser opens windows in a click alone, and soon forgets one. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { SIGNED, SILENT, SitePage, codeOf, outcome, quiet } from "./site_page.mjs";

test("a click waits for a slow frame as long as every browser remembers it, and then opens the window", async () => {
  const page = new SitePage();
  const signing = page.OneID.signin({}, () => {});
  await page.clock.turn(650);
  assert.deepEqual(page.opened, []);
  await page.clock.turn(100);
  assert.equal(page.opened.length, 1);
  await page.connect();
  const { data } = await page.ready();
  assert.deepEqual([data.request.frame, data.request.id], [page.connected.iframe.name, "ID"]);
  await page.end({ type: "done", value: { payload: SIGNED } });
  assert.equal((await outcome(signing)).value.uid, "U");
});

test("a frame that comes within that time is waited for, and may make the window needless", async () => {
  const page = new SitePage();
  const signing = page.OneID.signin();
  await page.clock.turn(600);
  page.frame.reply = () => ({ value: SIGNED });
  await page.connect(SILENT);
  assert.equal((await outcome(signing)).value.uid, "U");
  await page.clock.turn(1_000);
  assert.deepEqual(page.opened, []);
});

test("a signup waits for nothing before its window", () => {
  const page = new SitePage();
  page.OneID.signup({}, () => {});
  assert.equal(page.opened.length, 1, "within the click");
});

test("the open window waits a little for the frame, and then signs itself", async () => {
  for (const late of [true, false]) {
    const page = new SitePage();
    const signing = page.OneID.signup({ challenge: {} }, () => {});
    assert.equal(await page.ready(), undefined);
    await page.clock.turn(2_900);
    assert.deepEqual(page.opened[0].posted, []);
    if (late) await page.connect();
    else await page.clock.turn(200);
    const [{ data, ports }] = page.opened[0].posted;
    assert.deepEqual([data.request.frame !== null, data.request.id], late ? [true, "ID"] : [false, null]);
    ports[0].postMessage({ type: "done", value: { payload: SIGNED } });
    assert.equal((await outcome(signing)).value.uid, "U");
  }
});

test("without a click the frame is waited for to its end, and no window opens", async () => {
  const page = new SitePage();
  page.activation.isActive = false;
  const signing = page.OneID.signin({}, () => {});
  await page.clock.turn(9_900);
  assert.equal(await outcome(signing), "pending");
  await page.clock.turn(200);
  assert.equal(await codeOf(signing), "interaction_required");
});

test("a click that joins a call without one hurries it", async () => {
  const page = new SitePage();
  page.activation.isActive = false;
  page.OneID.signin({}, () => {});
  await page.clock.turn(5_000);
  page.activation.isActive = true;
  page.OneID.signin({}, () => {});
  await quiet();
  assert.deepEqual(page.opened, []);
  await page.clock.turn(750);
  assert.equal(page.opened.length, 1);
});
