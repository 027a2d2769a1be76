import { assertEquals } from "@std/assert";
import { SplitRows } from "../../../pipelines/shards/split_rows.ts";

const rowOf = (i: number, length = i % 5) => ({
  key: 2n ** 63n + BigInt(i),
  label: i % 3,
  payload: new Uint8Array(length).fill(i),
});

Deno.test("split rows: shards of so many rows in the order added, the rest at the end", async () => {
  const rows = new SplitRows("valid", 4, 3);
  const taken = [];
  for (let i = 0; i < 10; i++) {
    const isEnough = rows.add(rowOf(i));
    assertEquals(isEnough, i % 4 === 3);
    if (!isEnough) continue;
    taken.push(rows.take()!);
    rows.wrote(Promise.resolve({ file: taken.at(-1)!.file, examples: 4, bytes: 1, sha256: "" }));
  }
  taken.push(rows.take()!);
  assertEquals(rows.take(), undefined);
  assertEquals(taken.map(({ file }) => file), ["valid-00000.npz", "valid-00001.npz", "valid-00002.npz"]);
  assertEquals(taken.flatMap(({ keys }) => [...keys]), Array.from({ length: 10 }, (_, i) => rowOf(i).key));
  assertEquals(taken.flatMap(({ labels }) => [...labels]), Array.from({ length: 10 }, (_, i) => i % 3));
  assertEquals(taken.flatMap(({ lengths }) => [...lengths]), Array.from({ length: 10 }, (_, i) => i % 5));
  const payloads = Array.from({ length: 10 }, (_, i) => [...rowOf(i).payload]).flat();
  assertEquals(taken.flatMap(({ payloads }) => [...payloads]), payloads);
  const { examples, perClass, shards } = await rows.entry();
  assertEquals([examples, perClass, shards.length], [10, [4, 3, 3], 2]);
});

Deno.test("split rows: payloads of any length; a shard may be as large as one likes", () => {
  const rows = new SplitRows("train", 10 ** 9, 3);
  for (const [i, length] of [0, 70_000, 1, 200_000].entries()) rows.add(rowOf(i, length));
  const { payloads, lengths } = rows.take()!;
  assertEquals([...lengths], [0, 70_000, 1, 200_000]);
  assertEquals([payloads.length, payloads[69_999], payloads[70_000], payloads[270_000]], [270_001, 1, 2, 3]);
});

Deno.test("split rows: a shard is full at 128 MiB of payloads, however few they are", () => {
  const rows = new SplitRows("train", 10 ** 9, 1);
  const add = (mebibytes: number) => rows.add({ key: 1n, label: 0, payload: new Uint8Array(2 ** 20 * mebibytes) });
  assertEquals([add(100), add(28)], [false, true]);
  assertEquals(rows.take()?.lengths, Uint32Array.of(100 * 2 ** 20, 28 * 2 ** 20));
  assertEquals([add(1), rows.take()?.keys.length], [false, 1]);
});
