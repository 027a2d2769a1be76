import { assert, assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import { InputError } from "../../../pipelines/base/errors.ts";
import { Prng } from "../../../pipelines/base/prng.ts";
import { RowPacker } from "../../../pipelines/shards/packed_rows.ts";
import type { BucketRow } from "../../../pipelines/shards/packed_rows.ts";
import { RowBuckets } from "../../../pipelines/shards/row_buckets.ts";
import { inTemporaryFolder, may } from "../../helpers.ts";

const ROWS: BucketRow[] = Array.from({ length: 5000 }, (_, i) => ({
  key: BigInt(i % 4000) * 0x100000001n, // the last thousand are repeats
  label: i % 7,
  split: (["train", "valid", "test"] as const)[i % 3],
  isGiven: true,
  isKeyless: false,
  isAway: false,
  payload: Uint8Array.from({ length: i % 50 }, (_, j) => i + j),
}));

async function shuffle(rows: readonly BucketRow[], options: { seed: number; memory?: number; folder: string }) {
  const buckets = new RowBuckets(`${options.folder}/bucket`, options.memory);
  const packer = new RowPacker(options.seed);
  for (let at = 0; at < rows.length; at += 100) {
    for (const row of rows.slice(at, at + 100)) packer.add({ ...row, className: String(row.label) });
    const packed = packer.take();
    await buckets.deal(packed, packed.classes.map(Number));
  }
  const shuffled: BucketRow[] = [];
  for await (const rows of buckets.shuffled()) { // a bucket's memory is given back when the next one is asked for
    shuffled.push(...rows.map((row) => ({ ...row, payload: row.payload.slice() })));
  }
  await buckets.removeFiles();
  return shuffled;
}

Deno.test({
  name: "buckets on disk give the very order of buckets in memory, and leave no file",
  ignore: !may("read", "write"),
  fn: () =>
    inTemporaryFolder(async (folder) => {
      const held = await shuffle(ROWS, { seed: 5, folder });
      const spilled = await shuffle(ROWS, { seed: 5, folder, memory: 2000 });
      assertEquals(spilled, held);
      assertEquals(await Array.fromAsync(Deno.readDir(folder)), []);
    }),
});

Deno.test("the order depends on keys and seed alone; repeats of a key stay in the order added", async () => {
  const unique = ROWS.slice(0, 4000);
  const order = await shuffle(unique, { seed: 5, folder: "" });
  assertEquals(await shuffle(new Prng(1).shuffle([...unique]), { seed: 5, folder: "" }), order);
  const other = await shuffle(unique, { seed: 6, folder: "" });
  assertNotEquals(other, order);
  assertEquals(order.toSorted((a, b) => Number(a.key - b.key)), unique);

  const all = await shuffle(ROWS, { seed: 5, folder: "" });
  const firsts = all.filter(({ key }, i) => i === 0 || key !== all[i - 1].key);
  assertEquals(firsts, order);
});

Deno.test("the shuffle is even: mean displacement of a random permutation", async () => {
  const order = await shuffle(ROWS.slice(0, 4000), { seed: 9, folder: "" });
  const mean = order.reduce((sum, { key }, i) => sum + Math.abs(i - Number(key / 0x100000001n)), 0) / 4000;
  assertEquals(Math.abs(mean / 4000 - 1 / 3) < 0.02, true, `mean displacement ${mean}`); // E|i - j| = n / 3
});

Deno.test({
  name: "a byte that is changed in a file, or missing, or too much, is noticed, after going on too",
  ignore: !may("read", "write"),
  fn: () =>
    inTemporaryFolder(async (folder) => {
      const packer = new RowPacker(5);
      for (const row of ROWS) packer.add({ ...row, className: String(row.label) });
      const packed = packer.take();
      const changes: ((bytes: Uint8Array) => Uint8Array)[] = [
        (bytes) => bytes.map((byte, i) => i === 40 ? byte ^ 4 : byte),
        (bytes) => bytes.slice(0, -1),
        (bytes) => Uint8Array.of(...bytes, 0),
      ];
      for (const change of changes) {
        const buckets = new RowBuckets(`${folder}/bucket`, 0);
        await buckets.deal(packed, packed.classes.map(Number));
        const path = `${folder}/bucket-300.rows`;
        await Deno.writeFile(path, change(await Deno.readFile(path)));
        await assertRejects(() => Array.fromAsync(buckets.shuffled()), InputError, "not those that were written");
      }
      const before = new RowBuckets(`${folder}/bucket`, 0);
      await before.deal(packed, packed.classes.map(Number));
      for (const changed of [false, true]) {
        const after = new RowBuckets(`${folder}/bucket`, 0);
        assert(await after.restore(before.stored));
        await after.deal(packed, packed.classes.map(Number)); // appended to what is there
        if (!changed) assertEquals((await Array.fromAsync(after.shuffled())).flat().length, 2 * ROWS.length);
        else {
          const path = `${folder}/bucket-7.rows`;
          await Deno.writeFile(path, changes[0](await Deno.readFile(path)));
          await assertRejects(() => Array.fromAsync(after.shuffled()), InputError, "bucket-7.rows");
        }
      }
    }),
});
