/** pendigits against text written by hand, and against the published counts. */
import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { InputError } from "../../../pipelines/base/errors.ts";
import { defaultsOf } from "../../../pipelines/base/option_table.ts";
import { pendigits } from "../../../pipelines/datasets/pendigits.ts";
import type { PrepareSettings } from "../../../pipelines/prepare/prepare.ts";
import { readShard } from "../../../pipelines/shards/shard_reader.ts";
import { inTemporaryFolder, may, REAL_DATA } from "../../helpers.ts";
import { prepareTo } from "../../tasks/prepared.ts";

const ignore = !may("read", "write");

/** A digit of a writer: one stroke from the upper left to the lower right, y up, and a dot. */
const digit = (label: string, writer: number, size = 100) =>
  `.SEGMENT DIGIT 0 ? "${label}"\n.COMMENT ${label} ${writer} 1\n.PEN_DOWN\n 0 ${2 * size}\n ${size} 0\n.PEN_UP\n` +
  `.DT 100\n.PEN_DOWN\n ${size} ${size}\n.PEN_UP\n.DT 100\n`;

Deno.test({
  name: "pendigits: paths with y down on the 256 grid, and splits by file and writer",
  ignore,
  fn: () =>
    inTemporaryFolder(async (folder) => {
      const header = ".INCLUDE dene.doc\n.HIERARCHY DIGIT\n";
      const train = header + digit("7", 1) + digit("4", 27, 90) + digit("7", 28, 80) + digit("7", 30, 70);
      await Deno.writeTextFile(`${folder}/a.tra`, train);
      await Deno.writeTextFile(`${folder}/a.tes`, header + digit("4", 3, 60) + digit("x", 3) + digit("7", 3, 50));
      const output = `${folder}/shards`;
      const sources = [`${folder}/a.tra`, `${folder}/a.tes`];
      const index = await prepareTo(output, { dataset: pendigits, sources, maxRejects: 1 });
      assertEquals(index.classes, ["4", "7"]);
      const counts = Object.values(index.splits).map(({ examples }) => examples);
      assertEquals(counts, [2, 2, 2]);
      assertEquals(index.rejects, { "label out of range": 1 });
      const { stroke3, stroke_count } = await readShard(output, index.splits.valid.shards[0]);
      assertEquals([...stroke3.data].map(Number), [
        0,
        0,
        0,
        128,
        255,
        1,
        0,
        -127,
        0,
        0,
        0,
        1,
        0,
        0,
        0,
        128,
        255,
        1,
        0,
        -127,
        0,
        0,
        0,
        1,
      ]);
      assertEquals([...stroke_count.data].map(Number), [2, 2]);
    }),
});

Deno.test({
  name: "pendigits: which columns are x and y holds for the whole of a long file; .tes says more than a word",
  ignore,
  fn: () =>
    inTemporaryFolder(async (folder) => {
      const segment = '.SEGMENT DIGIT 0 ? "3"\n.PEN_DOWN\n' + Array.from({ length: 20 }, (_, t) =>
        `${t} 5 ${9 * t}\n`).join("") +
        ".PEN_UP\n";
      const count = 3000; // of 600,000 characters, more than two chunks
      await Deno.writeTextFile(`${folder}/retrained.tes`, `.COORD T X Y\n${segment.repeat(count)}`);
      const output = `${folder}/out`;
      const index = await prepareTo(output, { dataset: pendigits, sources: [`${folder}/retrained.tes`] });
      assertEquals(index.splits.test.examples, count);
      const { stroke3 } = await readShard(output, index.splits.test.shards[0]);
      const rises = [...stroke3.data].map(Number);
      assertEquals(rises.length, count * 6); // two points each: from below to above, since y is up in the file
      rises.forEach((value, i) => assertEquals(value, [0, i % 6 === 1 ? 255 : 0, 0, 0, -255, 1][i % 6]));
    }),
});

Deno.test({
  name: "pendigits: files that say no split, or are no UNIPEN, are refused",
  ignore,
  fn: () =>
    inTemporaryFolder(async (folder) => {
      const refused = async (name: string, text: string, words: string) => {
        await Deno.writeTextFile(`${folder}/${name}`, text);
        const run = () => prepareTo(`${folder}/out`, { dataset: pendigits, sources: [`${folder}/${name}`] });
        await assertRejects(run, InputError, words);
      };
      for (const name of ["digits.unp", "restrained.unp", "train-and-test.unp"]) {
        await refused(name, digit("1", 1), "its name does not say whether it is train or test");
      }
      await refused("a.tra", "<html>\n", "no line begins with .SEGMENT");
    }),
});

Deno.test("pendigits: a renderer is refused where no field is drawn by it", () => {
  const options = { ...defaultsOf(pendigits.options), renderer: "soft" } as const;
  assertThrows(() => pendigits.fields(options), InputError, "--renderer soft: it draws frames and image");
  for (const drawn of [{ fields: ["image"] }, { frames: "dense" }] as const) pendigits.fields({ ...options, ...drawn });
});

Deno.test({
  name: "pendigits: files of one split have keys of their own; a cut file is damaged; unknown writers are told",
  ignore,
  fn: () =>
    inTemporaryFolder(async (folder) => {
      const write = (name: string, text: string) => Deno.writeTextFile(`${folder}/${name}`, text);
      const sources = [`${folder}/a.tra`, `${folder}/b.tra`];
      await write("a.tra", digit("7", 1) + digit("4", 2, 90));
      await write("b.tra", digit("7", 1, 80).replace(/\.COMMENT.*\n/, "") + digit("4", 28, 70).slice(0, 60));
      const run = (how: Partial<PrepareSettings> = {}) =>
        prepareTo(`${folder}/out`, { dataset: pendigits, sources, maxRejects: 1, ...how });
      await assertRejects(run, InputError, "b.tra:11: truncated segment: the file ends inside it: ");
      const { splits, rejects, notes } = await run({ damaged: "keep" });
      assertEquals([splits.train.examples, rejects], [3, { "truncated segment": 1 }]);
      assertEquals(notes?.slice(0, 1), [
        "b.tra: 1 of 2 digits without a .COMMENT that names the writer, all for training and none for validation",
      ]);
      const two = digit("4", 2, 90).replace(" 0 ?", " 8-9 ?");
      await write("b.tra", digit("7", 1, 80) + two.slice(0, two.indexOf(".PEN_UP") + 8));
      const why = "b.tra:12: truncated segment: the file ends inside it: .SEGMENT announces 2 strokes, found 1";
      await assertRejects(() => run({ overwrite: true }), InputError, why);
    }),
});

Deno.test({
  name: "pendigits: the real files have 7,494 and 3,498 digits of 10 classes, and none is a reject",
  ignore: REAL_DATA === undefined,
  fn: () =>
    inTemporaryFolder(async (folder) => {
      const index = await prepareTo(`${folder}/out`, {
        dataset: pendigits,
        sources: [`${REAL_DATA}more/digits/pendigits`],
      });
      const { train, valid, test } = index.splits;
      assertEquals([train.examples + valid.examples, test.examples, index.rejects], [7494, 3498, {}]);
      assertEquals([valid.examples, index.classes.length], [749, 10]);
      let strokes = 0;
      for (const split of [train, valid]) {
        for (const entry of split.shards) {
          const { stroke_count } = await readShard(`${folder}/out`, entry, ["stroke_count"]);
          for (const count of stroke_count.data) strokes += Number(count);
        }
      }
      assertEquals(strokes, 9433); // as many as the training file has .PEN_DOWN
    }),
});
