import { assertEquals, assertThrows } from "@std/assert";
import { planFrames } from "../../../../models/zoo/stroke_classifier/frame_plan.ts";
import { fieldOf } from "../../../../pipelines/batches/batch_fields.ts";

Deno.test("frames in use come one after another, the blank one last", () => {
  const plan = planFrames([2, 0, 1], { frames: 3, order: "time first" });
  assertEquals([...plan.drawings], [0, 0, 2, 0]);
  assertEquals([...plan.strokes], [1, 2, 1, 0]);
  assertEquals([...plan.rows], [0, 3, 2, 1, 3, 3, 3, 3, 3]); // [T, B]
  assertEquals([...planFrames([2, 0, 1], { frames: 3, order: "batch first" }).rows], [0, 1, 3, 3, 3, 3, 2, 3, 3]);
});

Deno.test("blank frames fill a plan up to a multiple", () => {
  const plan = planFrames([2, 0, 1], { frames: 3, order: "time first", multiple: 3 });
  assertEquals([...plan.drawings], [0, 0, 2, 0, 0, 0]);
  assertEquals([...plan.strokes], [1, 2, 1, 0, 0, 0]);
  assertEquals([...plan.rows], [0, 3, 2, 1, 3, 3, 3, 3, 3]);
  assertEquals(planFrames([2], { frames: 3, order: "time first", multiple: 3 }).strokes.length, 3);
});

Deno.test("neither more frames than there are nor more strokes than asked for", () => {
  assertEquals([...planFrames([9], { frames: 2, order: "time first" }).strokes], [1, 2, 0]);
  assertEquals([...planFrames([5, 1], { frames: 8, strokes: 2, order: "time first" }).strokes], [1, 2, 1, 0]);
});

Deno.test("a missing field is named", () => {
  assertThrows(() => fieldOf({ size: 1, fields: { label: new Uint8Array(1) } }, "image"), TypeError, 'field "image"');
  assertThrows(() => fieldOf({ size: 1, fields: { key: new BigUint64Array(1) } }, "key"), TypeError, "64-bit");
});
