/** Rows in a queue: Redis itself, workers as processes, one of them killed. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { FAST, inTemporaryFolder } from "../../helpers.ts";
import { CREDENTIALS, S3Server } from "../../pipelines/sources/s3_server.ts";
import { type Ended, ended, runTask, taskCommand } from "../command.ts";
import { clientOf, HAS_OPENSSL, HAS_REDIS, type RedisServer, startRedis, tlsFiles, withRedis } from "./redis_server.ts";
import { linesIn, LONG_ROWS, plainTable, rowsOf, smallSweepData, tableOf, TWO_ROWS, until } from "./sweeps.ts";

/** A worker, and what it said. */
interface StartedWorker extends AsyncDisposable {
  readonly process: Deno.ChildProcess;
  readonly said: Promise<Ended>;
}

/** Starts a worker in a folder. */
function startWorker(folder: string, url: string, ...args: string[]): StartedWorker {
  const env = { ...CREDENTIALS, STROKEWISE_REDIS: url };
  const process = taskCommand("work", args, { folder, env }).spawn();
  const said = ended(process);
  return {
    process,
    said,
    async [Symbol.asyncDispose]() {
      try {
        process.kill("SIGTERM");
      } catch {
        // it has ended
      }
      await said;
    },
  };
}

/** Ends a process and all that it started, and they started, at once: as when a machine loses its power. */
async function killTree(pid: number): Promise<void> {
  const { stdout } = await new Deno.Command("pgrep", { args: ["-P", `${pid}`] }).output();
  Deno.kill(pid, "SIGKILL");
  for (const child of new TextDecoder().decode(stdout).split("\n")) if (child !== "") await killTree(Number(child));
}

/** Where a worker that does not share a table's folder keeps its rows: a folder for each submission. */
const keptIn = async (folder: string): Promise<string[]> =>
  (await Array.fromAsync(Deno.readDir(folder), ({ name }) => `${folder}/${name}`)).sort();

/** Submits rows from a folder and waits for them. */
const submit = (folder: string, url: string, args: readonly string[]): Promise<Ended> =>
  runTask("sweep", [...args, "--engine", "bullmq"], { folder, env: { ...CREDENTIALS, STROKEWISE_REDIS: url } });

Deno.test({
  name: withRedis("bullmq: two workers train rows; one is killed with -9, and its row goes on from its checkpoint"),
  ignore: FAST || !HAS_REDIS,
  fn: () =>
    inTemporaryFolder(async (folder) => {
      await smallSweepData(folder);
      const plain = await plainTable(folder, LONG_ROWS);
      await using redis = await startRedis();
      await using victim = startWorker(folder, redis.url);
      await using other = startWorker(folder, redis.url);
      const submitted = submit(folder, redis.url, [...LONG_ROWS, "--run", "runs/q"]);
      const rows = ["seed-0", "seed-1"].map((row) => `${folder}/runs/q/${row}`);
      await until(
        async () => (await Promise.all(rows.map(linesIn))).every((lines) => lines > 10),
        "both rows are trained",
      );
      await killTree(victim.process.pid);
      const { code, stdout, stderr } = await submitted;
      assertEquals(code, 0, stderr);
      assertEquals(await tableOf(`${folder}/runs/q`), plain);
      assertEquals(stdout.match(/^seed-\d {2}done by .*, begun 2 times$/gm)?.length, 1, stdout);
      other.process.kill("SIGTERM");
      const worked = await other.said;
      assertEquals(worked.code, 143);
      const from = /100 steps of 32, from step (\d+)/.exec(worked.stdout)?.[1];
      assert(Number(from) >= 5, worked.stdout);
      assert(!(stdout + stderr + worked.stdout + worked.stderr).includes("sesame"), "the password is told");
    }),
});

