import assert from "node:assert/strict";
import { afterEach, test } from "node:test";

import { makeSigningKey } from "../../static/shared/keys.js";
import { makeSealKey } from "../../static/shared/sealing.js";
import * as messages from "../../static/shared/messages.js";
import { FakeWindow, SERVICE, SITE, nextAt, settle } from "./windows.mjs";

let open = [];
afterEach(() => {
  open.forEach((port) => port.close());
  open = [];
});

function channel() {
  const { port1, port2 } = new MessageChannel();
  open.push(port1, port2);
  return [port1, port2];
}

function frameInSite() {
  const site = new FakeWindow(SITE);
  const frame = new FakeWindow(SERVICE);
  frame.parent = frame.top = site;
  return { site, frame };
}

function popupOfSite() {
  const site = new FakeWindow(SITE);
  const popup = new FakeWindow(SERVICE);
  popup.opener = site;
  return { site, popup };
}

const WISHES = { level: "ON", message: "", title: "", set: null };
const REQUEST = { name: "signin", attr: "", nonce: null, frame: "f", id: "i", silent: false, label: "", ...WISHES };

/** Each way in which a message can be wrong, made from one that is right. */
function forgeries(right) {
  const data = right.data;
  const wrong = { oneid: [2, "1", undefined, true], type: ["", "other", undefined, "Connect", "ready"] };
  const origins = ["null", "", "*", SERVICE, "http://shop.example", "ftp://shop.example", `${SITE}/`, `${SITE}:443`,
    "https://SHOP.example", "data:", "file://", `https://${"a".repeat(250)}.example`];
  return [
    ...Object.entries(wrong).flatMap(([member, values]) => values.map((value) => ({ ...data, [member]: value })))
      .map((forged) => ({ data: forged })),
    ...origins.map((origin) => ({ origin })),
    ...[null, new FakeWindow(SITE), new FakeWindow(SERVICE)].map((source) => ({ source })),
    ...[null, undefined, "connect", 1, [], JSON.stringify(data)].map((value) => ({ data: value })),
    { ports: [] },
    { ports: [channel()[0], channel()[0]] },
  ].map((change) => ({ ...right, ...change }));
}

/** Did a promise settle by now? */
async function heard(promise) {
  let settled = false;
  promise.then(() => (settled = true));
  await settle();
  return settled;
}

test("which origins are sites: https, or http on loopback, never our own and never opaque", () => {
  const good = ["https://shop.example", "https://shop.example:8443", "http://localhost", "http://localhost:8001",
    "http://shop.localhost:8001", "http://a.b.localhost", "http://127.0.0.1:5", "http://127.9.8.7", "http://[::1]:8000",
    "https://xn--bcher-kva.example"];
  for (const origin of good) assert.ok(messages.isSiteOrigin(origin, SERVICE), origin);
  const bad = [SERVICE, "null", "", "*", "http://shop.example", "http://localhost.example", "http://127.0.0.1.example",
    "http://notlocalhost", "http://128.0.0.1", "https://shop.example/", "https://shop.example:443",
    "https://a@b.example", "https://Shop.example", "https://bücher.example", "ws://localhost", "javascript:alert(1)",
    "blob:https://shop.example/1",
    "chrome-extension://abc", `https://${"a.".repeat(130)}example`];
  for (const origin of bad) assert.equal(messages.isSiteOrigin(origin, SERVICE), false, origin);
});

test("A: the frame connects to the page that embeds it, whatever forgeries came before", async () => {
  const { site, frame } = frameInSite();
  const connecting = messages.receiveConnect(frame);
  const right = { data: { oneid: 1, type: "connect" }, source: site, origin: SITE, ports: [channel()[0]] };
  for (const forged of forgeries(right)) frame.deliver(forged);
  assert.equal(await heard(connecting), false);
  frame.deliver(right);
  assert.deepEqual(await connecting, { origin: SITE, port: right.ports[0] });
});

test("A: only the first connect counts", async () => {
  const { site, frame } = frameInSite();
  const connecting = messages.receiveConnect(frame);
  const right = { data: { oneid: 1, type: "connect" }, source: site, origin: SITE, ports: [channel()[0]] };
  frame.deliver(right);
  frame.deliver({ ...right, origin: "https://other.example", ports: [channel()[0]] });
  assert.deepEqual(await connecting, { origin: SITE, port: right.ports[0] });
  assert.equal(frame.listening, 0);
});

