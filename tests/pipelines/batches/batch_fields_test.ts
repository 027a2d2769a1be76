import { assertEquals, assertThrows } from "@std/assert";
import { maximumOf, overflowOf, rasterOf, sideOf } from "../../../pipelines/batches/batch_fields.ts";
import type { Field } from "../../../pipelines/base/arrays.ts";

const dataOf = (stroke_index: Field) => ({ fields: { stroke_index }, classes: ["a", "b"] });

Deno.test("how drawings were rasterized is told by the field, whatever the dataset calls its options", () => {
  const data = dataOf({ dtype: "uint8", shape: [12, 12], max: 3 });
  assertEquals(rasterOf({ ...data, options: { cells: 99 } }), { size: 12, maxStrokes: 3, overflow: "truncate" });
  assertEquals(rasterOf({ ...data, options: { overflow: "merge", size: 64, maxStrokes: 8 } }), {
    ...{ size: 12, maxStrokes: 3, overflow: "merge" },
  });
  assertEquals([overflowOf(), overflowOf({ overflow: "spill" }), overflowOf({ overflow: "drop" })], [
    ...[undefined, undefined, "drop"],
  ]);
});

Deno.test("a field that is no square or does not say its largest value is refused by name", () => {
  for (const shape of [[], [0, 0], [4], [4, 5], [4, 4, 3], [-1, -1]]) {
    assertThrows(() => sideOf(dataOf({ dtype: "uint8", shape }), "stroke_index"), RangeError, `is [${shape}]`);
  }
  const silent = dataOf({ dtype: "uint8", shape: [4, 4] });
  assertThrows(() => maximumOf(silent, "stroke_index"), RangeError, "field stroke_index does not say its largest");
});