Deno.test({
  name: withRedis("bullmq: where no folder is shared, runs come back through the queue, of a size that is told"),
  ignore: FAST || !HAS_REDIS,
  fn: () =>
    inTemporaryFolder(async (folder) => {
      const [here, there] = [`${folder}/here`, `${folder}/there`];
      for (const place of [here, there]) await smallSweepData(place);
      const plain = await plainTable(here, TWO_ROWS);
      await using redis = await startRedis();
      await using worker = startWorker(there, redis.url, "--processes", "2");
      const { code, stderr } = await submit(here, redis.url, [...TWO_ROWS, "--run", "runs/q"]);
      assertEquals(code, 0, stderr);
      assertEquals(await tableOf(`${here}/runs/q`), plain);
      const row = "seed-1/last.safetensors";
      const [kept] = await keptIn(`${there}/runs/q`);
      assertEquals(await Deno.readFile(`${here}/runs/q/${row}`), await Deno.readFile(`${kept}/${row}`));

      // What it has of other submissions of that path is not taken for a row, nor in the way of one.
      await Deno.remove(`${here}/runs/q`, { recursive: true });
      const other = [...TWO_ROWS, "--train.learning-rate", "0.01", "--run", "runs/q"];
      const second = await submit(here, redis.url, other);
      assertEquals(second.code, 0, second.stderr);
      assertEquals((await keptIn(`${there}/runs/q`)).length, 2);

      const client = await clientOf(redis.url);
      assertEquals(await client.keys("*:chunk:*"), []);
      assertEquals(await client.keys("*:folder:*"), []);
      client.disconnect();

      // Data that is not there, or another, is no data.
      await Deno.rename(`${there}/data/small`, `${there}/data/other`);
      const missing = await submit(here, redis.url, [...TWO_ROWS, "--run", "runs/m", "--bullmq.attempts", "1"]);
      assertEquals(missing.code, 1);
      assertStringIncludes(missing.stderr, "data data/small is not on this machine");
      assertStringIncludes(missing.stdout, "missing    all 2 rows: there is no table to make");
      worker.process.kill("SIGTERM");
      assertEquals((await worker.said).code, 143);
    }),
});

Deno.test({
  name: withRedis("bullmq: where no folder is shared, runs come back through a bucket, after a kill -9 too"),
  ignore: FAST || !HAS_REDIS,
  fn: () =>
    inTemporaryFolder(async (folder) => {
      const [here, first, second] = ["here", "first", "second"].map((name) => `${folder}/${name}`);
      for (const place of [here, first, second]) await smallSweepData(place);
      const plain = await plainTable(here, LONG_ROWS);
      await using redis = await startRedis();
      await using s3 = new S3Server();
      const [own, theirs] = ["--bullmq.", "--"].map((dash) => [`${dash}bucket`, "s3://bucket/rows", `${dash}endpoint`]);
      await using victim = startWorker(first, redis.url, "--processes", "2", ...theirs, s3.endpoint);
      const submitted = submit(here, redis.url, [...LONG_ROWS, "--run", "runs/q", ...own, s3.endpoint]);
      await until(() => s3.asked.filter((asked) => asked.startsWith("PUT")).length > 6, "a row is in the bucket");
      await killTree(victim.process.pid);
      await using other = startWorker(second, redis.url, ...theirs, s3.endpoint);
      const { code, stdout, stderr } = await submitted;
      assertEquals(code, 0, stderr);
      assertEquals(await tableOf(`${here}/runs/q`), plain);
      assertStringIncludes(stdout, "begun 2 times");
      const row = "seed-1/last.safetensors";
      const [kept] = await keptIn(`${second}/runs/q`);
      assertEquals(await Deno.readFile(`${here}/runs/q/${row}`), await Deno.readFile(`${kept}/${row}`));
      assertEquals([...s3.kept.keys()], []);
      other.process.kill("SIGTERM");
      const worked = await other.said;
      assertStringIncludes(worked.stdout, "bucket     s3://bucket/rows, for rows that come back through it");
      assert(/steps of 32, from step \d+/.test(worked.stdout), worked.stdout);

      // A bucket that nobody can write to is told before anything is submitted.
      s3.instead = () => new Response(null, { status: 403 });
      const refused = await submit(here, redis.url, [...LONG_ROWS, "--run", "runs/r", ...own, s3.endpoint]);
      assertEquals(refused.code, 2, refused.stderr);
      assertStringIncludes(
        refused.stderr,
        "--bullmq.bucket s3://bucket/rows: PUT .strokewise-writes: the server answers 403 Forbidden; AWS_ACCESS_KEY_ID",
      );
    }),
});

