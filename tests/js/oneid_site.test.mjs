import assert from "node:assert/strict";
import { test } from "node:test";

import { PAYLOAD, SILENT, SitePage, codeOf, newcomer, outcome, plain, quiet, returning } from "./site_page.mjs";
import { SITE } from "./windows.mjs";

test("the callback gets one line of JSON, with its session cookies, at its address with the query kept", async () => {
  const page = await returning();
  const addresses = {
    "/auth": `${SITE}/auth`,
    "validate.py": `${SITE}/shop/validate.py`,
    "?oneid=1": `${SITE}/shop/page.html?oneid=1`,
    "http://garage.example/cgi-bin/v.py?state=open&x=%20": "http://garage.example/cgi-bin/v.py?state=open&x=%20",
    "//other.example/a": "https://other.example/a",
  };
  for (const [callback, url] of Object.entries(addresses)) {
    await page.OneID.signin({ challenge: { callback } }, () => {});
    const headers = { "Content-Type": "application/json" };
    assert.deepEqual(page.posted.pop(), { url, method: "POST", body: PAYLOAD, credentials: "same-origin", headers });
  }
});

test("an address that is no web address is refused before anything is opened", async () => {
  const page = await newcomer();
  for (const callback of ["javascript:alert(1)", "data:text/html,x", "ftp://a.example/", "https://", "blob:x"]) {
    assert.equal(await codeOf(page.OneID.signin({ challenge: { callback } }, () => {})), "invalid_callback", callback);
  }
  assert.deepEqual(page.opened, []);
});

test("request_method HTTP_POST or POST: a form with the one field json_data; the next page is the answer", async () => {
  for (const method of ["HTTP_POST", "POST"]) {
    const page = await returning();
    const signing = page.OneID.signin({ challenge: { callback: "login?x=1", request_method: method } }, () => {});
    assert.equal(await outcome(signing), "pending");
    const action = `${SITE}/shop/login?x=1`;
    assert.deepEqual(page.submitted, [{ method: "post", action, json_data: PAYLOAD }]);
    assert.deepEqual([page.posted, page.all("form")], [[], []]);
    page.OneID.signin({ challenge: { callback: "login", request_method: method } }, () => {});
    await quiet();
    assert.equal(page.submitted.length, 2, "the next click counts again");
  }
});

const ANSWERS = [
  // status, body, code (undefined: success), what the page's callback hears
  [200, '{"error":"success","url":"/in"}', undefined, { error: "success", url: "/in" }],
  [200, '\n\n {"error":"success","errorcode":"0"}\r\n', undefined, { error: "success", errorcode: "0" }],
  [200, '{"errorcode":0}', undefined, { errorcode: 0 }],
  [201, '{"url":"/success"}', undefined, { url: "/success" }],
  [200, "{}", undefined, {}],
  [200, "OK", undefined, {}],
  [200, '{"valid":false}', undefined, { valid: false }],
  [200, '{"error":"who are you?"}', "site_refused", { error: "who are you?" }],
  [200, '{"error":""}', "site_refused", { error: "" }],
  [200, '{"error":null}', "site_refused", { error: null }],
  [200, '{"error":"success","errorcode":"-999"}', "site_refused", { error: "success", errorcode: "-999" }],
  [200, '{"errorcode":5}', "site_refused", { errorcode: 5 }],
  [200, '{"errorcode":false}', "site_refused", { errorcode: false }],
  [200, '{"errorcode":""}', "site_refused", { errorcode: "" }],
  [401, '{"error":"success","errorcode":0}', "site_refused", { error: "success", errorcode: 0 }],
  [500, '{"message":"x"}', "site_refused", { message: "x" }],
  [401, "Unauthorized", "site_refused", null],
  [401, "OK", "site_refused", null],
  [500, "", "site_refused", null],
  [200, "", "callback_unreadable", null],
  [200, "<h1>Fatal error</h1>", "callback_unreadable", null],
  [200, "OK!", "callback_unreadable", null],
  [200, "null", "callback_unreadable", null],
  [200, "[]", "callback_unreadable", null],
  [200, '"success"', "callback_unreadable", null],
  [200, "true", "callback_unreadable", null],
  [200, '{"error":"success"}x', "callback_unreadable", null],
];

