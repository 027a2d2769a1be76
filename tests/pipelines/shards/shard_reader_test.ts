import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { InputError } from "../../../pipelines/base/errors.ts";
import { defaultsOf } from "../../../pipelines/base/option_table.ts";
import { quickdraw } from "../../../pipelines/datasets/quickdraw/quickdraw.ts";
import { countExamples, parseShardIndex, type ShardIndex } from "../../../pipelines/shards/shard_index.ts";
import { checkShard, readShard, readShardIndex } from "../../../pipelines/shards/shard_reader.ts";
import type { NdArray } from "../../../pipelines/base/arrays.ts";
import type { Drawing } from "../../../pipelines/strokes/stroke.ts";
import { inTemporaryFolder, may, plainFrames } from "../../helpers.ts";
import { askNumpy, NUMPY } from "../../numpy.ts";
import { embedded, linesOf, prepareTo } from "../../tasks/prepared.ts";

const ignore = !may("read", "write");

/** Two classes, 15 drawings each, with dense frames. */
function dense(folder: string): Promise<ShardIndex> {
  const options = { ...defaultsOf(quickdraw.options), frames: "dense", size: 32, maxStrokes: 5 };
  return prepareTo(folder, { sources: embedded("sun", "line"), options, perClass: 15 });
}

const [AXES, DTYPES] = [{ stroke3: 2, frames: 4, stroke_index: 3 } as Record<string, number>, {
  stroke_index: "|u1",
  stroke_count: "|u1",
  label: "<u2",
  key_id: "<u8",
  stroke3: "<i2",
  stroke3_offsets: "<i8",
  frames: "|u1",
}];

Deno.test({
  name: "numpy.load opens a shard and finds the numbers of the source's drawings",
  ignore: ignore || !NUMPY,
  fn: () =>
    inTemporaryFolder(async (folder) => {
      const { splits, classes } = await dense(`${folder}/data`);
      const [shard] = splits.train.shards;
      const program = "import json; arrays = numpy.load(io.BytesIO(given), allow_pickle=False)\n" +
        "answer = json.dumps({name: [a.dtype.str, a.shape, a.tolist()] for name, a in arrays.items() if name != 'key_id'}" +
        " | {'key_id': [arrays['key_id'].dtype.str, arrays['key_id'].shape, [str(k) for k in arrays['key_id']]]}).encode()";
      const answer = askNumpy(program, await Deno.readFile(`${folder}/data/${shard.file}`));
      // deno-lint-ignore no-explicit-any
      const arrays: Record<string, [dtype: string, shape: number[], values: any[]]> = JSON.parse(
        new TextDecoder().decode(answer),
      );
      assertEquals(Object.fromEntries(Object.entries(arrays).map(([name, [dtype]]) => [name, dtype])), DTYPES);
      for (const [name, [, shape]] of Object.entries(arrays)) assertEquals(shape.length, AXES[name] ?? 1, name);

      const records = (await Promise.all(embedded("sun", "line").map(linesOf))).flat();
      const byKey = new Map(records.map((record) => [record.key_id, record]));
      assertEquals(arrays.key_id[2].length, shard.examples);
      arrays.key_id[2].forEach((key, i) => {
        const { word, drawing } = byKey.get(key) as { word: string; drawing: [number[], number[]][] };
        assertEquals(classes[arrays.label[2][i]], word);
        assertEquals(arrays.stroke_count[2][i], Math.min(drawing.length, 5));
        const frames = plainFrames(drawing as Drawing, { size: 32, frames: 5 });
        assertEquals(arrays.frames[2][i].flat(2), [...frames]);
        // A cell's number is that of the first frame that shows it.
        const map = Array.from({ length: 32 * 32 }, (_, cell) => {
          const first = [0, 1, 2, 3, 4].findIndex((t) => frames[t * 32 * 32 + cell] === 1);
          return first + 1;
        });
        assertEquals(arrays.stroke_index[2][i].flat(), map);
        const [from, to] = arrays.stroke3_offsets[2].slice(i, i + 2);
        let [x, y] = [0, 0];
        const points: number[][] = arrays.stroke3[2].slice(from, to);
        const absolute = points.map(([dx, dy, lifted]) => [x += dx, y += dy, lifted]);
        const expected = drawing.flatMap(([xs, ys]) => xs.map((x, j) => [x, ys[j], j === xs.length - 1 ? 1 : 0]));
        assertEquals(absolute, expected);
      });
      assertEquals(arrays.stroke3_offsets[2].at(-1), arrays.stroke3[2].length);
    }),
});

