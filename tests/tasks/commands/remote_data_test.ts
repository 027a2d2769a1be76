/** Training and judging on shards elsewhere, by the command line: the weights of a folder here, and nobody else is asked. */
import { assert, assertEquals } from "@std/assert";
import { decodeCheckpoint } from "../../../models/checkpoint.ts";
import { FAST, inTemporaryFolder, may } from "../../helpers.ts";
import { embedded, prepareTo } from "../prepared.ts";
import { CAN_RUN, complaints, runTask } from "../command.ts";
import { MAY_SERVE } from "../../pipelines/sources/hostile_server.ts";
import { CREDENTIALS, S3Server } from "../../pipelines/sources/s3_server.ts";

function test(name: string, fn: (folder: string, server: S3Server) => Promise<void>): void {
  Deno.test({
    name: `remote data: ${name}`,
    ignore: FAST || !CAN_RUN || !MAY_SERVE || !may("env"),
    fn: () =>
      inTemporaryFolder(async (folder) => {
        await using server = new S3Server(true);
        await fn(folder, server);
      }),
  });
}

/** The tensors of a run's last checkpoint. */
async function weightsOf(run: string) {
  return (await decodeCheckpoint(await Deno.readFile(`${run}/last.safetensors`), run)).tensors;
}

test("train, evaluate and inspect by https and s3 addresses", async (folder, server) => {
  const net = new URL(server.endpoint).host;
  const local = `${folder}/shards`;
  await prepareTo(local, { sources: embedded("sun", "eye"), shardSize: 64 });
  for await (const { name } of Deno.readDir(local)) {
    server.kept.set(`bucket/x/${name}`, { bytes: await Deno.readFile(`${local}/${name}`), sha256: null });
  }
  const how = [
    "--model",
    "cnn",
    "--train.steps",
    "3",
    "--train.batch-size",
    "16",
    "--workers",
    "1",
    "--backend",
    "wasm",
  ];
  const trained = async (name: string, data: readonly string[], env: Readonly<Record<string, string>> = {}) => {
    const run = await runTask("train", ["--data", ...data, "--run", `${folder}/${name}`, ...how], { net, env });
    assertEquals(run.code, 0, run.stderr);
    assert(!/#cache|[?]endpoint/.test(run.stdout + run.stderr), run.stdout + run.stderr);
    return await weightsOf(`${folder}/${name}`);
  };
  const expected = await trained("local", [local]);
  const cache = ["--cache", `${folder}/cache`, "--cache-limit", "0.001"];
  assertEquals(await trained("web", [`${server.endpoint}/bucket/x/index.json`, ...cache]), expected);
  assertEquals(await trained("s3", ["s3://bucket/x", "--endpoint", server.endpoint, ...cache], CREDENTIALS), expected);
  const said = await Deno.readTextFile(`${folder}/s3/options.json`);
  assert(!said.includes(CREDENTIALS.AWS_SECRET_ACCESS_KEY) && said.includes('"s3://bucket/x?endpoint='), said);

  const longer = async (name: string) => {
    const run = await runTask("train", ["--resume", `${folder}/${name}`, "--train.steps", "5"], { net });
    assertEquals(run.code, 0, run.stderr);
    return await weightsOf(`${folder}/${name}`);
  };
  assertEquals(await longer("web"), await longer("local"));

  const judged = await runTask("evaluate", ["--run", `${folder}/web`], { net });
  assertEquals(judged.code, 0, judged.stderr);
  const inspected = await runTask("inspect", [`${server.endpoint}/bucket/x/`], { net, folder });
  assertEquals(inspected.code, 0, inspected.stderr);
  assert(inspected.stdout.includes("quickdraw"), inspected.stdout);
});

test("a host that is not allowed is not asked: the command that allows it is told", async (_, server) => {
  const url = `http://localhost:${new URL(server.endpoint).port}/bucket/x/`;
  for (const [task, args] of [["train", ["--data", url]], ["inspect", [url]]] as const) {
    const run = await runTask(task, args);
    assertEquals([run.code, run.stdout, complaints(run).length], [2, "", 1], run.stderr);
    const host = new URL(url).host;
    const flag = task === "train" ? `--allow-net=127.0.0.1,${host}` : `--allow-net=${host}`;
    const command = `deno run -P=${task} ${flag} tasks/commands/${task}.ts ${args.join(" ")}`;
    assert(complaints(run)[0].includes(`not allowed to reach ${host}; allow it with: ${command}`), run.stderr);
  }
  assertEquals(server.asked, []);
});
