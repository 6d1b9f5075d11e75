import assert from "node:assert/strict";
import { test } from "node:test";

import { PLAIN, SIGNED, SILENT, codeOf, newcomer, outcome, plain, quiet, returning } from "./site_page.mjs";
import { SERVICE } from "./windows.mjs";

const PAYLOAD = { uid: "U", nonces: SIGNED.nonces, attr: {}, attr_claim_tokens: {}, two_factor_token: "T" };
const APPROVED = { confirm: true, ...SIGNED };

/** A frame that asks the phone, and answers when a test says so. */
async function phoned({ number = null, state = {}, ...options } = {}) {
  const page = await returning(options);
  if (Object.keys(state).length) await page.tell({ ...SILENT, ...state });
  const waiting = [];
  page.frame.port.onmessage = ({ data: { call, name, args } }) => {
    page.frame.calls.push({ name, args });
    if (name === "cancel") {
      page.frame.port.postMessage({ type: "answer", call, value: true });
      page.frame.port.postMessage({ type: "answer", call: args.call, value: null });
      return;
    }
    waiting.push((reply) => page.frame.port.postMessage({ type: "answer", call, ...reply }));
    page.frame.port.postMessage({ type: "progress", call, number });
  };
  page.decide = async (reply) => {
    waiting.shift()(reply);
    await quiet();
  };
  return page;
}

const shown = (page) => page.all("dialog").map((dialog) => dialog.children.map((child) => child.textContent));

test("words are confirmed with one call, and the value is a payload with those words", async () => {
  for (const given of ["Pay $40?", { message: "Pay $40?", title: "Shop", challenge: { nonce: "N" } }]) {
    const page = await phoned();
    const heard = [];
    const confirming = page.OneID.confirm(given, (value) => heard.push(plain(value)));
    await quiet();
    const title = given.title ?? "";
    const nonce = given.challenge?.nonce ?? null;
    assert.deepEqual(page.frame.calls, [{ name: "confirm", args: { ...PLAIN, message: "Pay $40?", title, nonce } }]);
    assert.equal(page.all("dialog").length, 1);
    await page.decide({ value: APPROVED });
    assert.deepEqual(page.all("dialog"), [], "it goes by itself");
    const value = { ...PAYLOAD, confirm: true, message: "Pay $40?", title };
    assert.deepEqual(await outcome(confirming), { value });
    assert.deepEqual(heard, [value]);
    assert.deepEqual([page.opened, page.posted], [[], []]);
  }
});

test("with a callback address the payload goes there, and the value is what the site answered", async () => {
  const page = await phoned();
  const confirming = page.OneID.confirm({ message: "Pay", challenge: { callback: "/paid" } }, () => {});
  await quiet();
  await page.decide({ value: APPROVED });
  assert.deepEqual(await outcome(confirming), { value: { error: "success" } });
  const [{ url, body }] = page.posted;
  assert.equal(url, "https://shop.example/paid");
  assert.deepEqual(JSON.parse(body), { ...PAYLOAD, confirm: true, message: "Pay", title: "" });
  assert.ok(!body.includes("\n"));
});

test("no is a value, and goes nowhere", async () => {
  const page = await phoned();
  const confirming = page.OneID.confirm({ message: "Pay", challenge: { callback: "/paid" } }, () => {});
  await quiet();
  await page.decide({ value: { confirm: false, uid: "U" } });
  assert.deepEqual(await outcome(confirming), { value: { confirm: false, uid: "U" } });
  assert.deepEqual(page.posted, []);
});

test("the dialog has the words as text and the number, large", async () => {
  const page = await phoned({ number: "42" });
  page.OneID.confirm({ message: "<b>Pay</b>", title: "Shop" }, () => {});
  await quiet();
  assert.deepEqual(shown(page), [[
    "Check your phone", "Approve there, if it shows these words:", "Shop<b>Pay</b>",
    "Type this number on your phone", "42", "Cancel",
  ]]);
});

test("silent shows nothing, unless there is a number to be typed", async () => {
  for (const number of [null, "42"]) {
    const page = await phoned({ number });
    page.OneID.confirm({ message: "Pay", silent: true }, () => {});
    await quiet();
    assert.equal(page.frame.calls[0].args.silent, true);
    assert.equal(page.all("dialog").length, number ? 1 : 0);
  }
});

test("cancel takes it back at the frame, and the value is null; Escape does the same", async () => {
  for (const end of [(page) => page.press("Cancel"), (page) => page.all("dialog")[0].close()]) {
    const page = await phoned();
    const confirming = page.OneID.confirm("Pay");
    await quiet();
    end(page);
    await quiet();
    assert.deepEqual(plain(page.frame.calls[1]), { name: "cancel", args: { call: 1 } });
    assert.deepEqual(await outcome(confirming), { value: null });
    assert.deepEqual(page.opened, []);
  }
});

