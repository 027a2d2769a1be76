import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { InputError } from "../../../pipelines/base/errors.ts";
import { defaultsOf } from "../../../pipelines/base/option_table.ts";
import { quickdraw } from "../../../pipelines/datasets/quickdraw/quickdraw.ts";
import { countExamples, parseShardIndex, type ShardIndex } from "../../../pipelines/shards/shard_index.ts";
import { readShard, readShardIndex } from "../../../pipelines/shards/shard_reader.ts";
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

Deno.test("an index that cannot be used is refused in one line", () => {
  const whole = {
    ...{ format: "strokewise shards", version: 1, classes: ["a"], fields: {} },
    splits: { train: {}, valid: {}, test: {} },
  };
  assertEquals(parseShardIndex(JSON.stringify(whole), "index.json").classes, ["a"]);
  const refused = (text: string, words: string) => {
    const { message } = assertThrows(() => parseShardIndex(text, "data/index.json"), InputError);
    assert(message.startsWith(`data/index.json: ${words}`) && !message.includes("\n"), message);
  };
  refused("", "not JSON: ");
  refused('{"format": "strokewise shards", "version', "not JSON: ");
  refused("PK\u0003\u0004", "not JSON: ");
  for (const text of ["null", "[]", "7", '"text"', "{}"]) refused(text, "not an index of strokewise shards");
  refused(JSON.stringify({ ...whole, version: 2 }), "version 2, expected 1: prepare the data again");
  refused(JSON.stringify({ ...whole, version: undefined }), "version undefined, expected 1");
  for (const part of ["classes", "fields", "splits"]) {
    refused(JSON.stringify({ ...whole, [part]: undefined }), "classes, fields or splits are missing");
  }
  refused(JSON.stringify({ ...whole, splits: { train: {}, test: {} } }), "classes, fields or splits are missing");
});
