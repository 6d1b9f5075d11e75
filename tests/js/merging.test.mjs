// Two versions of one card, made one: nothing that one side wrote alone is lost.
import assert from "node:assert/strict";
import { test } from "node:test";
import { merge, sameWords } from "../../static/shared/merging.js";
import { often } from "./random.mjs";

const NAMES = ["street", "street2", "city", "state", "zip"];
const NEW = { kind: "address", label: "", preferred: 0, made: 1, changed: 1 };
const card = (fields, more = {}) => ({ ...NEW, fields, ...more });

test("each side's own fields are kept, the removed ones too", () => {
  const base = card({ street: "A", city: "B", zip: "C" });
  const mine = card({ street: "A2", city: "B" }, { changed: 2 }); // zip removed
  const theirs = card({ street: "A", city: "B2", zip: "C", state: "CA" }, { changed: 3, label: "Home" });
  for (const [one, other] of [[mine, theirs], [theirs, mine]]) {
    const merged = merge(base, one, other);
    assert.deepEqual(merged.fields, { street: "A2", city: "B2", state: "CA" });
    assert.deepEqual([merged.label, merged.changed, merged.made], ["Home", 3, 1]);
  }
});

test("where both changed a field the later one has it", () => {
  const base = card({ street: "A" });
  const [early, late] = [card({ street: "B" }, { changed: 2 }), card({ street: "C" }, { changed: 3 })];
  assert.equal(merge(base, early, late).fields.street, "C");
  assert.equal(merge(base, late, early).fields.street, "C");
  assert.deepEqual(merge(base, card({}, { changed: 4 }), late).fields, {});
});

test("editing wins over deleting; what nobody edited is deleted", () => {
  const base = card({ street: "A" });
  const edited = card({ street: "B" }, { changed: 2 });
  assert.deepEqual(merge(base, edited, null), edited);
  assert.deepEqual(merge(base, null, edited), edited);
  for (const untouched of [card({ street: "A" }, { changed: 9 }), card({ street: "A" }, { preferred: 5 })]) {
    assert.equal(merge(base, null, untouched), null);
    assert.equal(merge(base, untouched, null), null);
  }
  assert.deepEqual(merge(base, null, card({ street: "A" }, { label: "Home" })).label, "Home");
  assert.equal(merge(base, null, null), null);
});

test("without a known beginning nothing is deleted", () => {
  const mine = card({ street: "A", zip: "1" }, { changed: 2 });
  const theirs = card({ street: "B", city: "C" }, { changed: 3 });
  assert.deepEqual(merge(null, mine, theirs).fields, { street: "B", zip: "1", city: "C" });
  assert.deepEqual(merge(null, null, theirs), theirs);
  assert.deepEqual(merge(null, mine, null), mine);
});

test("the same change on both sides is one change", () => {
  const base = card({ street: "A" });
  const [mine, theirs] = [card({ street: "B" }, { changed: 2 }), card({ street: "B" }, { changed: 3 })];
  assert.deepEqual(merge(base, mine, theirs).fields, { street: "B" });
});

test("any two edits of different fields lose nothing, and both sides come to the same card", async () => {
  await often(1000, (random) => {
    const fields = (names) => Object.fromEntries(names.map((name) => [name, random.text()]));
    const base = card(fields(random.some(NAMES)));
    const mineNames = random.some(NAMES);
    const edit = (names, changed) => {
      const edited = { ...base.fields };
      for (const name of names) {
        if (random.next() < 0.3) delete edited[name];
        else edited[name] = random.text();
      }
      return card(edited, { changed, preferred: random.below(3) });
    };
    const mine = edit(mineNames, 2 + random.below(3));
    const theirs = edit(NAMES.filter((name) => !mineNames.includes(name)), 2 + random.below(3));
    const merged = merge(base, mine, theirs);
    for (const name of NAMES) {
      const side = mineNames.includes(name) ? mine : theirs;
      assert.equal(merged.fields[name], side.fields[name], name);
    }
    assert.deepEqual(merge(base, theirs, mine), merged);
  });
});

test("edits of the same fields in the same millisecond come to the same card everywhere", async () => {
  await often(1000, (random) => {
    const any = () => card(Object.fromEntries(random.some(NAMES).map((name) => [name, random.one(["1", "2", ""])])), {
      changed: 1 + random.below(2), label: random.one(["", "Home"]), preferred: random.below(2),
    });
    const [base, mine, theirs] = [any(), any(), any()];
    assert.deepEqual(merge(base, mine, theirs), merge(base, theirs, mine));
    assert.ok(sameWords(merge(base, mine, base), mine) && sameWords(merge(mine, mine, theirs), theirs));
  });
});
