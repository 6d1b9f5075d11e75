// @ts-check
/** QR codes: the library's file is the published one, and what is drawn reads back as what was meant. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import test from "node:test";
import decodeQR from "qr/decode.js";
import { matrix } from "../../static/shared/qr.js";

const ADDRESS = `https://id.example.org/remote#pair.ABCD2345.${"x".repeat(43)}.${"y".repeat(22)}`;

test("the vendored file is byte for byte the package's", async () => {
  const served = await readFile(new URL("../../static/vendor/qr.js", import.meta.url));
  assert.deepEqual(served, await readFile(new URL(import.meta.resolve("qr"))));
  const types = await readFile(new URL("../../static/vendor/qr.d.ts", import.meta.url));
  assert.deepEqual(types, await readFile(new URL("./index.d.ts", import.meta.resolve("qr"))));
});

test("a code reads back as its text", () => {
  const scale = 4;
  const rows = matrix(ADDRESS).flatMap((row) => Array(scale).fill(row.flatMap((dark) => Array(scale).fill(dark))));
  const size = rows.length;
  const data = new Uint8Array(rows.flat().flatMap((dark) => Array(3).fill(dark ? 0 : 255)));
  assert.equal(decodeQR({ width: size, height: size, data }), ADDRESS);
});

test("there is white around it for the camera", () => {
  const rows = matrix("a");
  for (const row of [...rows.slice(0, 4), ...rows.slice(-4)]) assert.ok(row.every((dark) => !dark));
  for (const row of rows) assert.ok([...row.slice(0, 4), ...row.slice(-4)].every((dark) => !dark));
});
