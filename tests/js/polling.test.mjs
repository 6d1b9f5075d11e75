// Waiting for the repo to have something new.
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { pause, poll } from "../../static/shared/polling.js";

let asked, answers;

beforeEach(() => {
  asked = [];
  answers = [];
  globalThis.location = { origin: "https://id.example" };
  globalThis.fetch = async (url, request) => {
    asked.push({ url, ...request });
    const answer = answers.shift() ?? { errorcode: 0, change: 99 };
    if (answer instanceof Error) throw answer;
    return new Response(JSON.stringify(answer), { status: answer.status ?? 200 });
  };
});

const change = (number) => ({ errorcode: 0, change: number });
const refusal = (code, status = 403) => ({ errorcode: -1, code, status });

test("it tells the counter at once, and then each time that it has grown", async () => {
  answers = [change(4), change(4), change(5), change(5), change(7)];
  const told = [];
  for await (const number of poll("a.ticket", { every: 1 })) {
    told.push(number);
    if (number === 7) break;
  }
  assert.deepEqual(told, [4, 5, 7]);
  assert.equal(asked.length, 5);
  const [{ url, method, headers, body, cache }] = asked;
  assert.deepEqual([url, method, body, cache], ["https://id.example/repo/poll", "GET", undefined, "no-store"]);
  assert.deepEqual(headers, { Ticket: "a.ticket" });
});

test("a network that goes away is waited out, and asked less and less often", async () => {
  const lost = new TypeError("lost");
  answers = [change(1), lost, refusal("too_many_requests", 429), refusal("unavailable", 503), lost, change(2)];
  const started = performance.now();
  const told = [];
  for await (const number of poll("t", { every: 4 })) if (told.push(number) === 2) break;
  assert.deepEqual(told, [1, 2]);
  assert.ok(performance.now() - started > 4 + 8 + 16 + 32 + 64 - 10);
});

test("a ticket that is refused ends it", async () => {
  for (const code of ["ticket_refused", "signer_revoked"]) {
    answers = [change(1), refusal(code)];
    await assert.rejects(async () => {
      for await (const _ of poll("t", { every: 1 }));
    }, { name: "RepoError", code });
  }
});

test("it ends quietly and at once when it is aborted", async () => {
  const controller = new AbortController();
  setTimeout(() => controller.abort(), 20);
  for await (const _ of poll("t", { every: 60_000, signal: controller.signal }));
  assert.equal(asked.length, 1);
  for await (const _ of poll("t", { signal: controller.signal })) assert.fail("it was over before it began");
  await pause(60_000, controller.signal);
});