Deno.test({
  name: withRedis(
    "bullmq: by TLS, with a password; the authority is named by DENO_CERT, and who is not known is refused",
  ),
  ignore: FAST || !HAS_REDIS || !HAS_OPENSSL,
  fn: () =>
    inTemporaryFolder(async (folder) => {
      await smallSweepData(folder);
      const plain = await plainTable(folder, TWO_ROWS);
      const files = await tlsFiles(folder);
      await using redis = await startRedis(files);
      const refused: [url: string, env: Readonly<Record<string, string>>, says: string][] = [
        [redis.url, {}, "certificate in certificate chain; the variable DENO_CERT names a file of authorities"],
        [redis.url.replace("rediss", "redis"), {}, "; rediss:// where it has TLS"],
        [redis.url.replace(/:[^:]*@/, ":wrong@"), { DENO_CERT: files.authority }, "the password is missing or wrong"],
      ];
      for (const [url, env, says] of refused) {
        const { code, stderr } = await runTask("work", ["--redis", url], { folder, env });
        assertEquals([code, stderr.trimEnd().split("\n").length], [2, 1], stderr);
        assertStringIncludes(stderr, says);
      }
      const env = { STROKEWISE_REDIS: redis.url, DENO_CERT: files.authority };
      const worker = taskCommand("work", ["--processes", "2"], { folder, env }).spawn();
      const worked = ended(worker);
      const { code, stderr } = await runTask("sweep", [...TWO_ROWS, "--run", "runs/q", "--engine", "bullmq"], {
        folder,
        env,
      });
      worker.kill("SIGTERM");
      assertEquals(code, 0, stderr);
      assertEquals(await tableOf(`${folder}/runs/q`), plain);
      const { stdout } = await worked;
      assertStringIncludes(stdout, `rediss://***@127.0.0.1:${redis.port}`);
      assert(!stdout.includes("sesame"), stdout);
    }),
});

Deno.test({
  name: withRedis("bullmq: what is no row is refused, by a worker that could run it"),
  ignore: FAST || !HAS_REDIS,
  fn: () =>
    inTemporaryFolder(async (folder) => {
      await smallSweepData(folder);
      await using redis = await startRedis();
      await using worker = startWorker(folder, redis.url);
      const client = await clientOf(redis.url);
      await until(async () => (await client.keys("strokewise:worker:*")).length > 0, "a worker is there");
      const [key] = await client.keys("strokewise:worker:*");
      const { code } = JSON.parse((await client.get(key))!);
      const { Queue } = await import("bullmq");
      const queue = new Queue(`rows-${code}`, { connection: client, prefix: "strokewise" });
      const id = "0".repeat(32);
      const rows = ["seed-0", "seed-1"].map((name) => ({ name, folder: name }));
      const good = {
        task: "sweep",
        args: [...TWO_ROWS, "--seed=2"],
        row: "seed-0",
        rows,
        folder: "runs/f",
        id,
        place: id.slice(0, 12),
        most: 1e6,
        bucket: "",
        data: [],
      };
      const evil = `${folder}/evil.ts`;
      await Deno.writeTextFile(evil, `Deno.writeTextFileSync("${folder}/done", ""); export default {};`);
      await Deno.mkdir(`${folder}/runs`, { recursive: true });
      await Deno.copyFile(evil, `${folder}/runs/evil.ts`);
      const cases: [data: unknown, says: string][] = [
        [{ cmd: "rm -rf /" }, "refused: what is in the queue is no row: its task is undefined"],
        [{ ...good, task: "train" }, "no row: its task is"],
        [{ ...good, args: ["--run", "x"] }, "no row: its args is"],
        [{ ...good, more: 1 }, "no row: its more is"],
        [{ ...good, row: "seed-7" }, "no row: seed-7 is none of its rows"],
        [{ ...good, folder: "runs/../../x" }, "no row: its folder is"],
        [{ ...good, place: "../../../x" }, "no row: its place is"],
        [{ ...good, bucket: "https://evil.example" }, "no row: its bucket is"],
        [{ ...good, bucket: "s3://other" }, "comes back through s3://other, of which this worker was not told"],
        [{ ...good, folder: "/etc" }, "/etc is not in "],
        [{ ...good, args: ["--seed", "0,1", "--model", evil] }, "is not among the modules that may be imported here"],
        [{ ...good, args: ["--seed", "0,1", "--model", "runs/evil.ts"] }, "is not among the modules"],
        [{ ...good, args: ["--seed", "0,1", "--model", "https://127.0.0.1/evil.ts"] }, "is not among the modules"],
        [{ ...good, args: ["--seed", "0,1", "--trian.steps", "5"] }, "unknown option --trian.steps"],
      ];
      for (const [data, says] of cases) {
        const job = await queue.add("row", data);
        await until(async () => await job.getState() === "failed", `${JSON.stringify(data)} is refused`);
        const { failedReason } = (await queue.getJob(job.id!))!;
        assertStringIncludes(failedReason, says);
      }
      await queue.close();
      client.disconnect();
      const left = await Array.fromAsync(Deno.readDir(folder), ({ name }) => name);
      assertEquals(left.sort(), ["data", "evil.ts", "runs"]);
      worker.process.kill("SIGTERM");
      assertEquals((await worker.said).code, 143);
    }),
});

