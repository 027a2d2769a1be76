/** Parts and their merge: the bytes of a single run, whatever there is to be counted once. */
import { assert, assertEquals } from "@std/assert";
import { encode } from "fast-png";
import type { Dataset } from "../../../pipelines/dataset.ts";
import { defaultsOf } from "../../../pipelines/base/option_table.ts";
import { DATASETS } from "../../../pipelines/datasets/registry.ts";
import { quickdraw } from "../../../pipelines/datasets/quickdraw/quickdraw.ts";
import { imageFolder } from "../../../pipelines/datasets/image_folder/image_folder.ts";
import { Prng } from "../../../pipelines/base/prng.ts";
import { readPartIndex } from "../../../pipelines/shards/part_files.ts";
import type { PartShard } from "../../../pipelines/shards/part_index.ts";
import { SPLITS } from "../../../pipelines/base/split.ts";
import { FAST, inTemporaryFolder, may } from "../../helpers.ts";
import { assertMerges, makeParts } from "./parts.ts";
import { writeManyDrawings } from "./many_drawings.ts";
import { embedded, linesOf, namesIn, prepareTo } from "../../tasks/prepared.ts";

function test(name: string, fn: (folder: string) => Promise<void>, slow = true): void {
  const ignore = slow && FAST || !may("read", "write");
  Deno.test({ name: `parts: ${name}`, ignore, fn: () => inTemporaryFolder(fn) });
}

