/** Parts that do not make one whole, and parts and merges that are killed. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { createHash } from "node:crypto";
import type { NdArray } from "../../../pipelines/base/arrays.ts";
import type { OptionValue } from "../../../pipelines/base/option_table.ts";
import { decodeNpz, encodeNpz } from "../../../pipelines/formats/npz.ts";
import { InputError } from "../../../pipelines/base/errors.ts";
import { exists } from "../../../pipelines/base/files.ts";
import { mergeParts } from "../../../pipelines/prepare/merge_parts.ts";
import { preparePart, type PrepareSettings } from "../../../pipelines/prepare/prepare.ts";
import { quickdraw } from "../../../pipelines/datasets/quickdraw/quickdraw.ts";
import { mnist } from "../../../pipelines/datasets/mnist.ts";
import type { Dataset } from "../../../pipelines/dataset.ts";
import { readPartIndex } from "../../../pipelines/shards/part_files.ts";
import { type PartIndex, type PartShard, partText, rowsFile } from "../../../pipelines/shards/part_index.ts";
import { FAST, inTemporaryFolder, may } from "../../helpers.ts";
import { CAN_RUN, complaints, runTask } from "../../tasks/command.ts";
import { embedded, filesOf, namesIn, prepareTo } from "../../tasks/prepared.ts";
import { writeManyDrawings } from "./many_drawings.ts";
import { makeParts } from "./parts.ts";
import { startPrepare } from "./prepare_process.ts";

function test(name: string, fn: (folder: string) => Promise<void>, ignore = false): void {
  Deno.test({ name: `parts: ${name}`, ignore: ignore || !may("read", "write"), fn: () => inTemporaryFolder(fn) });
}

const SETTINGS = { sources: embedded("sun"), shardSize: 50 };

/** Merges, which must fail and leave nothing behind. */
async function refused(folder: string, parts: readonly string[], words: string): Promise<void> {
  const before = await namesIn(folder);
  await assertRejects(() => mergeParts({ parts, output: `${folder}/merged`, workers: 1 }), InputError, words);
  assertEquals(await namesIn(folder), before, words);
}

test("one that is missing, given twice, unfinished, or no part", async (folder) => {
  const parts = await makeParts(folder, 3, SETTINGS);
  await refused(folder, parts.slice(0, 2), "merge: of 3 parts 3 is missing");
  await refused(folder, parts.slice(1, 2), "merge: of 3 parts 1 and 3 are missing");
  await refused(folder, [...parts, parts[1]], `part ${parts[1]}: is part 2 of 3, as ${parts[1]} is`);
  await refused(folder, [], "merge: name the folders of all parts");
  await refused(folder, [...parts, `${folder}/none`], `part ${folder}/none: no part.json, so no finished part`);
  await Deno.mkdir(`${folder}/begun.partial/output`, { recursive: true });
  await refused(
    folder,
    [...parts.slice(1), `${folder}/begun`],
    `part ${folder}/begun: no part.json, so no finished part`,
  );
  await prepareTo(`${folder}/whole`, SETTINGS);
  await refused(folder, [`${folder}/whole`], `part ${folder}/whole: no part.json`);
});

const OTHERS: readonly [what: string, of: number, settings: Partial<PrepareSettings>, words: string][] = [
  ["another number of parts", 2, {}, "one of 2, and FIRST is one of 3"],
  ["another seed", 3, { seed: 7 }, "made with seed 7, FIRST with 0; prepare all parts alike"],
  ["another shard size", 3, { shardSize: 60 }, "made with shardSize 60, FIRST with 50"],
  ["another --per-class", 3, { perClass: 9 }, "made with perClass 9, FIRST with 0"],
  ["another option of the dataset", 3, { options: { size: 28 } }, "made with size 28, FIRST with 64"],
  ["other sources", 3, { sources: embedded("eye") }, "made of eye.ndjson.gz, which FIRST is not made of"],
  ["fewer sources", 3, { sources: embedded("sun", "eye") }, "made of eye.ndjson.gz, which FIRST is not made of"],
  ["another dataset", 3, { dataset: mnist as Dataset, sources: [] }, "of dataset mnist, FIRST of quickdraw"],
];