Deno.test({
  name: "readShard gives the arrays asked for, of the index's dtypes and shapes",
  ignore,
  fn: () =>
    inTemporaryFolder(async (folder) => {
      const index = await dense(folder + "/data");
      assertEquals(await readShardIndex(`${folder}/data/`), index);
      assertEquals(countExamples(index), 30);
      const [shard] = index.splits.train.shards;
      const all = await readShard(`${folder}/data`, shard);
      assertEquals(Object.keys(all), Object.keys(DTYPES));
      for (const [name, { dtype, shape: [first, ...rest] }] of Object.entries(index.fields)) {
        const ragged = first === -1 ? [all[`${name}_offsets`].data.at(-1)] : [shard.examples];
        const shape = first === undefined ? ragged : first === -1 ? [...ragged, ...rest] : [...ragged, first, ...rest];
        assertEquals([all[name].dtype, all[name].shape.map(Number)], [dtype, shape.map(Number)], name);
      }
      const some = await readShard(`${folder}/data`, shard, ["label", "key_id"]);
      assertEquals(some, { label: all.label, key_id: all.key_id });
    }),
});

Deno.test({
  name: "a byte that was changed, anywhere in a shard, is found, and the shard is named",
  ignore,
  fn: () =>
    inTemporaryFolder(async (folder) => {
      const [shard] = (await dense(folder + "/data")).splits.train.shards;
      const path = `${folder}/data/${shard.file}`;
      const bytes = await Deno.readFile(path);
      for (const at of [0, 14, bytes.length >> 2, bytes.length >> 1, bytes.length - 1]) {
        for (const bit of [1, 128]) {
          await Deno.writeFile(path, bytes.with(at, bytes[at] ^ bit));
          const { message } = await assertRejects(() => readShard(`${folder}/data`, shard, ["label"]), InputError);
          assert(message.startsWith(`shard ${path}: sha256 is `), message);
          assert(message.includes(`the index says ${shard.sha256.slice(0, 12)}…`), message);
        }
      }
      await Deno.writeFile(path, bytes.subarray(0, -1));
      await assertRejects(() => readShard(`${folder}/data`, shard), InputError, `shard ${path}: sha256 is `);
      await Deno.remove(path);
      const words = `shard ${path}: the index lists it, but it is not there`;
      await assertRejects(() => readShard(`${folder}/data/`, shard), InputError, words);
    }),
});

Deno.test({
  name: "a shard that is missing, a folder or a link in a circle is named",
  ignore,
  fn: () =>
    inTemporaryFolder(async (folder) => {
      const entry = { file: "test-00000.npz", examples: 1, bytes: 1, sha256: "0".repeat(64) };
      const path = `${folder}/${entry.file}`;
      const refused = (message: string) => assertRejects(() => readShard(folder, entry), InputError, message);
      await refused(`shard ${path}: the index lists it, but it is not there`);
      await Deno.mkdir(path);
      await refused(`shard ${path}: Is a directory`);
      await Deno.remove(path);
      await Deno.symlink(path, path);
      await refused(`shard ${path}: `);
    }),
});

Deno.test({
  name: "a folder without an index is refused with the command that makes one",
  ignore,
  fn: () =>
    inTemporaryFolder(async (folder) => {
      await Deno.writeTextFile(`${folder}/file`, "");
      for (const path of [folder, `${folder}/none`, `${folder}/file`]) {
        const words =
          `data ${path}: no index.json, so no finished shards; deno task prepare --output ${path} makes them`;
        await assertRejects(() => readShardIndex(path), InputError, words);
      }
    }),
});

const SPLIT = {
  examples: 1,
  perClass: [1],
  shards: [{ file: "a.npz", examples: 1, bytes: 9, sha256: "0".repeat(64) }],
};
const WHOLE = {
  ...{ format: "strokewise shards", version: 1, classes: ["a"], fields: { label: { dtype: "uint8", shape: [] } } },
  ...{ options: {}, filters: {}, rejects: {}, histograms: {}, sources: [] },
  splits: { train: SPLIT, valid: SPLIT, test: { examples: 0, perClass: [0], shards: [] } },
};

