/** `deno task prepare` as a process: what it prints, its exit code, and what it leaves on the disk. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { inTemporaryFolder } from "../../helpers.ts";
import { CAN_RUN, complaints, runTask } from "../command.ts";
import { embedded, filesOf, FIXTURES, linesOf, namesIn } from "../prepared.ts";

/** A test in a folder of its own. */
function test(name: string, fn: (folder: string) => Promise<void>): void {
  Deno.test({ name: `deno task prepare: ${name}`, ignore: !CAN_RUN, fn: () => inTemporaryFolder(fn) });
}

/** Runs prepare, which must fail as bad input does: exit code 2, one line, no stack trace. */
async function refused(args: readonly string[], input?: Uint8Array): Promise<string> {
  const run = await runTask("prepare", args, input ? { input } : {});
  assertEquals([run.code, run.stdout, complaints(run).length], [2, "", 1], run.stderr);
  const [line] = complaints(run);
  assertStringIncludes(line, "strokewise prepare: ");
  return line;
}

const readIndex = async (folder: string) => JSON.parse(await Deno.readTextFile(`${folder}/index.json`));

test("without a source it prepares the generated drawings and prints a table", async (folder) => {
  const run = await runTask("prepare", ["--output", `${folder}/out`]);
  assertEquals([run.code, complaints(run)], [0, []]);
  const index = await readIndex(`${folder}/out`);
  assertEquals(index.classes.length, 18);
  const { train, valid, test } = index.splits;
  assertEquals(train.examples + valid.examples + test.examples, 18 * 250);
  for (const [label, name] of index.classes.entries()) {
    const counts = [train, valid, test].map(({ perClass }) => perClass[label]);
    const row = run.stdout.split("\n").find((line) => line.startsWith(`${name} `));
    assertEquals(row?.slice(name.length).trim().split(/\s+/), [...counts, 250].map(String));
  }
  const names = Object.keys(await filesOf(`${folder}/out`));
  for (const name of ["contact_sheet.png", "rejects.ndjson"]) assert(names.includes(name), `${names}`);
  assertEquals(await namesIn(folder), ["out"]);
  assertStringIncludes(run.stderr, "of 4,500 rows");
});

test("writing ends at all rows, those left out too; one shard is one", async (folder) => {
  const [source] = embedded("sun");
  await Deno.copyFile(source, `${folder}/sun.ndjson.gz`);
  const args = [
    "--source",
    source,
    "--source",
    `${folder}/sun.ndjson.gz`,
    "--per-class",
    "1",
    "--output",
    `${folder}/out`,
  ];
  const run = await runTask("prepare", args);
  assertEquals([run.code, complaints(run)], [0, []]);
  assertMatch(run.stderr, /writing +100 % +500 of 500 rows/);
  assertMatch(run.stdout, /left out +249 more than --per-class, 250 duplicate\n/);
  assertMatch(run.stdout, /wrote +1 shard, /);
});

test("it prepares digits", async (folder) => {
  const run = await runTask("prepare", ["--dataset", "mnist", "--output", `${folder}/out`]);
  assertEquals([run.code, complaints(run)], [0, []]);
  const { classes, fields } = await readIndex(`${folder}/out`);
  assertEquals([classes, Object.keys(fields)], [[..."0123456789"], ["image", "label"]]);
});

test("the list of rejects takes the place of an earlier list only", async (folder) => {
  await Deno.writeTextFile(`${folder}/out.rejects.ndjson`, '{"file":"mine"}\n');
  await Deno.symlink("out.rejects.ndjson", `${folder}/out.rejects-2.ndjson`);
  const args = ["--source", `${FIXTURES}broken/bad-json.ndjson`, "--output", `${folder}/out`];
  for (let i = 0; i < 2; i++) assertStringIncludes(await refused(args), `listed in ${folder}/out.rejects-3.ndjson`);
  assertEquals(await namesIn(folder), ["out.rejects-2.ndjson", "out.rejects-3.ndjson", "out.rejects.ndjson"]);
  assertEquals(await Deno.readTextFile(`${folder}/out.rejects.ndjson`), '{"file":"mine"}\n');
});

test("too many rejects: one line, exit code 2, nothing left but the list", async (folder) => {
  const line = await refused(["--source", `${FIXTURES}broken/bad-json.ndjson`, "--output", `${folder}/out`]);
  const list = `${folder}/out.rejects.ndjson`;
  const [before, after] = line.split("the first: bad-json.ndjson:2: bad JSON: ");
  assertEquals(
    before,
    "strokewise prepare: 1 of 3 records were rejected (33.3 %: 1 bad JSON), more than --max-rejects allows; ",
  );
  assertMatch(after, new RegExp(`^Expected .*; each is listed in ${list}$`));
  assertEquals(await namesIn(folder), ["out.rejects.ndjson"]);
  const [entry, ...others] = await linesOf(list);
  assertEquals([entry.file, entry.line, entry.reason, others], ["bad-json.ndjson", 2, "bad JSON", []]);

  const most = ["--source", `${FIXTURES}broken/bad-json.ndjson`, "--output", `${folder}/out`, "--max-rejects"];
  await refused([...most, "33%"]);
  assertEquals((await runTask("prepare", [...most, "34%"])).code, 0);
  assertEquals((await readIndex(`${folder}/out`)).rejects, { "bad JSON": 1 });
});

