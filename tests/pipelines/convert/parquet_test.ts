/** Parquet as a source and an output, beside what other formats say. */
import { arithmetic } from "../../../pipelines/datasets/arithmetic/arithmetic.ts";
import { prepare } from "../../../pipelines/prepare/prepare.ts";
import { parquetMetadata, parquetReadObjects } from "hyparquet";
import { compressors } from "hyparquet-compressors";
import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { convert } from "../../../pipelines/convert/convert.ts";
import { bytesOf } from "../../../pipelines/base/bytes.ts";
import { InputError } from "../../../pipelines/base/errors.ts";
import { SPLITS } from "../../../pipelines/base/split.ts";
import { readShard } from "../../../pipelines/shards/shard_reader.ts";
import { inTemporaryFolder, may } from "../../helpers.ts";
import { arrowFiles } from "../formats/parquet/arrow_files.ts";
import { nestedLists, tableOf, texts } from "../formats/parquet/tables.ts";
import { embedded, prepareTo, storedIn } from "../../tasks/prepared.ts";

const FIELDS = ["stroke_index", "stroke3", "image", "country", "timestamp", "recognized"];

Deno.test({
  name: "drawings of Parquet are prepared as those of the same ndjson, byte for byte",
  ignore: !may("read", "write"),
  fn: () =>
    inTemporaryFolder(async (folder) => {
      const output = `${folder}/drawings.parquet`;
      const sources = embedded("circle", "line");
      const { count } = await convert({ sources, to: "parquet", output });
      assertEquals(count, 500);
      const options = { fields: FIELDS, size: 16 };
      const [text, table] = [`${folder}/text`, `${folder}/table`];
      const read = await prepareTo(text, { sources, options });
      const index = await prepareTo(table, { sources: [output], options });
      assertEquals(await storedIn(table, index), await storedIn(text, read));
      assertEquals(index.sources.map(({ name, bytes }) => [name, bytes]), [
        ["drawings.parquet", (await Deno.stat(output)).size],
      ]);
      const back = `${folder}/back.ndjson`;
      await convert({ sources: [output], to: "ndjson", output: back });
      const whole = `${folder}/whole.ndjson`;
      await convert({ sources, to: "ndjson", output: whole });
      assertEquals(await Deno.readTextFile(back), await Deno.readTextFile(whole));
    }),
});

Deno.test({
  name: "columns that are not read, and offsets that were moved, are told",
  ignore: !may("read", "write"),
  fn: () =>
    inTemporaryFolder(async (folder) => {
      const path = `${folder}/sun.parquet`;
      const rows = Array.from({ length: 30 }, (_, i) => [[10, 20, 0], [i - 50, 40, 1]]);
      await Deno.writeFile(path, tableOf([nestedLists(2), texts("licence")], [[rows, rows.map(() => "CC BY")]]));
      const { notes } = await prepareTo(`${folder}/data`, { sources: [path], options: { size: 16 } });
      assertEquals(notes, [
        "drawings of Parquet's stroke-3 that lie outside 0..255 are moved there and made smaller where larger",
        "columns that are not read: licence",
      ]);
      for (const to of ["ndjson", "svg"]) {
        const { notes } = await convert({ sources: [path], to, output: `${folder}/${to}` });
        assertEquals(notes, ["columns that are not read: licence"]);
      }
    }),
});

Deno.test({
  name: "rows without a word are of --class, of the file's name, or rejects, as lines of ndjson are",
  ignore: !may("read", "write"),
  fn: () =>
    inTemporaryFolder(async (folder) => {
      const drawing = [[[0, 255], [9, 7]]];
      const made = async (name: string, words: readonly (string | undefined)[]) => {
        const [table, lines] = [`${folder}/${name}.parquet`, `${folder}/${name}.ndjson`];
        const utf8 = words.map((word) => word === undefined ? null : new TextEncoder().encode(word));
        const columns = [nestedLists(3), texts("word")];
        await Deno.writeFile(table, tableOf(columns, [[words.map(() => drawing), utf8]]));
        const text = words.map((word) => JSON.stringify({ word, drawing }) + "\n").join("");
        await Deno.writeTextFile(lines, text);
        return [table, lines];
      };
      const seen = async (source: string, named: string) => {
        const how = { options: { size: 16, class: named }, maxRejects: 1, overwrite: true };
        const { classes, rejects, notes } = await prepareTo(`${folder}/data`, { sources: [source], ...how });
        return [classes, rejects, notes?.filter((note) => note.startsWith("--class"))];
      };
      for (const source of await made("some", ["sun", undefined, "cat", "", " "])) {
        assertEquals(await seen(source, ""), [["cat", "sun"], { "unknown class": 3 }, []]);
        assertEquals(await seen(source, "dog"), [["cat", "dog", "sun"], { "unknown class": 2 }, []]);
      }
      const [table] = await made("cat", ["sun", undefined]);
      assertEquals(await seen(table, ""), [["cat", "sun"], {}, []]);
    }),
});

