/** What a model is told of prepared data. */
import { assertEquals } from "@std/assert";
import { defaultsOf } from "../../../pipelines/base/option_table.ts";
import { quickdraw } from "../../../pipelines/datasets/quickdraw/quickdraw.ts";
import type { ShardIndex } from "../../../pipelines/shards/shard_index.ts";
import { svhn } from "../../../pipelines/datasets/svhn.ts";
import { dataShapeOf } from "../../../tasks/runs/run_state.ts";
import type { ModelSpec } from "../../../models/model.ts";

const reads = (...fields: string[]) => ({ fields }) as unknown as ModelSpec;

Deno.test("the size of the data is the side of the first map or picture that the model reads", () => {
  const options = { ...defaultsOf(quickdraw.options), size: 40, maxStrokes: 5, fields: ["image", "stroke3", "frames"] };
  const drawings = { classes: ["a", "b"], fields: quickdraw.fields(options), options } as unknown as ShardIndex;
  const cases: [fields: string[], size: number][] = [
    [["stroke_index", "stroke_count", "label"], 40],
    [["image", "label"], 28],
    [["label", "image", "stroke_index"], 28],
    [["label", "stroke3", "frames"], 0],
  ];
  for (const [fields, size] of cases) {
    assertEquals(dataShapeOf(drawings, reads(...fields)), { classes: ["a", "b"], size, frames: 5 });
  }
  const pictures = { classes: ["0", "1"], fields: svhn.fields({}), options: {} } as unknown as ShardIndex;
  assertEquals(dataShapeOf(pictures, reads("image", "label")), { classes: ["0", "1"], size: 32, frames: 1 });
});