for (const [status, body, code, heard] of ANSWERS) {
  test(`the answer ${status} ${JSON.stringify(body)} is ${code ?? "success"}`, async () => {
    const page = await returning();
    page.answer = { status, body };
    const told = [];
    const signing = page.OneID.signin({ challenge: { callback: "/auth" } }, (value) => told.push(plain(value)));
    const ended = await outcome(signing);
    assert.deepEqual(told, [heard]);
    assert.equal(ended.code, code);
    if (code === undefined) assert.deepEqual(ended.value, heard);
    else assert.deepEqual(plain(ended.error.answer) ?? null, heard);
    assert.deepEqual([page.went, page.all("dialog")], [[], []], "with a page callback the page acts itself");
  });
}

test("a callback that can't be reached is told from one that refuses", async () => {
  const page = await returning();
  page.answer = new TypeError("Failed to fetch");
  assert.equal(await codeOf(page.OneID.signin({ challenge: { callback: "/auth" } }, () => {})), "callback_unreachable");
});

test("without a page callback the answer's url is followed, from where the page is", async () => {
  for (const [url, expected] of [["in?a=1", `${SITE}/shop/in?a=1`], ["https://x.example/", "https://x.example/"]]) {
    const page = await returning();
    page.answer = { status: 200, body: JSON.stringify({ error: "success", url }) };
    await page.OneID.signin({ challenge: { callback: "/auth" } });
    assert.deepEqual(page.went, [expected]);
  }
  for (const body of ['{"error":"success"}', '{"error":"success","url":null}']) {
    const page = await returning();
    page.answer = { status: 200, body };
    await page.OneID.signin({ challenge: { callback: "/auth" } });
    assert.deepEqual(page.went, [], "no url, nowhere to go");
  }
});

test("an answer can't make the page run a script", async () => {
  for (const url of ["javascript:alert(1)", "data:text/html,x", 'JaVaScRiPt:alert("x")']) {
    const page = await returning();
    page.answer = { status: 200, body: JSON.stringify({ url }) };
    const signing = page.OneID.signin({ challenge: { callback: "/auth" } });
    assert.equal(await codeOf(signing), "callback_unreadable");
    assert.deepEqual(page.went, []);
  }
});

test("without a page callback what went wrong is shown, as text and nothing else", async () => {
  const cases = [
    [{ status: 200, body: '{"error":"<img src=x onerror=alert(1)>"}' }, "<img src=x onerror=alert(1)>"],
    [{ status: 200, body: '{"error":{"a":1}}' }, "That did not work. Please try again. (site_refused)"],
    [{ status: 200, body: "" }, "That did not work. Please try again. (callback_unreadable)"],
    [new TypeError("lost"), "That did not work. Please try again. (callback_unreachable)"],
  ];
  for (const [answer, shown] of cases) {
    const page = await returning();
    page.answer = answer;
    await assert.rejects(page.OneID.signin({ challenge: { callback: "/auth" } }));
    await quiet();
    const [dialog] = page.all("dialog");
    assert.equal(dialog.children[0].textContent, shown);
    page.press("Close");
    assert.deepEqual(page.all("dialog"), []);
  }
  const page = await returning();
  page.frame.reply = () => ({ error: "network" });
  await assert.rejects(page.OneID.signin());
  assert.deepEqual(page.all("dialog"), [], "a page that takes the payload itself shows its errors itself");
});

test("the log of debug has no payload, nonce, uid or answer in it", async () => {
  const page = new SitePage();
  page.OneID.init({ debug: true });
  await page.connect(SILENT);
  const secret = { uid: "SECRET", nonces: { ad: { nonce: "SECRET", key: "SECRET" } } };
  page.frame.reply = () => ({ value: secret });
  page.answer = { status: 200, body: '{"error":"SECRET"}' };
  await assert.rejects(page.OneID.signin({ challenge: { callback: "/auth?SECRET", nonce: "SECRET", attr: "SECRET" } }));
  assert.ok(page.lines.length >= 3);
  assert.ok(!page.lines.join("\n").includes("SECRET"));
});