test("one that is made otherwise than the others", async (folder) => {
  const parts = await makeParts(folder, 3, SETTINGS);
  for (const [i, [, of, settings, says]] of OTHERS.entries()) {
    const output = `${folder}/other-${i}`;
    await preparePart({
      dataset: quickdraw as Dataset,
      workers: 1,
      ...SETTINGS,
      ...settings,
      output,
      part: { number: 2, of },
    });
    await refused(folder, [parts[0], output, parts[2]], `part ${output}: ${says.replace("FIRST", parts[0])}`);
  }
});

test("the same sources in another order are others", async (folder) => {
  const [first] = await makeParts(folder, 1, { sources: embedded("sun", "eye") });
  const part = { number: 2, of: 2 };
  const what = { dataset: quickdraw as Dataset, workers: 1 };
  await preparePart({ ...what, sources: embedded("sun", "eye"), output: `${folder}/a`, part: { number: 1, of: 2 } });
  await preparePart({ ...what, sources: embedded("eye", "sun"), output: `${folder}/b`, part });
  await refused(folder, [`${folder}/a`, `${folder}/b`], "made of other sources, or in another order");
  assert(await exists(first));
});

test("a byte that was changed in any file of a part, a file that is missing", async (folder) => {
  const parts = await makeParts(folder, 2, { sources: embedded("sun"), shardSize: 40 });
  const names = await namesIn(parts[1]);
  assert(names.some((name) => /-\d+\.npz$/.test(name)) && names.some((name) => name.endsWith(".rows.npz")), `${names}`);
  for (const name of names) {
    const path = `${parts[1]}/${name}`;
    const bytes = await Deno.readFile(path);
    if (bytes.length > 0) {
      const place = name === "part.json" ? new TextDecoder().decode(bytes).indexOf('"duplicate"') : bytes.length >> 1;
      await Deno.writeFile(
        path,
        bytes.map((byte, i) => i === (place < 0 ? bytes.length >> 1 : place + 2) ? byte ^ 1 : byte),
      );
      await refused(folder, parts, `${path}: `);
    }
    await Deno.remove(path);
    if (name !== "rejects.ndjson") await refused(folder, parts, parts[1]);
    await Deno.writeFile(path, bytes);
  }
  await mergeParts({ parts, output: `${folder}/merged`, workers: 1 });
});

test("one of another version, and one whose files are not in its folder", async (folder) => {
  const parts = await makeParts(folder, 2, SETTINGS);
  const path = `${parts[1]}/part.json`;
  const index = await readPartIndex(parts[1]);
  await Deno.writeTextFile(path, partText({ ...index, writer: index.writer - 1 }));
  await refused(folder, parts, `${path}: of another version of this program; prepare all parts with this one`);
  const { train } = index.splits;
  const shards = train.shards.map((shard) => ({ ...shard, file: `../${shard.file}` }));
  await Deno.writeTextFile(path, partText({ ...index, splits: { ...index.splits, train: { ...train, shards } } }));
  await refused(folder, parts, `${path}: split train: shard ../train-00000.npz: `);
});

