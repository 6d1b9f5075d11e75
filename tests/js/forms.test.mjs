import assert from "node:assert/strict";
import { test } from "node:test";

import { asRequest, isRequest } from "../../static/shared/forms.js";

const REQUEST = { name: "signin", attr: "", nonce: null, frame: null, id: null, silent: false, label: "" };

test("a shim from before there were phones and cards is understood: it asks for a plain sign-in", () => {
  assert.equal(isRequest(REQUEST), true);
  assert.deepEqual(asRequest(REQUEST), { ...REQUEST, level: "ON", message: "", title: "", set: null });
});

test("what a shim of today asks for is left as it is", () => {
  for (const name of ["signin", "signup", "confirm", "attr"]) {
    for (const level of ["ON", "OOB", "OOBPIN"]) {
      const request = { ...REQUEST, name, level, message: "Pay", title: "Shop", set: { name: {} } };
      assert.equal(isRequest(request), true);
      assert.deepEqual(asRequest(request), request);
    }
  }
});