/** Drawings with keys and without, repeats of both kinds, copies without a key, a reject, and classes of very unequal size. */
async function mixedDrawings(folder: string): Promise<string> {
  const source = await writeManyDrawings(`${folder}/many.ndjson`, 1500);
  const lines = (await Deno.readTextFile(source)).trimEnd().split("\n");
  const bare = (line: string) => line.replace(/"key_id":"\d+",/, "");
  const prng = new Prng(3);
  const some = (count: number) => Array.from({ length: count }, () => lines[prng.integer(lines.length)]);
  const rare = some(7).map((line) => line.replace(/"word":"[^"]+"/, '"word":"zebra"')); // the content of another class too
  // One drawing in two classes, neither with a key: the splits of half of them are not the same.
  const twins = Array.from(
    { length: 30 },
    (_, i) => ["sun", "zebra"].map((word) => JSON.stringify({ word, drawing: [[[i, 200], [9, 2 * i]]] })),
  ).flat();
  const more = [
    ...twins,
    ...some(200),
    ...some(150).map(bare),
    ...rare,
    ...rare.map(bare),
    '{"drawing":3}',
    '{"drawing":[]}',
  ];
  await Deno.writeTextFile(source, prng.shuffle(more).join("\n") + "\n", { append: true });
  return source;
}

test("duplicates, twins without keys, rejects and a rare class, with and without --per-class", async (folder) => {
  const source = await mixedDrawings(folder);
  const settings = { sources: [source], shardSize: 100, seed: 5 };
  const index = await assertMerges(folder, [1, 2, 3, 5], settings);
  assert(index.filters.duplicate > 200 && index.rejects["wrong type"] === 1, JSON.stringify(index));
  assert(index.notes!.some((note) => note.includes("without a key")), `${index.notes}`);
  const drawn = await assertMerges(folder, [1, 2, 3, 5], { ...settings, perClass: 60 });
  assert(drawn.filters["more than --per-class"] > 500, JSON.stringify(drawn.filters));
  assertEquals(drawn.classes.length, 5);
  assert(drawn.notes!.some((note) => note.startsWith("--per-class 60 is more than there are")), `${drawn.notes}`);
});

test("rows that went to the disk, more Workers, filters, what is known beside the strokes", async (folder) => {
  const source = await mixedDrawings(folder);
  const fields = ["stroke_index", "stroke3", "country", "timestamp", "recognized"];
  const options = { ...defaultsOf(quickdraw.options), overflow: "drop", recognizedOnly: true, fields };
  const settings = { sources: [source], options, shardSize: 64, memory: 2 ** 16, workers: 3, perClass: 50 };
  const index = await assertMerges(folder, [4], settings);
  assert(index.filters["too many strokes"] > 0 && index.filters["not recognized"] > 0, JSON.stringify(index.filters));
});

test("fewer examples than parts: most parts hold nothing", async (folder) => {
  const lines = (await linesOf(embedded("sun")[0])).slice(0, 3).map((line) => JSON.stringify(line));
  await Deno.writeTextFile(`${folder}/sun.ndjson`, lines.join("\n"));
  await assertMerges(folder, [5], { sources: [`${folder}/sun.ndjson`] });
}, false);

for (const [name, dataset] of Object.entries(DATASETS)) {
  if (["arithmetic", "image-folder"].includes(name)) continue; // see below
  test(`${name}: some of its embedded examples`, async (folder) => {
    const from = decodeURIComponent(dataset.embedded!.pathname);
    const files = (await namesIn(from)).map((file) => from + file);
    const sources = files.length > 8 ? files.slice(0, 2) : files;
    await assertMerges(folder, [3], { dataset, sources, shardSize: 50, perClass: 20 });
  });
}

test("arithmetic has its bank in every part, and once in the whole", async (folder) => {
  const dataset: Dataset = DATASETS.arithmetic;
  const options = { ...defaultsOf(dataset.options), max: 30 };
  const index = await assertMerges(folder, [3], { dataset, options, shardSize: 300 });
  assertEquals(Object.keys(index.banks!), ["glyph"]);
});

test("pictures without keys, the same in two classes", async (folder) => {
  for (let i = 0; i < 60; i++) {
    const data = Uint8Array.from({ length: 3 * 32 * 32 }, (_, at) => (at * 7 + (i % 40) * 13) & 255);
    for (const name of i < 50 ? ["a", "b"] : ["b"]) {
      await Deno.mkdir(`${folder}/in/${name}`, { recursive: true });
      const png = encode({ width: 32, height: 32, channels: 3, data });
      await Deno.writeFile(`${folder}/in/${name}/${i}.png`, png);
    }
  }
  await Deno.writeTextFile(`${folder}/in/a/broken.png`, "no picture");
  const options = { ...defaultsOf(imageFolder.options), size: 16 };
  const settings = {
    dataset: imageFolder as Dataset,
    sources: [`${folder}/in`],
    options,
    shardSize: 10,
    maxRejects: 0.5,
  };
  const index = await assertMerges(folder, [2, 5], settings);
  assert(index.filters.duplicate > 0 && Object.keys(index.rejects).length === 1, JSON.stringify(index));
});

test("a part packs its own share alone, and holds no more", async (folder) => {
  const source = await writeManyDrawings(`${folder}/many.ndjson`, 4000);
  const settings = { sources: [source], shardSize: 50 };
  const whole = await prepareTo(`${folder}/whole`, settings);
  const parts = await Promise.all((await makeParts(folder, 4, settings)).map(readPartIndex));
  for (const split of SPLITS) {
    for (const { examples, shards, perClass } of parts.map(({ splits }) => splits[split])) {
      assertEquals([examples, perClass], [whole.splits[split].examples, whole.splits[split].perClass]);
      assertEquals(shards.map(({ file }) => file), whole.splits[split].shards.map(({ file }) => file));
    }
  }
  const own = parts.map(({ splits }) =>
    SPLITS.flatMap((split) => splits[split].shards as PartShard[]).reduce((sum, shard) => sum + shard.own, 0)
  );
  const total = SPLITS.reduce((sum, split) => sum + whole.splits[split].examples, 0);
  assertEquals(own.reduce((sum, count) => sum + count), total);
  // Of n keys each is in a range of a quarter with a chance of 1/4.
  for (const count of own) assert(Math.abs(count - total / 4) < 5 * Math.sqrt(total * 3 / 16), `${own}`);
});
