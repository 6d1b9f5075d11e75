// The service worker of the phone's page: what it keeps, what it answers from there, and what a push may say.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { beforeEach, test } from "node:test";

const BUILD = "1.0-abc";
const SOURCE = readFileSync(new URL("../../static/remote/worker.js", import.meta.url), "utf8");
const ORIGIN = "https://id.example";
const FILES = [
  "remote/remote.js", "remote/screens/home.js", "remote/strings/de.js", "remote/remote.css", "remote/icon-192.png",
  "remote/manifest.webmanifest", "shared/repo.js", "shared/look.css", "vendor/qr.js", "icon.svg",
];
const OTHERS = ["remote/index.html", "remote/worker.js", "popup/popup.js", "frame/frame.js", "oneid.js", "shim/x.js"];
let worker, caches, online, served;

/** A request, as far as the worker looks at it. */
class Asked {
  method = "GET";
  mode = "cors";

  constructor(address, options = {}) {
    this.url = new URL(address, ORIGIN).href;
    Object.assign(this, options);
  }
}

class Caches {
  kept = new Map();

  async keys() { return [...this.kept.keys()]; }
  async delete(name) { return this.kept.delete(name); }

  async open(name) {
    if (!this.kept.has(name)) this.kept.set(name, new Map());
    return { addAll: async (requests) => {
      for (const request of requests) this.kept.get(name).set(request.url, request);
    } };
  }

  async match(request) {
    const { href } = new URL(request.url ?? request, ORIGIN);
    for (const cache of this.kept.values()) if (cache.has(href)) return { kept: href };
    return undefined;
  }
}

beforeEach(() => {
  const listeners = {};
  caches = new Caches();
  online = true;
  served = { build: BUILD, files: Object.fromEntries([...FILES, ...OTHERS].map((path) => [path, `sha384-${path}`])) };
  worker = {
    location: { origin: ORIGIN }, navigator: { language: "en" }, shown: [], opened: [], windows: [],
    registration: { showNotification: async (title, options) => worker.shown.push({ title, ...options }) },
    clients: {
      claim: async () => {}, matchAll: async () => worker.windows, openWindow: async (path) => worker.opened.push(path),
    },
    skipWaiting: async () => {},
    addEventListener: (name, listener) => (listeners[name] = listener),
    /** Let something happen, and wait until the worker is done with it. */
    async happen(name, event = {}) {
      const waits = [];
      let answer;
      listeners[name]({ waitUntil: (work) => waits.push(work), respondWith: (given) => (answer = given), ...event });
      await Promise.all(waits);
      return answer;
    },
  };
  const fetch = async (request) => {
    if (!online) throw new TypeError("no network");
    return { status: online === "broken" ? 503 : 200, fetched: request.url ?? request, json: async () => served };
  };
  const run = new Function("self", "caches", "fetch", "Request", SOURCE.replaceAll("{{build}}", BUILD));
  run(worker, caches, fetch, Asked);
});

const navigation = (path) => ({ request: new Asked(path, { mode: "navigate" }) });
const file = (path, build = BUILD) => ({ request: new Asked(`/static/${build}/${path}`) });

test("it keeps the page and every file of this build that the page may need, each by its hash", async () => {
  await worker.happen("install");
  const [[name, cache]] = caches.kept;
  assert.equal(name, `oneid-remote-${BUILD}`);
  const paths = [...cache.keys()].map((address) => address.replace(ORIGIN, ""));
  assert.deepEqual(paths, [...FILES.map((path) => `/static/${BUILD}/${path}`), "/remote"]);
  for (const path of FILES) {
    assert.equal(cache.get(`${ORIGIN}/static/${BUILD}/${path}`).integrity, `sha384-${path}`);
  }
});

test("another build that is served by now is not kept under this one's name", async () => {
  served.build = "2.0-def";
  await assert.rejects(worker.happen("install"));
  assert.equal(caches.kept.size, 0);
});

test("what former builds kept is removed, and nothing else", async () => {
  for (const name of ["oneid-remote-0.9", "oneid-remote-0.8", "someone-elses"]) await caches.open(name);
  await worker.happen("install");
  await worker.happen("activate");
  assert.deepEqual(await caches.keys(), ["someone-elses", `oneid-remote-${BUILD}`]);
});

test("the page comes from the service where that can be reached, and from the cache where not", async () => {
  await worker.happen("install");
  assert.ok((await worker.happen("fetch", navigation("/remote"))).fetched);
  for (const state of [false, "broken"]) {
    online = state;
    assert.equal((await worker.happen("fetch", navigation("/remote"))).kept, `${ORIGIN}/remote`);
    assert.ok((await worker.happen("fetch", file("shared/repo.js"))).kept);
  }
});

test("without a network and before it was kept, the page fails as it would without a worker", async () => {
  online = false;
  await assert.rejects(worker.happen("fetch", navigation("/remote")), /no network/);
});

test("questions to the repo, other pages, other builds and other origins are none of its business", async () => {
  await worker.happen("install");
  for (const event of [navigation("/popup"), file("shared/repo.js", "other"), { request: new Asked("/repo/poll") },
    { request: new Asked("/remote", { method: "POST", mode: "navigate" }) },
    { request: new Asked("https://evil.example/remote", { mode: "navigate" }) }]) {
    assert.equal(await worker.happen("fetch", event), undefined, event.request.url);
  }
});

test("a push shows no words of a site, whatever it carries", async () => {
  const carrying = (data) => ({ data: { json: () => JSON.parse(data) } });
  await worker.happen("push", carrying('{"id":"q1q1","title":"Pay Bob","body":"evil"}'));
  await worker.happen("push", carrying('{"id":""}'));
  await worker.happen("push", carrying("no json"));
  await worker.happen("push", { data: null });
  assert.deepEqual(worker.shown.map(({ title, tag }) => [title, tag]),
    [["OneID", "asked"], ["OneID", "news"], ["OneID", "news"], ["OneID", "news"]]);
  assert.ok(!JSON.stringify(worker.shown).match(/Bob|evil|q1q1/));
  worker.navigator.language = "de-AT";
  await worker.happen("push", carrying('{"id":"q1q1"}'));
  assert.match(worker.shown.at(-1).body, /wartet/);
});

test("what was not looked at for two minutes wakes anew, and a storm of questions wakes once", async () => {
  const asks = { data: { json: () => ({ id: "q1q1" }) } };
  worker.registration.getNotifications = async ({ tag }) => worker.shown.filter((one) => one.tag === tag).slice(-1);
  await worker.happen("push", asks);
  await worker.happen("push", asks);
  worker.shown.at(-1).data.at -= 120_000;
  await worker.happen("push", asks);
  await worker.happen("push", { data: null });
  assert.deepEqual(worker.shown.map(({ renotify }) => renotify), [true, false, true, true]);
});

test("a tap goes to the page that is open, and opens one where none is", async () => {
  let closed = 0;
  const tap = { notification: { close: () => closed++ } };
  await worker.happen("notificationclick", tap);
  assert.deepEqual(worker.opened, ["/remote"]);
  let focused = 0;
  worker.windows = [{ url: `${ORIGIN}/popup` }, { url: `${ORIGIN}/remote#x`, focus: async () => focused++ }];
  await worker.happen("notificationclick", tap);
  assert.deepEqual([worker.opened.length, focused, closed], [1, 1, 2]);
});
