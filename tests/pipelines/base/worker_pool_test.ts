import { assert, assertEquals, assertRejects } from "@std/assert";
import { Prng } from "../../../pipelines/base/prng.ts";
import { type Job, WorkerPool } from "../../../pipelines/base/worker_pool.ts";

/** What the Worker below does: waits, then answers with the value, or fails. */
interface Request {
  readonly value: number;
  /** In milliseconds. */
  readonly delay?: number;
  readonly fail?: "report" | "throw";
}

const ENTRY = new URL(`data:text/javascript,${
  encodeURIComponent(`
  self.onmessage = ({ data: { value, delay = 0, fail } }) => {
    setTimeout(() => {
      if (fail === "report") self.postMessage({ error: { name: "InputError", message: "bad " + value } });
      else if (fail === "throw") throw new Error("broken " + value);
      else self.postMessage({ reply: value });
    }, delay);
  };`)
}`);

const poolOf = (size: number) =>
  new WorkerPool<Request, number>(ENTRY, size, ({ name, message }) => new Error(`${name}: ${message}`));

async function* jobsOf(requests: readonly Request[]): AsyncGenerator<Job<Request>> {
  for (const request of requests) yield { request };
}

Deno.test("worker pool: results in the order of the jobs, whoever finishes first", async () => {
  const prng = new Prng(3);
  for (const size of [1, 3]) {
    using pool = poolOf(size);
    const requests = Array.from({ length: 30 }, (_, value) => ({ value, delay: prng.integer(12) }));
    const replies = await Array.fromAsync(pool.map(jobsOf(requests)));
    assertEquals(replies, requests.map(({ value }) => value));
  }
});

Deno.test("worker pool: no more jobs are taken than two a Worker", async () => {
  using pool = poolOf(2);
  let [asked, answered] = [0, 0];
  async function* jobs(): AsyncGenerator<Job<Request>> {
    for (let value = 0; value < 40; value++) {
      assert(asked++ - answered <= 4, `${asked} asked for, ${answered} answered`);
      yield { request: { value } };
    }
  }
  for await (const _ of pool.map(jobs())) answered++;
  assertEquals(answered, 40);
});

Deno.test("worker pool: an error that is reported fails its job alone", async () => {
  using pool = poolOf(2);
  const runs = [1, 2, 3].map((value) => pool.run({ request: { value, ...(value === 2 ? { fail: "report" } : {}) } }));
  const ended = await Promise.allSettled(runs);
  assertEquals(ended.map(({ status }) => status), ["fulfilled", "rejected", "fulfilled"]);
  await assertRejects(() => runs[1], Error, "InputError: bad 2");
  const reading = Array.fromAsync(pool.map(jobsOf([{ value: 1 }, { value: 2, fail: "report" }, { value: 3 }])));
  await assertRejects(() => reading, Error, "InputError: bad 2");
  assertEquals(await pool.run({ request: { value: 4 } }), 4);
});

Deno.test("worker pool: a Worker that dies fails every job, those to come too, and none hangs", async () => {
  using pool = poolOf(2);
  const slow = pool.run({ request: { value: 1, delay: 60_000 } });
  const dying = pool.run({ request: { value: 2, fail: "throw" } });
  const waiting = pool.run({ request: { value: 3 } });
  for (const run of [slow, dying, waiting]) await assertRejects(() => run, Error, "WorkerError: a Worker died");
  await assertRejects(() => pool.run({ request: { value: 4 } }), Error, "broken 2");
});

Deno.test("worker pool: a request that cannot be sent fails its job, and the Worker goes on", async () => {
  using pool = poolOf(1);
  const request = { value: 1, delay: (() => 0) as unknown as number };
  await assertRejects(() => pool.run({ request }), Error, "could not be cloned");
  assertEquals(await pool.run({ request: { value: 5 } }), 5);
});

Deno.test("worker pool: what waits when the pool is ended fails", async () => {
  const pool = poolOf(1);
  const runs = [pool.run({ request: { value: 1, delay: 60_000 } }), pool.run({ request: { value: 2 } })];
  pool[Symbol.dispose]();
  for (const run of runs) await assertRejects(() => run, Error, "ended");
});
