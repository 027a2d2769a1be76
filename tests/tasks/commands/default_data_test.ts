/** `deno task train` without data: generated examples of the dataset that the model says, prepared once. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { defaultsOf } from "../../../pipelines/base/option_table.ts";
import { DATASETS } from "../../../pipelines/datasets/registry.ts";
import { MODELS } from "../../../models/zoo/registry.ts";
import { defaultDataOf } from "../../../tasks/commands/default_data.ts";
import { FAST, inTemporaryFolder } from "../../helpers.ts";
import { CAN_RUN, runTask } from "../command.ts";

Deno.test("every model is trained without data on a dataset with generated examples and the fields that it reads", () => {
  assertEquals(defaultDataOf({}), "data/quickdraw");
  for (const model of Object.values(MODELS)) {
    const { name, fields } = model;
    const folder = defaultDataOf(model);
    const dataset = DATASETS[folder.replace("data/", "")];
    assert(dataset?.embedded !== undefined, `${name}: ${folder}`);
    const found = Object.keys(dataset.fields(defaultsOf(dataset.options)));
    for (const field of fields) assert(found.includes(field), `${name}: ${folder} has ${found}, not ${field}`);
  }
});

Deno.test({
  name: "deno task train without --data prepares generated examples the first time, and trains on them",
  ignore: FAST || !CAN_RUN,
  fn: () =>
    inTemporaryFolder(async (folder) => {
      const args = ["--model", "draw", "--model.steps", "1", "--train.steps", "1", "--train.batch-size", "2"];
      // Of two that begin at once one prepares, and the other waits.
      const [one, other] = await Promise.all([1, 2].map(() => runTask("train", args, { folder })));
      assertEquals([one.code, other.code], [0, 0], one.stderr + other.stderr);
      const first = one.stderr.includes("no --data") ? one : other;
      assert(!(first === one ? other : one).stderr.includes("no --data"));
      assertStringIncludes(
        first.stderr,
        "no --data, and data/mnist is not there: its generated examples are prepared now",
      );
      assertStringIncludes(first.stderr, "$ deno task prepare --dataset mnist --output data/mnist");
      const second = await runTask("train", args, { folder });
      assertEquals(second.code, 0, second.stderr);
      assert(!second.stderr.includes("no --data"));
      const { data } = JSON.parse(await Deno.readTextFile(`${folder}/runs/draw-3/options.json`));
      assertEquals(data, "data/mnist");
    }),
});