test("a page that replaces its body loses the dialog, not the confirmation", async () => {
  const page = await phoned();
  const confirming = page.OneID.confirm("Pay");
  await quiet();
  page.all("oneid-box").at(-1).remove();
  await page.clock.turn(300);
  assert.deepEqual(page.frame.calls.map(({ name }) => name), ["confirm"]);
  await page.decide({ value: APPROVED });
  assert.equal((await outcome(confirming)).value.confirm, true);
});

test("errors reject with their code, and give the callback null", async () => {
  for (const code of ["no_phone", "confirmation_timed_out", "asker_silenced", "too_many_confirmations"]) {
    const page = await phoned();
    const heard = [];
    const confirming = page.OneID.confirm("Pay", (value) => heard.push(value));
    await quiet();
    await page.decide({ error: code });
    assert.equal(await codeOf(confirming), code);
    assert.deepEqual(heard, [null]);
  }
});

test("without a callback of the page what went wrong is shown, and where a phone is connected", async () => {
  const cases = { no_phone: `${SERVICE}/popup`, confirmation_timed_out: "in time", asker_silenced: "(asker_silenced)" };
  for (const [code, words] of Object.entries(cases)) {
    const page = await phoned();
    page.OneID.confirm({ message: "Pay", challenge: { callback: "/paid" } }).catch(() => {});
    await quiet();
    await page.decide({ error: code });
    assert.ok(shown(page)[0][0].includes(words), code);
  }
});

test("words that can not be confirmed are refused before anything is asked", async () => {
  const page = await newcomer();
  const cases = ["", undefined, null, {}, { message: "" }, { title: "Shop" }, "x".repeat(10_001), () => {}];
  for (const given of cases) {
    const confirming = typeof given === "function" ? page.OneID.confirm(given) : page.OneID.confirm(given, () => {});
    assert.equal(await codeOf(confirming), "malformed_words", String(given));
  }
  assert.deepEqual(page.opened, []);
  page.OneID.confirm("\u{1f600}".repeat(10_000), () => {});
  assert.equal(page.opened.length, 1, "characters are counted as people do");
});

test("who is not signed in here gets the window within the click, and confirms after it", async () => {
  const page = await newcomer();
  const confirming = page.OneID.confirm("Pay");
  assert.equal(page.opened.length, 1, "within the click");
  const { data, ports } = await page.ready();
  const { name, message, title, level } = data.request;
  assert.deepEqual([name, message, title, level], ["confirm", "Pay", "", "ON"]);
  page.frame.reply = () => ({ value: APPROVED });
  ports[0].postMessage({ type: "done", value: {} });
  assert.equal((await outcome(confirming)).value.confirm, true);
  assert.deepEqual(page.frame.calls.map(({ name: called }) => called), ["confirm"]);
});

test("a popup that asked the phone itself needs no frame; no is a value there, too", async () => {
  for (const payload of [APPROVED, { confirm: false, uid: "U" }]) {
    const page = await newcomer();
    const confirming = page.OneID.confirm("Pay");
    await page.end({ type: "done", value: { payload } });
    assert.equal((await outcome(confirming)).value.confirm, payload.confirm);
    assert.deepEqual(page.frame.calls, []);
  }
});

test("without a click and without keys it is told so", async () => {
  const page = await newcomer();
  page.activation.isActive = false;
  assert.equal(await codeOf(page.OneID.confirm("Pay", () => {})), "interaction_required");
  assert.deepEqual(page.opened, []);
});

test("each confirmation has its turn: none joins another, nor a sign-in", async () => {
  const page = await phoned();
  const first = page.OneID.confirm("One");
  const second = page.OneID.confirm("Two", () => {});
  const signing = page.OneID.signin({}, () => {});
  await quiet();
  assert.deepEqual(page.frame.calls.map(({ args }) => args.message), ["One"]);
  await page.decide({ value: APPROVED });
  assert.equal((await outcome(first)).value.message, "One");
  assert.deepEqual(page.frame.calls.map(({ args }) => args.message), ["One", "Two"]);
  await page.decide({ error: "confirmation_timed_out" });
  assert.equal(await codeOf(second), "confirmation_timed_out");
  await page.decide({ value: SIGNED });
  assert.deepEqual(await outcome(signing), { value: PAYLOAD });
});