test("standard input takes lines, gzipped or not, of the class that --class names", async (folder) => {
  const drawings = (await linesOf(embedded("sun")[0])).slice(0, 30).map(({ drawing }) => JSON.stringify({ drawing }));
  const input = new TextEncoder().encode(drawings.join("\n"));
  const gzipped = await new Response(new Blob([input]).stream().pipeThrough(new CompressionStream("gzip"))).bytes();
  for (const [i, bytes] of [input, gzipped].entries()) {
    const args = ["--source", "-", "--class", "rising sun", "--output", `${folder}/${i}`];
    assertEquals((await runTask("prepare", args, { input: bytes })).code, 0);
    const { classes, sources, splits } = await readIndex(`${folder}/${i}`);
    assertEquals([classes, sources[0].name, sources[0].bytes], [["rising sun"], "standard input", bytes.length]);
    assertEquals(splits.train.examples + splits.valid.examples + splits.test.examples, 30);
  }
  const line = await refused(["--source", "-", "--output", `${folder}/none`], input);
  assertStringIncludes(line, "30 of 30 records were rejected (100.0 %: 30 unknown class)");
});

test("globs, and what a shell makes of them; gzip by content, whatever the name", async (folder) => {
  const [sun, line] = await Promise.all(embedded("sun", "line").map((path) => Deno.readFile(path)));
  await Deno.writeFile(`${folder}/sun.ndjson`, sun); // gzipped all the same
  const plain = (await linesOf(embedded("line")[0])).map((record) => JSON.stringify(record)).join("\n");
  await Deno.writeTextFile(`${folder}/line.ndjson.gz`, plain);
  assertEquals(line[0], 0x1f);
  const named = ["line.ndjson.gz", "sun.ndjson"].map((name) => `${folder}/${name}`);
  for (const [i, args] of [["--source", `${folder}/*.ndjson*`], ["--source", ...named], ["--", ...named]].entries()) {
    assertEquals((await runTask("prepare", ["--output", `${folder}/${i}`, ...args])).code, 0, `${args}`);
    const { classes, sources } = await readIndex(`${folder}/${i}`);
    assertEquals(classes, ["line", "sun"]);
    assertEquals(sources.map(({ name }: { name: string }) => name), ["line.ndjson.gz", "sun.ndjson"]);
  }
});

test("an output that is there is refused; --overwrite replaces it, but nothing that is not ours", async (folder) => {
  const args = ["--output", `${folder}/out`, "--source", ...embedded("sun"), "--size", "16"];
  assertEquals((await runTask("prepare", args)).code, 0);
  const before = await filesOf(`${folder}/out`);
  assertEquals(
    await refused(args),
    `strokewise prepare: output ${folder}/out: already there; --overwrite replaces it, --output names another`,
  );
  assertEquals(await filesOf(`${folder}/out`), before);
  assertEquals((await runTask("prepare", [...args, "--overwrite", "--seed", "1"])).code, 0);
  assertEquals((await readIndex(`${folder}/out`)).options.seed, 1);
  assertEquals(await namesIn(folder), ["out"]);

  await Deno.mkdir(`${folder}/thesis`);
  await Deno.writeTextFile(`${folder}/thesis/chapter-1.txt`, "Once");
  await Deno.writeTextFile(`${folder}/file`, "text");
  for (const name of ["thesis", "file"]) {
    const line = await refused(["--output", `${folder}/${name}`, "--source", ...embedded("sun"), "--overwrite"]);
    assertStringIncludes(line, `${name}: already there and holds no strokewise shards, so it is not replaced`);
  }
  assertEquals(await filesOf(`${folder}/thesis`), { "chapter-1.txt": btoa("Once") });
  assertStringIncludes(await refused(["--output", `${folder}/file/out`]), `${folder}/file`);
});

test("a command line that is wrong is refused with the nearest name", async (folder) => {
  const cases: [args: string[], words: string][] = [
    [
      ["--overwrit"],
      "unknown option --overwrit; did you mean --overwrite? (the same command with --help lists the options)",
    ],
    [["--dataset", "mnits"], 'quickdraw-bitmap, svhn, or the path of a module; found "mnits"; did you mean mnist?'],
    [["--dataset", "mnist", "--size", "64"], "unknown option --size"],
    [["--size", "0"], '--size: expected a whole number, 1 to 256; found "0"'],
    [["--overflow", "wrap"], '--overflow: expected one of truncate, merge, drop; found "wrap"'],
    [["--source", `${folder}/nothing`], `source ${folder}/nothing: no such file, folder or match`],
    [
      ["--source", "https://me:pass@example.org/cat.parquet?sig=secret"],
      "source https://example.org/cat.parquet: sources are read from this machine alone",
    ],
  ];
  const lines = await Promise.all(cases.map(([args]) => refused(["--output", `${folder}/out`, ...args])));
  lines.forEach((line, i) => assertStringIncludes(line, cases[i][1]));
  assertEquals(await namesIn(folder), []);
});

test("--help lists the options of the dataset", async () => {
  const helps = await Promise.all([["--help"], ["--dataset", "mnist", "-h"]].map((args) => runTask("prepare", args)));
  assertEquals(helps.map(({ code, stderr }) => [code, stderr]), [[0, ""], [0, ""]]);
  for (const flag of ["--per-class N", "--max-rejects N", "--output TEXT", "--[no-]overwrite"]) {
    for (const { stdout } of helps) assertStringIncludes(stdout, flag);
  }
  assertEquals(helps.map(({ stdout }) => stdout.includes("--max-strokes")), [true, false]);
});
