/** The output of `prepare` is the same however the work is done: Workers, memory, the order in which shards are finished. */
import { assert, assertEquals } from "@std/assert";
import { defaultsOf } from "../../../pipelines/base/option_table.ts";
import { Prng } from "../../../pipelines/base/prng.ts";
import { quickdraw } from "../../../pipelines/datasets/quickdraw/quickdraw.ts";
import { ShardWriter } from "../../../pipelines/shards/shard_writer.ts";
import type { PrepareSettings } from "../../../pipelines/prepare/prepare.ts";
import { FAST, inTemporaryFolder, may } from "../../helpers.ts";
import { writeManyDrawings } from "./many_drawings.ts";
import { filesOf, namesIn, prepareTo } from "../../tasks/prepared.ts";
import { packShard } from "../../../pipelines/shards/pack_shard.ts";

function test(name: string, fn: (folder: string) => Promise<void>): void {
  Deno.test({ name: `identity: ${name}`, ignore: FAST || !may("read", "write"), fn: () => inTemporaryFolder(fn) });
}

/** How the work may be done. */
const WAYS: readonly Partial<PrepareSettings>[] = [{ workers: 2 }, { workers: 4 }, { memory: 2 ** 16 }, {
  workers: 3,
  memory: 2 ** 18,
}];

test("any number of Workers and any memory give the same bytes, with every kind of filter", async (folder) => {
  const source = await writeManyDrawings(`${folder}/many.ndjson`, 5000); // three chunks
  const text = await Deno.readTextFile(source);
  const repeats = `${text.slice(0, text.indexOf("\n", 10 ** 5) + 1)}{"drawing":3}\n`; // duplicates, and a reject
  await Deno.writeTextFile(source, repeats, { append: true });
  const merge = { ...defaultsOf(quickdraw.options), overflow: "merge", recognizedOnly: true };
  for (const [i, what] of [{}, { perClass: 700 }, { options: merge, seed: 7 }].entries()) {
    const settings = { sources: [source], shardSize: 500, ...what };
    const index = await prepareTo(`${folder}/one`, { ...settings, workers: 1 });
    assert(index.filters.duplicate > 100 && index.rejects["wrong type"] === 1, JSON.stringify(index.filters));
    const expected = await filesOf(`${folder}/one`);
    for (const way of i === 0 ? WAYS : WAYS.slice(-1)) {
      await prepareTo(`${folder}/other`, { ...settings, ...way });
      assertEquals(await filesOf(`${folder}/other`), expected, JSON.stringify([what, way]));
      await Deno.remove(`${folder}/other`, { recursive: true });
    }
    await Deno.remove(`${folder}/one`, { recursive: true });
  }
  assertEquals(await namesIn(folder), ["many.ndjson"]);
});

test("shards may be finished in any order", async (folder) => {
  const prng = new Prng(1);
  const rows = Array.from({ length: 300 }, (_, i) => ({
    ...{ key: BigInt(i), className: i % 2 === 0 ? "sun" : "cat" },
    payload: Uint8Array.of(1, 0, 1, 0, i % 256, 255 - i % 256),
  }));
  const finished: string[] = [];
  for (const [name, delay] of [["at once", 0], ["late", 30]] as const) {
    const writer = await ShardWriter.create({
      ...{ folder: `${folder}/${name}`, dataset: quickdraw, shardSize: 20 },
      writeShard: async (request) => {
        const entry = await packShard(quickdraw, request);
        await new Promise((resolve) => setTimeout(resolve, prng.integer(delay + 1)));
        if (name === "late") finished.push(entry.file);
        return entry;
      },
    });
    await writer.add(rows);
    await writer.finish({ sources: [], filters: {}, rejects: {} });
  }
  assert(finished.join() !== finished.toSorted().join(), "they were finished in order");
  assertEquals(await filesOf(`${folder}/late`), await filesOf(`${folder}/at once`));
});
