/** Drawings that cannot be named are refused; a line to a point off the grid would never end. */
import { assertEquals, assertRejects } from "@std/assert";
import { startBackend } from "../../../models/backends/backend.ts";
import { drawingClassifier } from "../../../models/zoo/drawing_classifier.ts";
import { cnn } from "../../../models/zoo/models.ts";
import { Prng } from "../../../pipelines/base/prng.ts";
import type { Drawing } from "../../../pipelines/strokes/stroke.ts";

Deno.test("a classifier takes whole coordinates of the grid, as many x as y", async () => {
  await startBackend("cpu");
  const fields = {
    stroke_index: { dtype: "uint8", shape: [16, 16], max: 4 },
    stroke_count: { dtype: "uint8", shape: [], max: 4 },
    label: { dtype: "uint8", shape: [] },
  } as const;
  const data = { fields, classes: ["fish", "sun"] };
  using classifier = drawingClassifier(cnn.build(cnn.tiny, data, new Prng(1)), { fields: cnn.fields, data });
  assertEquals((await classifier.classify([[[0, 255], [255, 0]]])).length, 2);
  const cases: [drawing: Drawing, words: string][] = [
    [[[[3], [4]], [[NaN], [0]]], "cannot name the drawing: stroke 2 has NaN, expected whole coordinates, 0 to 255"],
    [[[[0, 256], [0, 0]]], "stroke 1 has 256"],
    [[[[0, 5], [0, -1]]], "stroke 1 has -1"],
    [[[[0, 0.5], [0, 1]]], "stroke 1 has 0.5"],
    [[[[0, 1], [0]]], "stroke 1 has 2 x and 1 y"],
  ];
  for (const [drawing, words] of cases) await assertRejects(() => classifier.classify(drawing), RangeError, words);
});
