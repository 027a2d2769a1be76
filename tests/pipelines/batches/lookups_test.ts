/** Fields that are looked up, in batches: by this thread, by the Worker and balanced, against a plain look-up. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { type PlacedBatch, readBatches } from "../../../pipelines/batches/batch.ts";
import { prefetchBatches } from "../../../pipelines/batches/prefetch.ts";
import { InputError } from "../../../pipelines/base/errors.ts";
import { arithmetic } from "../../../pipelines/datasets/arithmetic/arithmetic.ts";
import type { Dataset } from "../../../pipelines/dataset.ts";
import { decodeNpz, encodeNpz } from "../../../pipelines/formats/npz.ts";
import { sealIndex } from "../../../pipelines/shards/index_hash.ts";
import type { ShardIndex } from "../../../pipelines/shards/shard_index.ts";
import { inTemporaryFolder, may } from "../../helpers.ts";
import { lookedUpIn } from "../../lookups.ts";
import { prepareTo } from "../../tasks/prepared.ts";
import { words } from "./own_bank.ts";
import { createHash } from "node:crypto";

const FIELDS = ["query", "query_image", "answer_image"];

/** A test with 441 sums and as many differences. */
function test(name: string, fn: (data: string, index: ShardIndex) => Promise<void>): void {
  Deno.test({
    name: `looked-up fields: ${name}`,
    ignore: !may("read", "write"),
    fn: () =>
      inTemporaryFolder(async (folder) => {
        const given = { dataset: arithmetic as Dataset, options: { max: 20 }, shardSize: 300 };
        await fn(`${folder}/data`, await prepareTo(`${folder}/data`, given));
      }),
  });
}

const wanted = (folder: string) =>
  ({ folder, split: "train", batchSize: 32, fields: FIELDS, shuffleSeed: 3, epochs: 1 }) as const;

/** Each example's query and the hash of its pictures. */
function examplesOf(batches: readonly Pick<PlacedBatch, "size" | "fields">[]): string[] {
  return batches.flatMap(({ size, fields }) =>
    Array.from({ length: size }, (_, i) => {
      const part = (name: string) => {
        const length = fields[name].length / size;
        return fields[name].subarray(i * length, (i + 1) * length) as Uint8Array;
      };
      const hash = createHash("sha256").update(part("query_image")).update(part("answer_image")).digest("hex");
      return `${part("query").join()} ${hash}`;
    })
  );
}

async function expectedIn(data: string, index: ShardIndex): Promise<string[]> {
  const batches = [];
  for (const shard of index.splits.train.shards) {
    const arrays = {
      ...decodeNpz(await Deno.readFile(`${data}/${shard.file}`)),
      ...await lookedUpIn(data, index, shard),
    };
    const fields = Object.fromEntries(FIELDS.map((name) => [name, arrays[name].data]));
    batches.push({ size: shard.examples, fields });
  }
  return examplesOf(batches);
}

test("each example has the rows that its shard names; the Worker gives the same batches", async (data, index) => {
  const here = await Array.fromAsync(readBatches(wanted(data)));
  assertEquals(examplesOf(here).sort(), (await expectedIn(data, index)).sort());
  assertEquals(Object.keys(here[0].fields).sort(), [...FIELDS].sort());
  assertEquals(await Array.fromAsync(prefetchBatches(wanted(data))), here);
});

test("balanced batches, skipped ones and pictures alone are looked up too", async (data, index) => {
  const expected = new Set(await expectedIn(data, index));
  const balanced = await Array.fromAsync(readBatches({ ...wanted(data), balance: true }));
  for (const example of examplesOf(balanced)) assert(expected.has(example), example);
  const all = await Array.fromAsync(readBatches(wanted(data)));
  const rest = await Array.fromAsync(readBatches({ ...wanted(data), skip: 64 }));
  assertEquals(examplesOf(rest), examplesOf(all).slice(64));
  const [{ size, fields }] = await Array.fromAsync(readBatches({ ...wanted(data), fields: ["answer_image"] }));
  assertEquals(fields.answer_image, all[0].fields.answer_image);
  assertEquals([size, Object.keys(fields)], [32, ["answer_image"]]);
});