test("forged alike in every part, with good hashes: options, fields and rows that cannot be", async (folder) => {
  const parts = await makeParts(folder, 2, { sources: embedded("sun"), shardSize: 40 });
  const indices = await Promise.all(parts.map(readPartIndex));
  const forge = (change: (index: PartIndex) => object) =>
    Promise.all(parts.map((part, i) => {
      return Deno.writeTextFile(`${part}/part.json`, partText({ ...indices[i], ...change(indices[i]) }));
    }));
  const options = (more: Record<string, OptionValue>) => (index: PartIndex) => ({
    options: { ...index.options, ...more },
  });
  const cases: [change: (index: PartIndex) => object, says: string][] = [
    [options({ maxStrokes: 1e9 }), "its options: maxStrokes: expected a whole number, 1 to 255; found 1000000000"],
    [options({ maxStrokes: 7 }), "its fields, unit or picture are not those that quickdraw has with its options"],
    [options({ shardSize: -1 }), "its options: shardSize: expected a whole number, 1 or more; found -1"],
    [options({ strokes: 8 }), 'its options: no option "strokes"'],
    [() => ({ unit: "digit" }), "its fields, unit or picture are not those that quickdraw has with its options"],
  ];
  for (const [change, says] of cases) {
    await forge(change);
    await refused(folder, parts, `part ${parts[0]}: ${says}`);
  }
  await forge(() => ({}));

  const at = indices[0].splits.train.shards.findIndex((shard) => (shard as PartShard).own % shard.examples > 0);
  const path = `${parts[0]}/${rowsFile(indices[0].splits.train.shards[at].file)}`;
  const good = await Deno.readFile(path);
  const replaced = (more: Partial<Record<string, NdArray>>) => {
    return encodeNpz({ ...decodeNpz(good), ...more } as Record<string, NdArray>);
  };
  const { label, length, payload } = decodeNpz(good);
  const total = payload.data.length;
  const rows: [bytes: Uint8Array<ArrayBuffer>, says: string][] = [
    [new TextEncoder().encode("rows"), `${path}: Cannot read .npz`],
    [replaced({ label: { ...label, shape: [1], data: new Uint16Array(1) } }), `${path}: not the `],
    [replaced({ label: { ...label, data: new Uint16Array(label.data.length).fill(65535) } }), "a label is of no class"],
    [replaced({ length: { ...length, data: new Uint32Array(length.data.length) } }), `rows of 0 bytes in ${total}`],
    [replaced({ payload: { ...payload, data: new Uint8Array(total).fill(255) } }), "their rows cannot be packed: "],
  ];
  for (const [bytes, says] of rows) {
    await Deno.writeFile(path, bytes);
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    const { splits } = indices[0];
    const shards = splits.train.shards.map((shard, i) => i === at ? { ...shard, bytes: bytes.length, sha256 } : shard);
    const forged = { ...indices[0], splits: { ...splits, train: { ...splits.train, shards } } };
    await Deno.writeTextFile(`${parts[0]}/part.json`, partText(forged));
    await refused(folder, parts, says);
  }
});

test("an output that is there", async (folder) => {
  const parts = await makeParts(folder, 2, SETTINGS);
  const output = `${folder}/merged`;
  const index = await mergeParts({ parts, output, workers: 1 });
  await assertRejects(
    () => mergeParts({ parts, output, workers: 1 }),
    InputError,
    "already there; --overwrite replaces it",
  );
  assertEquals(await mergeParts({ parts, output, workers: 1, overwrite: true }), index);
  const again = () => makeParts(folder, 2, SETTINGS);
  await assertRejects(again, InputError, `${parts[0]}: already there; --overwrite replaces it`);
  const what = { ...SETTINGS, dataset: quickdraw as Dataset, workers: 1, overwrite: true };
  await preparePart({ ...what, output: parts[0], part: { number: 1, of: 2 } });
  const words = `${output}: already there and holds no strokewise part, so it is not replaced`;
  await assertRejects(() => preparePart({ ...what, output, part: { number: 1, of: 2 } }), InputError, words);
});

test("there is no such part", async (folder) => {
  for (const [number, of] of [[0, 2], [3, 2], [1.5, 2], [1, 0], [1, 5000], [NaN, 2]]) {
    const part = () =>
      preparePart({ ...SETTINGS, dataset: quickdraw as Dataset, output: `${folder}/x`, part: { number, of } });
    await assertRejects(part, InputError, `part ${number}/${of}: expected i/N such as 2/4`);
  }
  assertEquals(await namesIn(folder), []);
});

/** Ends a process when what it tells says so. */
async function killedAt(
  process: Deno.ChildProcess,
  isTime: (line: string) => boolean | Promise<boolean>,
): Promise<void> {
  const stderr = new Response(process.stderr).text();
  let rest = "";
  for await (const text of process.stdout.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    for (const line of lines) {
      if (!await isTime(line)) continue;
      process.kill("SIGKILL");
      await process.status;
      await stderr;
      return;
    }
  }
  throw new Error(`it ended before: ${await stderr}`);
}

