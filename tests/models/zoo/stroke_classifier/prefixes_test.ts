import { assertEquals } from "@std/assert";
import { planFrames } from "../../../../models/zoo/stroke_classifier/frame_plan.ts";
import { planPrefixes } from "../../../../models/zoo/stroke_classifier/prefixes.ts";

Deno.test("a sequence leaves after each stroke but the last one, and goes on with blank frames", () => {
  const counts = [2, 0, 3];
  const plan = planFrames(counts, { frames: 3, order: "time first", multiple: 4 });
  // Frames 0 and 1 are of the first drawing, 2 to 4 of the last, all others are blank.
  const { steps, sequences } = planPrefixes(plan, counts.length);
  assertEquals(steps.map(({ from, frames }) => [[...from], [...frames]]), [
    [[0, 1, 2], [0, 5, 2]],
    [[0, 1, 2, 0, 2], [1, 5, 3, 7, 7]],
    [[0, 1, 2, 3, 4, 2], [5, 5, 4, 7, 7, 7]],
  ]);
  assertEquals([...sequences], [3, 1, 4, 0, 1, 5, 0, 1, 2]);
});

Deno.test("where a drawing has one frame only, no sequence leaves", () => {
  const plan = planFrames([1, 1], { frames: 1, order: "time first" });
  const { steps, sequences } = planPrefixes(plan, 2);
  assertEquals(steps.map(({ from, frames }) => [[...from], [...frames]]), [[[0, 1], [0, 1]]]);
  assertEquals([...sequences], [0, 1]);
});
