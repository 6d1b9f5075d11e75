import assert from "node:assert/strict";
import { test } from "node:test";

import { PAYLOAD, PLAIN, SIGNED, codeOf, newcomer, outcome, quiet, returning } from "./site_page.mjs";

test("signup always opens the popup, with the name filled in; with a challenge it signs in after", async () => {
  const page = await returning();
  const userData = { "name[first_name]": "Ann", name: { last_name: "Lee" } };
  const plainSignup = page.OneID.signup({ silent: true, userData });
  const { data, ports } = await page.ready();
  const { name, label, silent, attr } = data.request;
  assert.deepEqual([name, label, silent, attr], ["signup", "Ann Lee", true, ""]);
  ports[0].postMessage({ type: "done", value: {} });
  assert.deepEqual(await outcome(plainSignup), { value: true });
  assert.deepEqual(page.frame.calls, []);
  const withChallenge = page.OneID.signup({ challenge: { callback: "auth", nonce: "N" } }, () => {});
  await page.end({ type: "done", value: {} });
  assert.deepEqual(await outcome(withChallenge), { value: { error: "success" } });
  assert.deepEqual(page.frame.calls, [{ name: "signin", args: { ...PLAIN, nonce: "N" } }]);
  assert.equal(page.posted[0].body, PAYLOAD);
});

test("signup without a challenge is true also where the popup signed itself", async () => {
  const page = await newcomer();
  const signing = page.OneID.signup();
  await page.end({ type: "done", value: { payload: SIGNED } });
  assert.deepEqual(await outcome(signing), { value: true });
});

test("odd user data fills in nothing that is no text, and not too much", async () => {
  const page = await newcomer();
  const long = "x".repeat(100);
  const odd = { name: { first_name: { a: 1 } } };
  const cases = [[null, ""], [odd, ""], [{ name: { first_name: long } }, long.slice(36)]];
  for (const [userData, expected] of cases) {
    page.OneID.signup({ userData }, () => {});
    assert.equal((await page.ready()).data.request.label, expected);
    await page.end({ type: "cancelled" });
  }
});

test("signout and optout are true, or null for the callback and a code for the promise", async () => {
  const page = await returning();
  for (const name of ["signout", "optout"]) {
    const heard = [];
    page.frame.reply = () => ({ value: true });
    assert.equal(await page.OneID[name]((value) => heard.push(value)), true);
    page.frame.reply = () => ({ error: "optout_refused" });
    assert.equal(await codeOf(page.OneID[name]((value) => heard.push(value))), "optout_refused");
    await quiet();
    assert.deepEqual(heard, [true, null]);
  }
  assert.deepEqual(page.opened, []);
});