Deno.test("an index that cannot be used is refused in one line", () => {
  assertEquals(parseShardIndex(JSON.stringify(WHOLE), "index.json").classes, ["a"]);
  const refused = (text: string, words: string) => {
    const { message } = assertThrows(() => parseShardIndex(text, "data/index.json"), InputError);
    assert(message.startsWith(`data/index.json: ${words}`) && !message.includes("\n"), message);
  };
  refused("", "not JSON: ");
  refused('{"format": "strokewise shards", "version', "not JSON: ");
  refused("PK\u0003\u0004", "not JSON: ");
  for (const text of ["null", "[]", "7", '"text"', "{}"]) refused(text, "not an index of strokewise shards");
  const changed = (change: Record<string, unknown>, words: string) =>
    refused(JSON.stringify({ ...WHOLE, ...change }), words);
  changed({ version: 3 }, "version 3, expected 2: prepare the data again");
  changed({ version: undefined }, "version undefined, expected 2");
  for (const part of ["classes", "fields", "splits"]) {
    changed({ [part]: undefined }, "classes, fields or splits are missing");
  }
  for (const part of ["options", "filters", "rejects", "histograms", "sources"]) {
    changed({ [part]: undefined }, `${part}: missing`);
  }
  changed({ classes: [] }, "classes: 0 of them");
  changed({ classes: ["a", "a"] }, "classes: expected different names");
  changed({ classes: [7] }, "classes: expected different names");
  changed({ classes: ["a", "b"] }, "split train: perClass: expected 2 counts");
  changed({ classes: Array.from({ length: 65537 }, (_, i) => `${i}`) }, "classes: 65537 of them, expected 1 to 65536");
  changed({ fields: { label: null } }, "field label: undefined [undefined] cannot be");
  changed({ fields: { label: { dtype: "constructor", shape: [] } } }, "field label: constructor [] cannot be");
  changed({ fields: { x: { dtype: "uint8", shape: [3, -1] } } }, "field x: uint8 [3,-1] cannot be");
  changed({ picture: null }, "picture: of no field");
  const train = (entry: unknown, words: string) =>
    changed({ splits: { ...WHOLE.splits, train: entry } }, `split train: ${words}`);
  train({}, "examples, perClass or shards are missing");
  train(null, "examples, perClass or shards are missing");
  train({ ...SPLIT, shards: [] }, "1 examples, 1 of all classes, 0 in all shards");
  train({ ...SPLIT, perClass: [2] }, "1 examples, 2 of all classes, 1 in all shards");
  for (const file of ["../a.npz", "/etc/passwd", "a.npz/..", "", "a\\b.npz", 7]) {
    train({ ...SPLIT, shards: [{ ...SPLIT.shards[0], file }] }, `shard ${file}: 1 examples, 9 bytes cannot be`);
  }
  train({ ...SPLIT, shards: [{ ...SPLIT.shards[0], examples: -1 }] }, "shard a.npz: -1 examples");
  train({ examples: 2, perClass: [2], shards: [SPLIT.shards[0], SPLIT.shards[0]] }, "shard a.npz: 1 examples");
});

Deno.test({
  name: "an index that was changed is refused, whatever was changed; blanks do not count",
  ignore,
  fn: () =>
    inTemporaryFolder(async (folder) => {
      const index = await dense(folder + "/data");
      const path = `${folder}/data/index.json`;
      const write = (content: unknown) => Deno.writeTextFile(path, JSON.stringify(content));
      await write(index);
      assertEquals(await readShardIndex(`${folder}/data`), index);
      const changes = [
        { classes: index.classes.toReversed() },
        { options: { ...index.options, maxStrokes: 2 } },
        { dataset: "mnist" },
        { more: 1 },
        { sha256: undefined },
      ];
      for (const change of changes) {
        await write({ ...index, ...change });
        const words = `${path}: its content is not what was written (sha256)`;
        await assertRejects(() => readShardIndex(`${folder}/data`), InputError, words);
      }
    }),
});

Deno.test("a shard that is not what its index says is refused", () => {
  const index = {
    classes: ["a", "b"],
    fields: { map: { dtype: "uint8", shape: [2] }, label: WHOLE.fields.label },
  } as const;
  const [entry, data] = [{ ...SPLIT.shards[0], examples: 2 }, Uint8Array.of(0, 1, 0, 1)];
  const label = { dtype: "uint8", shape: [2], data: Uint8Array.of(0, 1) } as const;
  const check = (arrays: Record<string, NdArray>) => checkShard(arrays, index as unknown as ShardIndex, entry);
  check({ label, map: { dtype: "uint8", shape: [2, 2], data } });
  const refused = (arrays: Record<string, NdArray>, words: string) =>
    void assertThrows(() => check(arrays), InputError, `shard a.npz: ${words}`);
  refused({ map: { dtype: "uint8", shape: [4], data } }, "map is uint8 [4], the index says uint8 [2, 2]");
  refused({ map: { dtype: "uint8", shape: [1, 4], data } }, "map is uint8 [1, 4], the index says uint8 [2, 2]");
  refused(
    { map: { dtype: "int8", shape: [2, 2], data: new Int8Array(4) } },
    "map is int8 [2, 2], the index says uint8 [2, 2]",
  );
  refused({ label: { ...label, data: Uint8Array.of(0, 2) } }, "label 2, and the index names 2 classes");
});
