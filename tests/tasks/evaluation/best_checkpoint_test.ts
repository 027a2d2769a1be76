/** A run's best checkpoint is as good as the run itself said, to the last bit: for every model, and with averaged weights. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { MODELS } from "../../../models/zoo/registry.ts";
import { InputError } from "../../../pipelines/base/errors.ts";
import { arithmetic } from "../../../pipelines/datasets/arithmetic/arithmetic.ts";
import { mnist } from "../../../pipelines/datasets/mnist.ts";
import type { Dataset } from "../../../pipelines/dataset.ts";
import { evaluate } from "../../../tasks/evaluation/evaluate.ts";
import type { JudgeOptions } from "../../../tasks/evaluation/judges.ts";
import { evaluationLines } from "../../../tasks/runs/metrics.ts";
import { FAST, inTemporaryFolder, may } from "../../helpers.ts";
import { embedded, preparedTo, prepareTo } from "../prepared.ts";
import { checkpointOf, metricsOf, smallData, trainTiny } from "../runs.ts";

/** What judges beside the objective need not do here: it is its means that are compared. */
const LESS: Readonly<Record<string, JudgeOptions>> = {
  ...{ cae: { nearestSamples: 0 }, gan: { nearestSamples: 0 } },
  ...{ vae: { importanceSamples: 1, nearestSamples: 0 }, draw: { importanceSamples: 1, nearestSamples: 0 } },
  "sketch-rnn": { drawnSamples: 0, namedDrawings: 0 },
};

for (const [name, { fields }] of Object.entries(MODELS)) {
  Deno.test({
    name: `${name}: the best and the last checkpoint are judged on valid as in the run, averaged weights too`,
    ignore: FAST || !may("read", "write"),
    fn: () =>
      inTemporaryFolder(async (folder) => {
        const data = `${folder}/data`;
        if (fields.includes("answer")) {
          await preparedTo(data, { dataset: arithmetic as Dataset, options: { max: 12 } });
        } else if (fields.includes("image")) await preparedTo(data, { dataset: mnist as Dataset, perClass: 10 });
        else await smallData(data);
        for (const emaDecay of [0, 0.9]) {
          const run = `${folder}/run-${emaDecay}`;
          const loop = { batchSize: 16, steps: 9, evaluateEvery: 3, learningRate: 0.05, emaDecay };
          await trainTiny(data, run, { model: name, loop });
          const lines = evaluationLines(await metricsOf(run));
          for (
            const [checkpoint, line] of [["best", lines.findLast(({ best }) => best)], ["last", lines.at(-1)]] as const
          ) {
            const { evaluation } = await evaluate({
              ...{ folder: run, split: "valid", checkpoint, batchSize: 16 },
              ...LESS[name],
            });
            assertEquals(
              [evaluation.step, evaluation.metrics],
              [line?.step, line?.valid],
              `${checkpoint}, ${emaDecay}`,
            );
          }
          const { tensors } = await checkpointOf(run);
          assertEquals(Object.keys(tensors).some((name) => name.startsWith("ema/")), emaDecay > 0);
          assert(lines.length === 3);
        }
      }),
  });
}

Deno.test({
  name: "other data is judged only if its shapes are those that the model was built for; options are checked",
  ignore: FAST || !may("read", "write"),
  fn: () =>
    inTemporaryFolder(async (folder) => {
      const [data, larger, longer, run] = ["data", "larger", "longer", "run"].map((name) => `${folder}/${name}`);
      const classes = { sources: embedded("circle", "line", "sun"), perClass: 20 };
      await smallData(data);
      await prepareTo(larger, { ...classes, options: { size: 20 } });
      await prepareTo(longer, { ...classes, options: { size: 16, maxStrokes: 12 } });
      await trainTiny(data, run, { loop: { steps: 1 } });
      const judge = (more: object) => evaluate({ folder: run, split: "valid", ...more });
      await judge({ data });
      const words = `data ${larger}: its stroke_index is [20,20] up to 8, ${run} was trained on [16,16] up to 8`;
      await assertRejects(() => judge({ data: larger }), InputError, words);
      await assertRejects(() => judge({ data: longer }), InputError, "its stroke_index is [16,16] up to 12");
      await assertRejects(
        () => judge({ split: "tset" }),
        RangeError,
        "evaluation: split: expected one of train, valid",
      );
      await assertRejects(() => judge({ batchSize: 0 }), RangeError, "evaluation: batchSize: expected a whole number");
      await assertRejects(() => judge({ batch: 8 }), TypeError, 'evaluation: no option "batch"');
    }),
});
