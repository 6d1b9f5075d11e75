import assert from "node:assert/strict";
import { test } from "node:test";

import { FakeWindow, SERVICE, SITE, nextAt, settle } from "./windows.mjs";

test("the page's script connects, and says that there is no storage where touching it throws", async (context) => {
  const site = new FakeWindow(SITE);
  const here = new FakeWindow(SERVICE);
  here.parent = here.top = site;
  const heard = { window: here, document: { addEventListener: () => {} } };
  Object.assign(globalThis, heard, { indexedDB: { open: () => { throw new DOMException("no", "SecurityError"); } } });
  const { port1, port2 } = new MessageChannel();
  context.after(() => port1.close());
  const running = import("../../static/frame/frame.js");
  const first = nextAt(port1);
  while (!here.listening) await settle();
  here.deliver({ data: { oneid: 1, type: "connect" }, source: site, origin: SITE, ports: [port2] });
  const state = { enabled: false, signedIn: false, silent: false, storage: false, id: null, phone: false };
  assert.deepEqual(await first, { type: "state", state });
  await running;
  port1.postMessage({ type: "call", call: 1, name: "signin", args: { nonce: null } });
  assert.deepEqual(await nextAt(port1), { type: "answer", call: 1, error: "interaction_required" });
});