Deno.test({
  name: withRedis("bullmq: no Redis, a wrong password and no worker are told in a line; rows are taken back"),
  ignore: FAST || !HAS_REDIS,
  fn: () =>
    inTemporaryFolder(async (folder) => {
      await smallSweepData(folder);
      await using redis = await startRedis();
      const cases = [
        ["redis://127.0.0.1:1", "redis redis://127.0.0.1:1: connect ECONNREFUSED 127.0.0.1:1"],
        [
          `redis://:wrong@127.0.0.1:${redis.port}`,
          `redis redis://***@127.0.0.1:${redis.port}: the password is missing or wrong`,
        ],
        [`redis://127.0.0.1:${redis.port}`, "the password is missing or wrong"],
        ["http://me:secret@127.0.0.1", "--redis: expected redis:// or rediss://"],
      ];
      for (const [url, says] of cases) {
        for (
          const { code, stderr } of [
            await submit(folder, url, [...TWO_ROWS, "--run", "runs/n"]),
            await runTask("work", ["--redis", url], { folder }),
          ]
        ) {
          assertEquals(code, 2, stderr);
          assertStringIncludes(stderr, says);
          assertEquals(stderr.trimEnd().split("\n").length, 1, stderr);
        }
      }
      const unknown = await runTask("work", ["--redis", redis.url, "--modules", "models/none.ts"], { folder });
      assertEquals(unknown.code, 2);
      assertStringIncludes(unknown.stderr, "--modules models/none.ts: no such file");
      const nowhere = await runTask("work", ["--redis", redis.url, "--within", "runs,none"], { folder });
      assertEquals(nowhere.code, 2);
      assertStringIncludes(nowhere.stderr, ": no such folder");
      const args = [...TWO_ROWS, "--run", "runs/t", "--engine", "bullmq"];
      const waiting = taskCommand("sweep", args, { folder, env: { STROKEWISE_REDIS: redis.url } }).spawn();
      let stderr = "";
      const complained = waiting.stderr.pipeThrough(new TextDecoderStream()).pipeTo(
        new WritableStream({ write: (text) => void (stderr += text) }),
      );
      const told = new Response(waiting.stdout).text();
      await until(() => stderr.includes("no worker of code "), "it is said that no worker is there");
      waiting.kill("SIGINT");
      const { code } = await waiting.status;
      await complained;
      assertEquals(code, 130, stderr);
      assertStringIncludes(await told, "go on without this command; the same command waits for them");
      const back = await submit(folder, redis.url, [...TWO_ROWS, "--run", "runs/t", "--bullmq.take-back"]);
      assertEquals(back.code, 0, back.stderr);
      assertStringIncludes(back.stdout, "rows       are taken back");
      const client = await clientOf(redis.url);
      assertEquals((await client.keys("*")).filter((key) => /-row-|-table/.test(key)), []);
      client.disconnect();
    }),
});

