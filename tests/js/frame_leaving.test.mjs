import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { Holder } from "../../static/frame/holder.js";
import { Signing } from "../../static/frame/signing.js";
import { holding, makeBundle, refusal, repo, setUp } from "./framed.mjs";
import { Records } from "./records.mjs";
import { SITE } from "./windows.mjs";

beforeEach(setUp);

test("signing out tells the repo and forgets", async () => {
  const { records: emptied, signing: leaving } = await holding((await makeBundle()).bundle);
  repo.answers = [{ errorcode: 0 }];
  assert.equal(await leaving.call("signout", {}), true);
  assert.equal(repo.asked.pop().path, "/repo/signout");
  assert.equal(emptied.kept.size, 0);
  const { records, signing } = await holding((await makeBundle()).bundle);
  repo.answers = [refusal("unavailable")];
  await assert.rejects(signing.call("signout", {}), { code: "unavailable" });
  assert.equal(records.kept.size, 1);
});

test("a session that had ended signs nothing out, so it is no success; its keys are forgotten", async () => {
  for (const code of ["signer_revoked", "signer_refused"]) {
    const { records, signing } = await holding((await makeBundle()).bundle);
    repo.answers = [refusal(code)];
    await assert.rejects(signing.call("signout", {}), { code: "interaction_required" });
    assert.equal(records.kept.size, 0);
  }
});

test("opting out forgets when the repo agrees, and only then", async () => {
  const { records, signing } = await holding((await makeBundle()).bundle);
  repo.answers = [refusal("optout_refused")];
  await assert.rejects(signing.call("optout", {}), { code: "optout_refused" });
  assert.equal(records.kept.size, 1);
  assert.equal(await signing.call("optout", {}), true);
  assert.equal(records.kept.size, 0);
  const { signing: ended } = await holding((await makeBundle()).bundle);
  repo.answers = [refusal("signer_revoked")];
  await assert.rejects(ended.call("optout", {}), { code: "interaction_required" });
});

test("without keys there is nothing to leave, and unknown calls are refused", async () => {
  const signing = new Signing(new Holder(SITE, new Records()), SITE);
  for (const name of ["signout", "optout"]) await assert.rejects(signing.call(name, {}), { code: "not_signed_in" });
  for (const name of ["quickfill", "constructor", ""]) {
    await assert.rejects(signing.call(name, {}), { code: "not_supported" });
  }
});