test("A: a frame two deep, or not in a frame at all, connects to nobody", async () => {
  for (const top of ["outer", "itself"]) {
    const { site, frame } = frameInSite();
    if (top === "outer") frame.top = new FakeWindow("https://outer.example");
    else frame.parent = frame.top = frame;
    const connecting = messages.receiveConnect(frame);
    for (const source of [site, frame, frame.top]) {
      frame.deliver({ data: { oneid: 1, type: "connect" }, source, origin: SITE, ports: [channel()[0]] });
    }
    assert.equal(await heard(connecting), false, top);
  }
});

test("B: ready says nothing, so that anyone may hear it", () => {
  const { site, popup } = popupOfSite();
  messages.sendReady(popup);
  assert.deepEqual(site.posted, [{ data: { oneid: 1, type: "ready" }, target: "*", ports: [] }]);
  popup.opener = null;
  messages.sendReady(popup); // nobody to tell, and no mistake
});

test("C: the popup takes the request of its opener, the first one, and pins the origin", async () => {
  const { site, popup } = popupOfSite();
  const waiting = messages.receiveRequest(undefined, popup);
  const data = { oneid: 1, type: "request", request: REQUEST };
  const right = { data, source: site, origin: SITE, ports: [channel()[0]] };
  for (const forged of forgeries(right)) popup.deliver(forged);
  const badMembers = { name: ["signout", "", null], attr: [null, 1], nonce: [1, {}, undefined], frame: [0, undefined],
    id: [{}, undefined], silent: [null, "yes"], label: [null, []], level: ["on", "", null, undefined, 1],
    message: [null, 1, undefined], title: [null, {}, undefined], set: ["{}", 1, undefined] };
  for (const [member, values] of Object.entries(badMembers)) {
    for (const value of values) {
      popup.deliver({ ...right, data: { ...right.data, request: { ...REQUEST, [member]: value } } });
    }
  }
  for (const request of [null, undefined, "signin", []]) popup.deliver({ ...right, data: { ...right.data, request } });
  assert.equal(await heard(waiting), false);
  popup.deliver(right);
  popup.deliver({ ...right, origin: "https://later.example" });
  assert.deepEqual(await waiting, { request: REQUEST, origin: SITE, port: right.ports[0] });
});

test("C: a popup without an opener hears nobody", async () => {
  const { site, popup } = popupOfSite();
  popup.opener = null;
  const waiting = messages.receiveRequest(undefined, popup);
  for (const source of [site, null, undefined]) {
    const data = { oneid: 1, type: "request", request: REQUEST };
    popup.deliver({ data, source, origin: SITE, ports: [channel()[0]] });
  }
  assert.equal(await heard(waiting), false);
});

async function makeBundle() {
  const { privateKey } = await makeSigningKey();
  const releaseKey = await makeSealKey();
  const keys = { adKey: privateKey, adPublic: "p", sessionKey: privateKey, releaseKey };
  return { uid: "u", session: "s", silent: true, signs: true, ...keys };
}

test("C: an opener that may not use the service is told of, so that the person can be; noise is not", async () => {
  const { site, popup } = popupOfSite();
  const refused = [];
  messages.receiveRequest((origin) => refused.push(origin), popup);
  const right = { data: { oneid: 1, type: "request", request: REQUEST }, source: site, ports: [channel()[0]] };
  popup.deliver({ ...right, origin: "null", data: "noise" });
  popup.deliver({ ...right, origin: "null", source: new FakeWindow() });
  assert.deepEqual(refused, []);
  popup.deliver({ ...right, origin: "http://shop.example" });
  assert.deepEqual(refused, ["http://shop.example"]);
});