Deno.test({
  name: withRedis("bullmq: a Redis that is gone for a while and has forgotten everything changes no table"),
  ignore: FAST || !HAS_REDIS,
  fn: () =>
    inTemporaryFolder(async (folder) => {
      await smallSweepData(folder);
      const plain = await plainTable(folder, LONG_ROWS);
      await using redis = await startRedis();
      await using worker = startWorker(folder, redis.url, "--processes", "2");
      const submitted = submit(folder, redis.url, [...LONG_ROWS, "--run", "runs/q"]);
      await until(async () => await linesIn(`${folder}/runs/q/seed-0`) > 10, "a row is trained");
      await redis.forget(1500);
      const { code, stdout, stderr } = await submitted;
      assertEquals(code, 0, stderr);
      for (const says of ["is gone, and waited for", "is back", "is empty, as after a restart of Redis"]) {
        assertStringIncludes(stderr, says);
      }
      assertEquals(await tableOf(`${folder}/runs/q`), plain, stdout);
      worker.process.kill("SIGTERM");
      assertEquals((await worker.said).code, 143);
    }),
});

const isGone: readonly [how: string, make: (redis: RedisServer) => void | Promise<void>][] = [
  ["is gone for good", (redis) => redis[Symbol.asyncDispose]()],
  ["hangs", (redis) => redis.hang()],
];
for (const [how, make] of isGone) {
  Deno.test({
    name: withRedis(`bullmq: Ctrl-C ends a worker and who waits for rows where the Redis ${how}`),
    ignore: FAST || !HAS_REDIS,
    fn: () =>
      inTemporaryFolder(async (folder) => {
        await smallSweepData(folder);
        await using redis = await startRedis();
        const env = { STROKEWISE_REDIS: redis.url };
        const args = [...rowsOf(100_000), "--run", "runs/g", "--engine", "bullmq"];
        const processes = [taskCommand("work", [], { folder, env }), taskCommand("sweep", args, { folder, env })]
          .map((command) => command.spawn());
        const said = processes.map(ended);
        try {
          await until(async () => await linesIn(`${folder}/runs/g/seed-0`) > 2, "a row is trained");
        } finally {
          await make(redis);
          await new Promise((resolve) => setTimeout(resolve, 2000)); // both are in the middle of a command
          for (const process of processes) process.kill("SIGINT");
        }
        const began = performance.now();
        for (const { code, stdout, stderr } of await Promise.all(said)) {
          assertEquals(code, 130, stderr);
          assertStringIncludes(stdout, "is not back: what ");
        }
        assert(performance.now() - began < 15_000, "they waited for the Redis");
      }),
  });
}

Deno.test({
  name: withRedis("bullmq: what failed while nobody waited is taken out of the queue before it is submitted again"),
  ignore: FAST || !HAS_REDIS,
  fn: () =>
    inTemporaryFolder(async (folder) => {
      const there = `${folder}/there`; // where the data is not
      await Deno.mkdir(there);
      await smallSweepData(folder);
      await using redis = await startRedis();
      const client = await clientOf(redis.url);
      const queued = async () => (await client.keys("*")).filter((key) => /-row-|-table/.test(key)).length;
      const args = [...TWO_ROWS, "--run", "runs/f", "--engine", "bullmq", "--bullmq.attempts", "1"];
      const waiting = taskCommand("sweep", args, { folder, env: { STROKEWISE_REDIS: redis.url } }).spawn();
      const left = ended(waiting);
      await until(async () => await queued() > 0, "it is submitted");
      waiting.kill("SIGINT");
      assertEquals((await left).code, 130);
      await using _worker = startWorker(there, redis.url);
      const failed = async () =>
        (await Promise.all((await client.keys("*:failed")).map((key) => client.zcard(key))))[0];
      await until(async () => await failed() >= 2, "the rows have failed");
      const again = await submit(folder, redis.url, args.slice(0, -4).concat("--bullmq.attempts", "1"));
      assertEquals(again.code, 1, again.stderr);
      assertStringIncludes(again.stderr, "data data/small is not on this machine");
      await until(async () => await queued() === 0, "nothing is left in the queue"); // what a worker is at goes when it ends
      client.disconnect();
    }),
});
