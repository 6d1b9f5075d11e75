// What a phone learns of its account while it is looked at: what waits, and whether the service answers.
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { News } from "../../static/remote/news.js";
import { Phone } from "../../static/remote/phone.js";
import { call } from "../../static/shared/repo.js";
import { signer } from "../../static/shared/devices.js";
import { PhoneRepo, Records, adopted, refuse } from "./phone_port.mjs";

const SHOP = "https://shop.example";
const STANDING = { settings: {}, pin: {}, push: false, vapid_key: "", silenced: [], phones: [] };
let repo, phone, held, news, told, waiting, change;

beforeEach(async () => {
  repo = new PhoneRepo().install();
  phone = new Phone(new Records());
  const s = Buffer.alloc(32, 7).toString("base64url");
  held = await adopted(phone, { account: "an-account", label: "Mine", s });
  repo.signer = held.devicePublic;
  [told, waiting, change] = [0, [], 1];
  Object.assign(repo.doors, {
    "/repo/confirmations/pending": () => ({ confirmations: waiting, now: "" }),
    "/repo/confirmations/decide": () => ({ confirmation: { state: "rejected", current: true } }),
    "/repo/control_keys/wanted": () => ({ wanted: { pin: [], unpin: [] } }),
    "/repo/phone": () => ({ phone: STANDING }),
    "/repo/ticket": () => ({ ticket: { ticket: "a.ticket", expires: "" } }),
    "/repo/poll": () => ({ change }),
  });
  news = new News(phone, (path, body = {}) => call(path, body, signer(held)), () => told++);
});

const asks = (id, ms) => ({
  id, uid: `uid ${id}`, origin: SHOP, kind: "confirm", level: "OOB", title: "", message: "Pay", audience: null,
  nonce: "0012026-11-21T10:32:00ZabcdefABCDEF", address: "", browser: "", proved: true, number_wanted: false,
  asked: new Date().toISOString(), expires: new Date(Date.now() + ms).toISOString(),
});
const until = async (holds) => {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5));
};

test("what has run out does not wait, and what runs out goes away by itself, one after the other", async () => {
  waiting = [asks("over", -1000), asks("short", 1000), asks("longer", 4000), asks("long", 60_000)];
  const seen = [];
  news = new News(phone, (path, body = {}) => call(path, body, signer(held)), () => {
    seen.push(news.pending.map(({ id }) => id).join(" "));
  });
  await news.refresh(held);
  await until(() => seen.length >= 3);
  assert.deepEqual(seen, ["short longer long", "longer long", "long"]);
  news.drop("long");
  news.forget();
});

test("an answer that was on its way does not bring back what was decided meanwhile", async () => {
  waiting = [asks("one", 60_000), asks("two", 60_000)];
  repo.doors["/repo/phone"] = () => {
    news.drop("one");
    return { phone: STANDING };
  };
  await news.refresh(held);
  assert.deepEqual(news.pending.map(({ id }) => id), ["two"]);
  news.forget();
});

test("control keys are looked after at first, and again for what fits none, once each", async () => {
  const looked = () => repo.of("/repo/control_keys/wanted").length;
  await news.refresh(held);
  assert.equal(looked(), 1);
  await news.refresh(held);
  assert.equal(looked(), 1);
  waiting = [asks("one", 60_000)];
  await news.refresh(held);
  await news.refresh(held);
  assert.equal(looked(), 2);
  assert.equal(news.pending[0].fits, false);
  const control = await phone.begunControl("uid one", SHOP);
  await phone.pinned(control);
  await news.refresh(held);
  assert.equal(news.pending[0].fits, true);
  news.forget();
});

test("what was decided does not wait any more", async () => {
  waiting = [asks("one", 60_000), asks("two", 60_000)];
  await news.refresh(held);
  await news.decide(held, news.pending[0], "reject", {});
  assert.deepEqual(news.pending.map(({ id }) => id), ["two"]);
  news.forget();
});

test("a change is learned, a service that is away is told, and a removed phone ends it", async () => {
  const controller = new AbortController();
  let ended;
  const following = news.follow(held, controller.signal, (error) => (ended = error.code));
  await until(() => told === 1);
  assert.deepEqual(news.standing, STANDING);
  waiting = [asks("one", 60_000)];
  change = 2;
  await until(() => news.pending.length === 1);
  const polled = repo.doors["/repo/poll"];
  repo.doors["/repo/poll"] = () => { throw Object.assign(new Error(), { code: "unavailable" }); };
  await until(() => news.reached === false);
  repo.doors["/repo/poll"] = polled;
  await until(() => news.reached === true);
  repo.doors["/repo/poll"] = () => refuse("signer_revoked");
  await following;
  assert.equal(ended, "signer_revoked");
  news.forget();
});

test("a phone that has left its account hears nothing of its end", async () => {
  repo.doors["/repo/ticket"] = () => refuse("signer_revoked");
  await phone.forget();
  await news.follow(held, new AbortController().signal, () => assert.fail("told"));
});
