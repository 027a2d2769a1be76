/** `deno task train` without data: generated examples of the dataset that the model says, prepared once. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { DATASETS } from "../../../pipelines/datasets/registry.ts";
import { MODELS } from "../../../models/zoo/registry.ts";
import { defaultDataOf } from "../../../tasks/commands/default_data.ts";
import { FAST, inTemporaryFolder } from "../../helpers.ts";
import { CAN_RUN, runTask } from "../command.ts";

Deno.test("every model's dataset is a registered one with generated examples and the fields that it reads", () => {
  assertEquals(defaultDataOf({}), "data/quickdraw");
  for (const { name, dataset } of Object.values(MODELS)) {
    if (dataset === undefined) continue;
    assert(DATASETS[dataset]?.embedded !== undefined, `${name}: ${dataset}`);
    assertEquals(defaultDataOf({ dataset }), `data/${dataset}`);
  }
});

Deno.test({
  name: "deno task train without --data prepares generated examples the first time, and trains on them",
  ignore: FAST || !CAN_RUN,
  fn: () =>
    inTemporaryFolder(async (folder) => {
      const args = ["--model", "draw", "--model.steps", "1", "--train.steps", "1", "--train.batch-size", "2"];
      const first = await runTask("train", args, { folder });
      assertEquals(first.code, 0, first.stderr);
      assertStringIncludes(
        first.stderr,
        "no --data, and data/mnist is not there: its generated examples are prepared now",
      );
      assertStringIncludes(first.stderr, "$ deno task prepare --dataset mnist --output data/mnist");
      const second = await runTask("train", args, { folder });
      assertEquals(second.code, 0, second.stderr);
      assert(!second.stderr.includes("no --data"));
      const { data } = JSON.parse(await Deno.readTextFile(`${folder}/runs/draw-2/options.json`));
      assertEquals(data, "data/mnist");
    }),
});
