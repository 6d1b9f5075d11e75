// Control keys on the records of identities: made once, put there and taken off by signatures.
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { settleControls } from "../../static/remote/control.js";
import { Phone } from "../../static/remote/phone.js";
import { identitiesKey } from "../../static/shared/devices.js";
import { toBase64url } from "../../static/shared/encoding.js";
import { exportAdKey, makeSigningKey, publicText } from "../../static/shared/keys.js";
import { BELONGS, seal } from "../../static/shared/sealing.js";
import { PhoneRepo, Records, adopted, refuse } from "./phone_port.mjs";
import { opened, thumbprint } from "./repo_port.mjs";

const SHOP = "https://shop.example";
const WIKI = "https://wiki.example";
let repo, phone, held, wanted;

beforeEach(async () => {
  repo = new PhoneRepo().install();
  phone = new Phone(new Records());
  const s = Buffer.alloc(32, 7).toString("base64url");
  held = await adopted(phone, { account: "an-account", label: "Mine", s });
  repo.signer = held.devicePublic;
  wanted = { pin: [], unpin: [] };
  repo.doors["/repo/control_keys/wanted"] = () => ({ wanted });
  repo.doors["/repo/control_keys"] = ({ uid }) => {
    wanted.pin = wanted.pin.filter((identity) => identity.uid !== uid);
  };
  repo.doors["/repo/control_keys/end"] = ({ control_key: id }) => {
    wanted.unpin = wanted.unpin.filter((identity) => identity.control_key !== id);
  };
});

async function identity(uid, origin, { sealedFor = origin } = {}) {
  const { publicKey, privateKey } = await makeSigningKey({ extractable: true });
  const sealKey = await identitiesKey(held);
  const sealed = await seal(sealKey, await exportAdKey(privateKey), BELONGS.ad("an-account", sealedFor));
  return { uid, origin, ad_key: await publicText(publicKey), sealed: toBase64url(sealed) };
}

test("a wanted key is put on the record, signed by the AD key and by itself, for no site", async () => {
  const shop = await identity("uid of shop", SHOP);
  wanted.pin = [shop];
  assert.equal(await settleControls(phone), 1);
  const [{ uid, origin, key, ad, cd, ...rest }] = repo.of("/repo/control_keys");
  assert.deepEqual([uid, origin, rest], ["uid of shop", SHOP, {}]);
  const claims = [opened(ad, shop.ad_key), opened(cd, key)].map((jws) => {
    assert.deepEqual(jws.header, { alg: "ES256" });
    return jws.claims;
  });
  assert.deepEqual(claims[0], claims[1]);
  const { nonce, ...change } = claims[0];
  assert.match(nonce, /^001/);
  assert.deepEqual(change, { aud: "record", pins: { cd: thumbprint(key) } });
  const control = await phone.control("uid of shop");
  assert.deepEqual([control.pinned, control.publicKey, control.origin], [true, key, SHOP]);
  assert.equal(await settleControls(phone), 0);
});

test("a key whose answer was lost is the one that is asked for again", async () => {
  wanted.pin = [await identity("uid of shop", SHOP)];
  const keep = [...wanted.pin];
  repo.before = (path) => {
    if (path === "/repo/control_keys") throw new TypeError("lost");
  };
  await assert.rejects(settleControls(phone), { code: "network" });
  assert.equal((await phone.control("uid of shop")).pinned, false, "kept before it was asked for");
  repo.before = () => {};
  wanted.pin = keep;
  assert.equal(await settleControls(phone), 1);
  const [first, second] = repo.of("/repo/control_keys");
  assert.equal(first.key, second.key);
  assert.notEqual(first.ad, second.ad, "with a fresh nonce");
});

test("what is sealed for another site, or for another account, is signed for nobody", async () => {
  const noise = toBase64url(crypto.getRandomValues(new Uint8Array(99)));
  const foreign = { ...(await identity("uid x", SHOP)), sealed: noise };
  const good = await identity("uid of wiki", WIKI);
  wanted.pin = [await identity("uid of shop", SHOP, { sealedFor: WIKI }), foreign, good];
  assert.equal(await settleControls(phone), 1, "the others do not stop for it");
  assert.deepEqual(repo.of("/repo/control_keys").map(({ uid }) => uid), ["uid of wiki"]);
  assert.equal(await phone.control("uid of shop"), undefined);
});

test("a uid that is of another site all at once keeps the one that it was pinned for", async () => {
  wanted.pin = [await identity("uid of shop", SHOP)];
  await settleControls(phone);
  wanted.pin = [await identity("uid of shop", WIKI)];
  assert.equal(await settleControls(phone), 0);
  assert.equal((await phone.control("uid of shop")).origin, SHOP);
});

test("a refusal for one identity does not stop the others, and nothing goes round for ever", async () => {
  const all = await Promise.all([1, 2, 3].map((number) => identity(`uid ${number}`, `https://${number}.example`)));
  const many = Array(50).fill(all).flat().slice(0, 50);
  repo.doors["/repo/control_keys/wanted"] = () => ({ wanted: { pin: many, unpin: [] } });
  repo.doors["/repo/control_keys"] = ({ uid }) => (uid === "uid 2" ? refuse("identity_refused") : {});
  assert.ok((await settleControls(phone)) > 0);
  assert.ok(repo.of("/repo/control_keys/wanted").length <= 20);
  assert.equal((await phone.control("uid 2")).pinned, false);
  repo.doors["/repo/control_keys"] = () => refuse("identity_refused");
  repo.asked = [];
  assert.equal(await settleControls(phone), 0);
  assert.equal(repo.of("/repo/control_keys/wanted").length, 1);
});

test("a key of one identity that is none stops no other, and what may pass is told", async () => {
  const broken = await identity("uid broken", SHOP);
  const sealed = await seal(await identitiesKey(held), new Uint8Array(5), BELONGS.ad("an-account", SHOP));
  wanted.pin = [{ ...broken, sealed: toBase64url(sealed) }, await identity("uid of wiki", WIKI)];
  let passing = 0;
  assert.equal(await settleControls(phone, () => passing++), 1);
  assert.equal(passing, 0);
  wanted.pin = [await identity("uid 2", SHOP)];
  repo.doors["/repo/control_keys"] = () => refuse("too_many_requests");
  assert.equal(await settleControls(phone, () => passing++), 0);
  assert.equal(passing, 1);
});

test("the key of an ended phone is taken off, but never this phone's own", async () => {
  const shop = await identity("uid of shop", SHOP);
  wanted.pin = [shop];
  await settleControls(phone);
  const own = (await phone.control("uid of shop")).id;
  wanted.unpin = [{ ...shop, control_key: own }, { ...shop, control_key: "of another" }];
  await settleControls(phone);
  const [{ uid, origin, control_key: id, ad, ...rest }, ...more] = repo.of("/repo/control_keys/end");
  assert.deepEqual([uid, origin, id, rest, more], ["uid of shop", SHOP, "of another", {}, []]);
  const { nonce, ...change } = opened(ad, shop.ad_key).claims;
  assert.ok(nonce);
  assert.deepEqual(change, { aud: "record", unpins: { cd: "of another" } });
});

test("a phone without an account asks nothing", async () => {
  await phone.forget();
  assert.equal(await settleControls(phone), 0);
  assert.deepEqual(repo.asked, []);
});