test("a part and a merge that are killed go on where they were, to the same bytes", async (folder) => {
  const source = await writeManyDrawings(`${folder}/many.ndjson`, 12_000);
  const settings = { sources: [source], shardSize: 40, workers: 1, memory: 2 ** 18 };
  await prepareTo(`${folder}/whole`, settings);
  const output = `${folder}/2-of-2`;
  const part = { ...settings, output, part: { number: 2, of: 2 } };
  const made = async () =>
    (await Deno.readTextFile(`${output}.partial/shards.ndjson`).catch(() => "")).split("\n").length;
  await killedAt(startPrepare(part), async (line) => line.startsWith("write") && await made() > 20);
  const first = `${output}.partial/output/train-00150.npz`;
  const time = (await Deno.stat(first).catch(() => undefined))?.mtime;
  const phases = new Set<string>();
  await preparePart({ ...part, dataset: quickdraw as Dataset }, ({ phase }) => phases.add(phase));
  assertEquals([...phases], ["write"], "it read again");
  if (time !== undefined) assertEquals((await Deno.stat(`${output}/train-00150.npz`)).mtime, time);
  await preparePart({ ...part, dataset: quickdraw as Dataset, output: `${folder}/1-of-2`, part: { number: 1, of: 2 } });

  const merge = { parts: [`${folder}/1-of-2`, output], output: `${folder}/merged`, workers: 1 };
  let merged = 0;
  await killedAt(startPrepare(merge), () => ++merged > 30);
  const begun = await namesIn(`${folder}/merged.partial/output`);
  assert(begun.length >= 30 && !begun.includes("index.json"), `${begun.length} files`);
  const copied = (await Deno.readTextFile(`${folder}/merged.partial/shards.ndjson`)).trimEnd().split("\n");
  const { entry: { file } } = JSON.parse(copied[0]);
  const before = (await Deno.stat(`${folder}/merged.partial/output/${file}`)).mtime;
  await mergeParts(merge);
  assertEquals((await Deno.stat(`${folder}/merged/${file}`)).mtime, before, `${file} was copied again`);
  const [files, expected] = [await filesOf(`${folder}/merged`), await filesOf(`${folder}/whole`)];
  assertEquals(Object.keys(files), Object.keys(expected));
  for (const name of Object.keys(expected)) assert(files[name] === expected[name], name);
  assertEquals(await namesIn(folder), ["1-of-2", "2-of-2", "many.ndjson", "merged", "whole"]);
}, FAST || !CAN_RUN);

test("by the command line", async (folder) => {
  const sources = embedded("sun").flatMap((path) => ["--source", path]);
  for (const i of [1, 2]) {
    const made = await runTask("prepare", [...sources, "--part", `${i}/2`, "--output", `${folder}/p${i}`]);
    assertEquals(made.code, 0, made.stderr);
    assert(made.stdout.includes(`part       ${i} of 2: `), made.stdout);
  }
  const parts = [`${folder}/p1`, `${folder}/p2`];
  const merged = await runTask("prepare", ["--merge", ...parts, "--output", `${folder}/m`]);
  assertEquals(merged.code, 0, merged.stderr);
  await prepareTo(`${folder}/whole`, { sources: embedded("sun") });
  assertEquals(await filesOf(`${folder}/m`), await filesOf(`${folder}/whole`));
  for (
    const [args, words] of [
      [["--part", "3/2"], "part 3/2: expected i/N such as 2/4"],
      [["--part", "half"], '--part: expected i/N such as 2/4; found "half"'],
      [["--merge", ...parts, "--seed", "4"], "--seed: the parts say it, so not with --merge"],
      [["--merge", parts[0], "--output", `${folder}/n`], "merge: of 2 parts 2 is missing"],
    ] as const
  ) {
    const run = await runTask("prepare", args);
    assertEquals([run.code, run.stdout, complaints(run).length], [2, "", 1], run.stderr);
    assert(complaints(run)[0].includes(words), run.stderr);
  }
}, FAST || !CAN_RUN);
