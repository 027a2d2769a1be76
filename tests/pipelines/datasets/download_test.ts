/** `deno task download`, and `prepare --download`, as a person runs them, against a server on this machine. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { inTemporaryFolder } from "../../helpers.ts";
import { answerWith, content, HostileServer, MAY_SERVE } from "../sources/hostile_server.ts";
import { CAN_RUN, complaints, ended, runTask, taskCommand } from "../../tasks/command.ts";
import { embedded, linesOf } from "../../tasks/prepared.ts";

const ignore = !CAN_RUN || !MAY_SERVE;

function test(name: string, fn: (folder: string) => Promise<void>): void {
  Deno.test({ name: `download: ${name}`, ignore, fn: () => inTemporaryFolder(fn) });
}

const LOCAL = { net: "127.0.0.1" };

/** Runs a task that must refuse; its one line. */
async function refused(task: string, args: string[]): Promise<string> {
  const run = await runTask(task, args, LOCAL);
  assertEquals([run.code, run.stdout, complaints(run).length], [2, "", 1], run.stderr);
  return complaints(run)[0].replace(/^strokewise \w+: /, "");
}

test("into the cache, then prepare takes it from there, with the net or without", async (folder) => {
  const texts = await Promise.all(
    embedded("sun", "ice cream").map(async (path) =>
      (await linesOf(path)).slice(0, 40).map((line) => JSON.stringify(line) + "\n").join("")
    ),
  );
  await using server = new HostileServer((asked) =>
    answerWith(new TextEncoder().encode(texts[asked.path.endsWith("/sun.ndjson") ? 0 : 1]), '"x"', asked)
  );
  const own = ["--classes", "sun,ice cream", "--cache", `${folder}/cache`];
  const run = await runTask("download", [...own, "--mirror", server.url("/")], LOCAL);
  assertEquals([run.code, complaints(run)], [0, []]);
  const paths = ["sun", "ice%20cream"].map((name) => `/quickdraw_dataset/full/simplified/${name}.ndjson`);
  assertEquals(server.asked.map(({ path }) => path).sort(), paths.sort());
  assertStringIncludes(run.stdout, `2 of them fetched now, in ${folder}/cache/quickdraw/simplified`);
  assertStringIncludes(run.stderr, "fetching");
  const again = await runTask("download", own);
  assertStringIncludes(again.stdout, " 0 of them fetched now");
  assertEquals([again.stderr, server.asked.length], ["", 2]);

  const prepared = await runTask("prepare", ["--download", ...own, "--output", `${folder}/out`]);
  assertEquals([prepared.code, complaints(prepared)], [0, []]);
  const { classes, sources } = JSON.parse(await Deno.readTextFile(`${folder}/out/index.json`));
  assertEquals(classes, ["ice cream", "sun"]);
  assertEquals(sources.map(({ name }: { name: string }) => name), ["sun.ndjson", "ice cream.ndjson"]);
});

test("killed in the middle, it goes on where it was", async (folder) => {
  const body = content(300_000);
  await using server = new HostileServer((asked, count) => ({
    ...answerWith(body, '"x"', asked),
    ...(count === 1 ? { cut: 200_000, stall: true } : {}),
  }));
  const args = ["--classes", "cat", "--form", "binary", "--cache", folder, "--mirror", server.url("/")];
  const file = `${folder}/quickdraw/binary/cat.bin`;
  const process = taskCommand("download", args, LOCAL).spawn();
  const size = () => Deno.stat(`${file}.partial`).then(({ size }) => size, () => 0);
  while (await size() < 200_000) await new Promise((resolve) => setTimeout(resolve, 10));
  process.kill("SIGKILL");
  assert((await ended(process)).code !== 0);
  const run = await runTask("download", args, LOCAL);
  assertEquals([run.code, complaints(run), server.ranges], [0, [], ["", "bytes=200000-"]]);
  assertEquals(await Deno.readFile(file), body);
});

test("what cannot be had or understood: one line, exit code 2", async (folder) => {
  await using server = new HostileServer(() => ({ status: 403 }));
  const cache = ["--cache", folder];
  assertEquals(
    await refused("download", ["--classes", "cat", ...cache, "--mirror", server.url("/")]),
    `download of cat.ndjson: ${server.url("/quickdraw_dataset/full/simplified/cat.ndjson")}: ` +
      "the server answers 403 Forbidden",
  );
  await Deno.writeTextFile(`${folder}/file`, "");
  const inFile = await refused("download", ["--classes", "cat", "--cache", `${folder}/file`]);
  assertStringIncludes(inFile, `${folder}/file/quickdraw/simplified/cat.ndjson.partial: cannot be written: `);
  const hint = " (the same command with --help lists the options)";
  const cases: [task: string, args: string[], says: string][] = [
    ["download", ["--classes", "circel"], "--classes: circel: no such category; did you mean circle?"],
    [
      "download",
      ["--mirror", "here"],
      `--mirror: expected an address such as https://example.org/; found "here"`,
    ],
    ["prepare", ["--download", "--classes", "circel"], "--classes: circel: no such category; did you mean circle?"],
    ["prepare", ["--download", "--source", "a"], `--download: not with sources; found "a"${hint}`],
    ["prepare", ["--cache", folder], `--cache: only with --download${hint}`],
    [
      "prepare",
      ["--download", "--form", "bitmap"],
      '--form bitmap: prepare reads quickdraw as simplified, raw, binary, sketchrnn; "deno task download --form bitmap" only fetches it',
    ],
  ];
  for (const [task, args, says] of cases) assertEquals(await refused(task, args), says);
  const names = await Array.fromAsync(Deno.readDir(`${folder}/quickdraw/simplified`), ({ name }) => name);
  assertEquals(names, []);
});