Deno.test({
  name: "all fields of shards are columns, as hyparquet reads them",
  ignore: !may("read", "write"),
  fn: () =>
    inTemporaryFolder(async (folder) => {
      const [data, output] = [`${folder}/data`, `${folder}/data.parquet`];
      const options = { fields: FIELDS, size: 16 };
      const index = await prepareTo(data, {
        sources: embedded("circle", "line"),
        options,
        perClass: 60,
        shardSize: 50,
      });
      await convert({ sources: [data], to: "parquet", output });
      const { buffer } = await Deno.readFile(output);
      const metadata = parquetMetadata(buffer);
      const shards = SPLITS.flatMap((split) => index.splits[split].shards);
      assertEquals(metadata.row_groups.map(({ num_rows }) => Number(num_rows)), shards.map(({ examples }) => examples));
      const about = Object.fromEntries((metadata.key_value_metadata ?? []).map(({ key, value }) => [key, value]));
      assertEquals(JSON.parse(about.strokewise!).fields, index.fields);
      assertEquals(JSON.parse(about.huggingface!).info.features.label.names, ["circle", "line"]);
      const read = await parquetReadObjects({ file: buffer, utf8: false, compressors });
      const rows = read as Readonly<Record<string, Uint8Array | bigint | number | string>>[];
      let at = 0;
      for (const split of SPLITS) {
        for (const shard of index.splits[split].shards) {
          const arrays = await readShard(data, shard);
          for (let i = 0; i < shard.examples; i++) {
            const row = rows[at++];
            assertEquals(row.split, split);
            assertEquals(Number(row.label), arrays.label.data[i]);
            for (const name of ["stroke_count", "key_id", "timestamp", "recognized"]) {
              assertEquals(row[name], arrays[name].data[i], name);
            }
            for (const name of ["stroke_index", "image", "country"]) {
              const bytes = bytesOf(arrays[name].data);
              const size = bytes.length / shard.examples;
              assertEquals(row[name], bytes.slice(i * size, (i + 1) * size), name);
            }
            const [from, to] = [0, 1].map((k) => 3 * Number(arrays.stroke3_offsets.data[i + k]));
            const points = arrays.stroke3.data.slice(from, to);
            assertEquals(row.stroke3, new Uint8Array(points.buffer), "stroke3");
          }
        }
      }
      assertEquals(at, rows.length);
    }),
});

Deno.test({
  name: "what is looked up in a bank is no column, which is said, and where it is",
  ignore: !may("read", "write"),
  fn: () =>
    inTemporaryFolder(async (folder) => {
      const [data, output] = [`${folder}/data`, `${folder}/data.parquet`];
      const { fields } = await prepare({ dataset: arithmetic, output: data, perClass: 20, workers: 1 });
      const { leftOut } = await convert({ sources: [data], to: "parquet", output });
      assertEquals(leftOut, [
        "query_image, rows of bank-glyph.npz by query_glyph",
        "answer_image, rows of bank-glyph.npz by answer_glyph",
      ]);
      const { schema, key_value_metadata: about } = parquetMetadata((await Deno.readFile(output)).buffer);
      const columns = schema.slice(1).map(({ name }) => name);
      assertEquals(columns, ["split", ...Object.keys(fields).filter((name) => !name.endsWith("_image"))]);
      const { lookups } = JSON.parse(about!.find(({ key }) => key === "strokewise")!.value!);
      assertEquals(lookups[1], { field: "answer_image", file: "bank-glyph.npz", by: "answer_glyph" });
    }),
});

Deno.test({
  name: "a Parquet file that is no table of drawings, damaged or from a pipe is refused with one line",
  ignore: !may("read", "write"),
  fn: () =>
    inTemporaryFolder(async (folder) => {
      const { "version 2, zstd": file } = await arrowFiles();
      const path = `${folder}/cat.parquet`;
      const prepared = () => prepareTo(`${folder}/data`, { sources: [path], options: { size: 16 } });
      await Deno.writeFile(path, file.subarray(0, -100));
      const cut = await assertRejects(prepared, InputError);
      assertStringIncludes(cut.message, "cat.parquet:1: broken Parquet: a Parquet file ends with PAR1");
      const broken = file.slice();
      broken.fill(0xff, 10, 200);
      await Deno.writeFile(path, broken);
      assertStringIncludes(
        (await assertRejects(prepared, InputError)).message,
        "--damaged keep takes what comes before",
      );
      const shards = `${folder}/shards.parquet`;
      await prepareTo(`${folder}/other`, { sources: embedded("circle"), options: { size: 16 }, perClass: 20 });
      await convert({ sources: [`${folder}/other`], to: "parquet", output: shards });
      const other = convert({ sources: [shards], to: "ndjson", output: `${folder}/x.ndjson` });
      const { message } = await assertRejects(() => other, InputError);
      assertStringIncludes(message, "other columns: its columns are split, stroke_index");
      const both = convert({ sources: [`${folder}/other`, shards], to: "parquet", output: `${folder}/y.parquet` });
      await assertRejects(() => both, InputError, "2 sources do not make one table");
    }),
});