test("D: the frame takes bundles of its own origin, from a popup that its page opened", async () => {
  const { site, frame } = frameInSite();
  const { popup } = popupOfSite();
  popup.opener = site;
  const bundle = await makeBundle();
  const taken = [];
  const stop = messages.receiveBundles(async (delivery) => taken.push(delivery) === 1, frame);
  const data = { oneid: 1, type: "bundle", id: "i", origin: SITE, bundle };
  const right = { data, source: popup, origin: SERVICE, ports: [channel()[0]] };
  for (const forged of forgeries(right)) {
    if (forged.origin !== SERVICE || forged.source !== popup || forged.data !== data || forged.ports.length !== 1) {
      frame.deliver(forged);
    }
  }
  frame.deliver({ ...right, source: frame });
  frame.deliver({ ...right, source: site });
  const extractable = (await makeSigningKey({ extractable: true })).privateKey;
  const badBundles = [null, {}, { ...bundle, adKey: "key" }, { ...bundle, adKey: extractable }, { ...bundle, uid: 1 },
    { ...bundle, sessionKey: extractable }, { ...bundle, silent: 1 }, { ...bundle, session: null },
    { ...bundle, signs: undefined },
    { ...bundle, releaseKey: undefined }, { ...bundle, releaseKey: extractable }];
  for (const bad of badBundles) frame.deliver({ ...right, data: { ...data, bundle: bad } });
  for (const bad of [{ id: null }, { origin: undefined }]) frame.deliver({ ...right, data: { ...data, ...bad } });
  assert.deepEqual(taken, []);
  for (const answer of ["stored", "unstorable"]) {
    const [here, there] = channel();
    frame.deliver({ ...right, ports: [there] });
    assert.deepEqual(await nextAt(here), { type: answer });
  }
  assert.deepEqual(taken[0], { id: "i", origin: SITE, bundle });
  stop();
  assert.equal(frame.listening, 0);
});

test("D: the popup hands its bundle to a frame of our origin and no other, and learns whether it is kept", async () => {
  const { site, popup } = popupOfSite();
  const frame = new FakeWindow(SERVICE);
  site.frames = { here: frame };
  const delivery = { frame: "here", id: "i", origin: SITE, bundle: await makeBundle() };
  for (const [answer, expected] of [["stored", true], ["unstorable", false]]) {
    const sending = messages.sendBundle(delivery, popup);
    const { data, target, ports } = frame.posted.pop();
    assert.equal(target, SERVICE);
    assert.deepEqual(data, { oneid: 1, type: "bundle", id: "i", origin: SITE, bundle: delivery.bundle });
    ports[0].postMessage({ type: answer });
    assert.equal(await sending, expected);
    ports[0].close();
  }
  assert.throws(() => site.frames.elsewhere, { name: "SecurityError" }); // as in a browser
  assert.equal(await messages.sendBundle({ ...delivery, frame: "elsewhere" }, popup), false);
  popup.opener = null;
  assert.equal(await messages.sendBundle(delivery, popup), false);
});

test("D: a frame that never answers has not kept it", async (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const { site, popup } = popupOfSite();
  site.frames = { here: new FakeWindow(SERVICE) };
  const sending = messages.sendBundle({ frame: "here", id: "i", origin: SITE, bundle: await makeBundle() }, popup);
  context.mock.timers.tick(5000);
  assert.equal(await sending, false);
});

test("calls are answered by their number, with the value or the code", async () => {
  const [here, there] = channel();
  messages.answerCalls(there, async (name, args) => {
    if (name === "signin") return { name, args };
    throw Object.assign(new Error("no"), { code: "not_supported" });
  });
  here.postMessage("noise");
  here.postMessage(null);
  here.postMessage({ type: "call", call: 1, name: 5 });
  here.postMessage({ type: "call", call: 7, name: "signin", args: { nonce: null } });
  assert.deepEqual(await nextAt(here), { type: "answer", call: 7, value: { name: "signin", args: { nonce: null } } });
  here.postMessage({ type: "call", call: 8, name: "confirm" });
  assert.deepEqual(await nextAt(here), { type: "answer", call: 8, error: "not_supported" });
});

test("the popup's last words and the frame's state have the forms of the contract", async () => {
  const [here, there] = channel();
  const state = { enabled: true, signedIn: true, silent: true, storage: true, id: "i", phone: true };
  const payload = { uid: "u", nonces: {} };
  const cases = [
    [() => messages.postDone(there, {}), { type: "done", value: {} }],
    [() => messages.postDone(there, { payload }), { type: "done", value: { payload } }],
    [() => messages.postCancelled(there), { type: "cancelled" }],
    [() => messages.postFailed(there, "network"), { type: "failed", error: "network" }],
    [() => messages.postState(there, state), { type: "state", state }],
  ];
  for (const [send, expected] of cases) {
    const next = nextAt(here);
    send();
    assert.deepEqual(await next, expected);
  }
});
