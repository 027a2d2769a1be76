import { assertEquals, assertRejects } from "@std/assert";
import { MODELS } from "../../../models/zoo/registry.ts";
import { InputError } from "../../../pipelines/base/errors.ts";
import { quickdraw } from "../../../pipelines/datasets/quickdraw/quickdraw.ts";
import { encodeDrawing } from "../../../pipelines/strokes/drawing_bytes.ts";
import { readShardIndex } from "../../../pipelines/shards/shard_reader.ts";
import { ShardWriter } from "../../../pipelines/shards/shard_writer.ts";
import { glanceAtData, measureData, readLearntIndex } from "../../../tasks/runs/run_data.ts";
import { mergeSettings } from "../../../tasks/runs/settings.ts";
import { inTemporaryFolder, may } from "../../helpers.ts";
import { tinySettings } from "../runs.ts";

Deno.test({
  name: "a model that is only looked at has the first training examples measured, one that is trained all",
  ignore: !may("read", "write"),
  fn: () =>
    inTemporaryFolder(async (parent) => {
      const folder = `${parent}/data`;
      const writer = await ShardWriter.create({ folder, dataset: quickdraw });
      const payload = encodeDrawing([[[0, 255], [9, 7]]]);
      const example = { className: "line", split: "train", payload } as const;
      await writer.add(Array.from({ length: 2500 }, (_, i) => ({ ...example, key: BigInt(i) })));
      await writer.finish({ sources: [], filters: {}, rejects: {} });
      const index = await readShardIndex(folder);
      const given = mergeSettings(tinySettings(folder, ""));
      const counting = {
        ...given.model,
        async measure(_options: unknown, batches: AsyncIterable<{ readonly size: number }>) {
          let examples = 0;
          for await (const { size } of batches) examples += size;
          return { examples };
        },
      };
      const settings = { ...given, model: counting };
      assertEquals((await measureData(index, settings)).statistics, { examples: 2500 });
      assertEquals((await glanceAtData(index, settings)).statistics, { examples: 1000 });
      assertEquals(await glanceAtData(index, { ...settings, model: MODELS.cnn }), {
        ...{ classes: index.classes, fields: index.fields },
      });
    }),
});

Deno.test("of a run that was made of a file of another program's no shards are known", async () => {
  const words = "data: runs/bird was trained on no shards that are known here; --data names some";
  await assertRejects(() => readLearntIndex({ data: "", folder: "runs/bird" }), InputError, words);
});