test("a bank that is missing, changed, or too short is told of", async (data, index) => {
  const refused = (words: string) => assertRejects(() => Array.fromAsync(readBatches(wanted(data))), InputError, words);
  const path = `${data}/bank-glyph.npz`;
  const bytes = await Deno.readFile(path);
  const replace = async (content: Uint8Array, sha256?: string) => {
    await Deno.writeFile(path, content);
    const { glyph } = index.banks!;
    const banks = { glyph: { ...glyph, sha256: sha256 ?? createHash("sha256").update(content).digest("hex") } };
    await Deno.writeTextFile(`${data}/index.json`, JSON.stringify(sealIndex({ ...index, banks })));
  };
  const { glyph } = decodeNpz(bytes);
  await replace(encodeNpz({ glyph }, { level: 9 }), index.banks!.glyph.sha256);
  await refused("bank-glyph.npz: not what the index says (sha256)");
  const cut = {
    dtype: "uint8",
    shape: [100, 28, 28],
    data: glyph.data.slice(0, 78400) as Uint8Array<ArrayBuffer>,
  } as const;
  await replace(encodeNpz({ glyph: cut }));
  await refused("bank-glyph.npz: 100 rows, and a shard names row");
  await replace(encodeNpz({ glyph: { ...glyph, shape: [glyph.shape[0], 14, 56] } }));
  await refused("uint8 [1001,14,56], the index says uint8 [rows, 28,28]");
  await replace(encodeNpz({ other: glyph }));
  await refused("no array named glyph");
  await replace(Uint8Array.of(1, 2, 3));
  await refused("bank-glyph.npz: ");
  await Deno.remove(path);
  await refused("bank-glyph.npz: not there");
  const { glyph: _, ...none } = index.banks!;
  await Deno.writeTextFile(`${data}/index.json`, JSON.stringify(sealIndex({ ...index, banks: none })));
  await refused("bank glyph: missing");
});

test("a folder with a bank is replaced whole when that is asked for", async (data) => {
  const given = { dataset: arithmetic as Dataset, options: { max: 20 } };
  await assertRejects(() => prepareTo(data, given), InputError, "already there");
  const index = await prepareTo(data, { ...given, overwrite: true });
  assertEquals(Object.keys(index.banks!), ["glyph"]);
});

Deno.test({
  name: "looked-up fields: a user's own dataset gives every bank that its fields name, and no other",
  ignore: !may("read", "write"),
  fn: () =>
    inTemporaryFolder(async (folder) => {
      await Deno.writeTextFile(`${folder}/words.txt`, "");
      const given = (gives: "its own" | "none" | "another") => ({
        ...{ dataset: words as Dataset, sources: [`${folder}/words.txt`], options: { gives } },
      });
      await prepareTo(`${folder}/out`, given("its own"));
      const wanted = {
        folder: `${folder}/out`,
        split: "train",
        batchSize: 9,
        fields: ["letter", "image"],
        epochs: 1,
      } as const;
      const [{ fields: { letter, image } }] = await Array.fromAsync(readBatches(wanted));
      const expected = Array.from(letter, Number).flatMap((row) => [0, 1, 2, 3].map((i) => 20 * (4 * row + i)));
      assertEquals(Array.from(image, Number), expected);
      assertEquals(new Set(letter as Uint16Array).size, 3);
      const refused = (gives: "none" | "another", words: string) =>
        assertRejects(() => prepareTo(`${folder}/${gives}`, given(gives)), InputError, words);
      await refused("none", "bank-letters.npz: not there");
      await refused("another", "dataset words: no field is looked up in the bank ../x that it gives");
    }),
});