test("a sign-in through the phone says so, and its words are the phone's", async () => {
  const page = await phoned();
  const signing = page.OneID.signin({ challenge: { auth_level: "OOBPIN" }, silent: true, message: "not shown" });
  await quiet();
  assert.deepEqual(page.frame.calls, [{ name: "signin", args: { ...PLAIN, level: "OOBPIN" } }]);
  assert.deepEqual(shown(page), [["Check your phone", "Approve there that you sign in here.", "Cancel"]]);
  await page.decide({ value: SIGNED });
  assert.deepEqual(await outcome(signing), { value: PAYLOAD });
});

test("a call that waits for the phone has the time that a phone has", async () => {
  const page = await phoned();
  const confirming = page.OneID.confirm("Pay", () => {});
  await quiet();
  await page.clock.turn(125_000);
  assert.equal(await outcome(confirming), "pending");
  await page.clock.turn(6_000);
  assert.equal(await codeOf(confirming), "network");
  assert.deepEqual(page.all("dialog"), []);
});

test("the dialogs come from an address that lasts, once, and for nobody who needs none", async () => {
  const plainly = await returning();
  await plainly.OneID.signin();
  assert.deepEqual(plainly.scripts, []);
  const page = await phoned({ build: "2.1-abc" });
  for (let turn = 0; turn < 2; turn += 1) {
    page.OneID.confirm("Pay", () => {});
    await quiet();
    await page.decide({ value: APPROVED });
  }
  const loaded = page.scripts.map(({ src, integrity, crossOrigin }) => [src, integrity, crossOrigin]);
  const files = ["oneid-buttons.js", "oneid-dialogs.js"]; // what they are made of, and they
  assert.deepEqual(loaded, files.map((file) => [`${SERVICE}/${file}`, "", "anonymous"]));
  assert.deepEqual(Object.keys(page.window).filter((name) => /oneid|dialog/i.test(name)), ["OneID"]);
});

test("who pinned the shim has the dialogs of that build, held against their hash", async () => {
  const page = await phoned({ script: `${SERVICE}/static/2.1-abc/oneid.js` });
  page.OneID.confirm("Pay", () => {});
  await quiet();
  const [, { src, integrity }] = page.scripts;
  assert.equal(src, `${SERVICE}/static/2.1-abc/shim/dialogs.js`);
  assert.equal(integrity, "{{integrity shim/dialogs.js}}"); // the server writes the hash
});

test("a page that names its trusted types makes one policy, however often the dialogs are asked for", async () => {
  const page = await phoned();
  const made = [];
  page.window.trustedTypes = { createPolicy(name, rules) {
    if (made.includes(name)) throw new TypeError("made twice");
    made.push(name);
    return { createScriptURL: (part) => ({ trusted: rules.createScriptURL(part) }) };
  } };
  page.reachable = false;
  for (let turn = 0; turn < 2; turn += 1) {
    page.OneID.confirm("Pay", () => {});
    await quiet();
    await page.decide({ value: APPROVED });
    page.reachable = true;
  }
  const files = ["buttons", "buttons", "dialogs"];
  assert.deepEqual(page.scripts.map(({ src }) => src.trusted), files.map((part) => `${SERVICE}/oneid-${part}.js`));
});

test("a number that can not be shown can not be typed: it is taken back, and fails at once", async () => {
  const page = await phoned({ number: "42" });
  page.reachable = false;
  const confirming = page.OneID.confirm("Pay", () => {});
  await quiet();
  assert.equal(await codeOf(confirming), "network");
  assert.deepEqual(plain(page.frame.calls[1]), { name: "cancel", args: { call: 1 } });
});

test("dialogs that never come are waited for as long as the frame", async () => {
  const page = await phoned({ number: "42" });
  page.load = () => {};
  const confirming = page.OneID.confirm("Pay", () => {});
  await quiet();
  await page.clock.turn(10_000);
  assert.equal(await codeOf(confirming), "network");
});

test("a window that stays closed, and no dialog to open it with, is a blocked one", async () => {
  const page = await phoned({ state: { silent: false } });
  page.blocked = true;
  page.reachable = false;
  assert.equal(await codeOf(page.OneID.confirm("Pay")), "popup_blocked");
});

test("who has a phone has the dialogs early", async () => {
  const page = await phoned({ state: { phone: true } });
  assert.equal(page.scripts.length, 2);
  assert.equal(page.OneID.get("mobileEnabled"), true);
});

test("where the dialogs do not come, the phone asks all the same, and the next call tries again", async () => {
  const page = await phoned();
  page.reachable = false;
  const confirming = page.OneID.confirm("Pay");
  await quiet();
  await page.decide({ value: APPROVED });
  assert.equal((await outcome(confirming)).value.confirm, true);
  page.reachable = true;
  page.OneID.confirm("Pay", () => {});
  await quiet();
  assert.equal(page.scripts.length, 3);
  assert.equal(page.all("dialog").length, 1);
});
