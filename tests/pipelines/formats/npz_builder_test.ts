import { assertEquals } from "@std/assert";
import { NpzBuilder } from "../../../pipelines/formats/npz_builder.ts";
import { decodeNpz } from "../../../pipelines/formats/npz.ts";
import { Prng } from "../../../pipelines/base/prng.ts";
import type { Fields, NdArray } from "../../../pipelines/base/arrays.ts";

const FIELDS: Fields = {
  map: { dtype: "uint8", shape: [3, 2] },
  points: { dtype: "int16", shape: [-1, 2] },
  label: { dtype: "uint16", shape: [] },
};

/** The arrays of examples, of which example i has i % 4 points. */
function arraysOf(from: number, to: number): Record<string, NdArray> {
  const examples = Array.from({ length: to - from }, (_, i) => from + i);
  const offsets = new BigInt64Array(examples.length + 1);
  examples.forEach((i, at) => offsets[at + 1] = offsets[at] + BigInt(i % 4));
  const points = Int16Array.from(examples.flatMap((i) => Array<number>(2 * (i % 4)).fill(-i)));
  const map = Uint8Array.from(examples.flatMap((i) => Array<number>(6).fill(i)));
  return {
    map: { dtype: "uint8", shape: [examples.length, 3, 2], data: map },
    points: { dtype: "int16", shape: [points.length / 2, 2], data: points },
    points_offsets: { dtype: "int64", shape: [offsets.length], data: offsets },
    label: { dtype: "uint16", shape: [examples.length], data: Uint16Array.from(examples) },
  };
}

Deno.test("npz builder: examples that come some at a time are those that come at once, ragged ones too", () => {
  const prng = new Prng(4);
  for (const count of [1, 2, 50]) {
    for (let attempt = 0; attempt < 5; attempt++) {
      const builder = new NpzBuilder(count, FIELDS);
      for (let from = 0; from < count;) {
        const to = Math.min(count, from + 1 + prng.integer(20));
        builder.add(arraysOf(from, to));
        from = to;
      }
      const read = decodeNpz(builder.finish());
      assertEquals(read, arraysOf(0, count));
      assertEquals(Object.keys(read), ["map", "points", "points_offsets", "label"]);
    }
  }
});

Deno.test("npz builder: what was added is freed", () => {
  const builder = new NpzBuilder(5, FIELDS);
  const arrays = arraysOf(0, 5);
  builder.add(arrays);
  for (const { data } of Object.values(arrays)) assertEquals(data.buffer.detached, true);
});
