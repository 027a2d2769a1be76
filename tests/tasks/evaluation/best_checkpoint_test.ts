/** A run's best checkpoint is as good as the run itself said, to the last bit: for every model, and with averaged weights. */
import { assert, assertEquals } from "@std/assert";
import { MODELS } from "../../../models/zoo/registry.ts";
import { mnist } from "../../../pipelines/datasets/mnist.ts";
import type { Dataset } from "../../../pipelines/dataset.ts";
import { evaluate } from "../../../tasks/evaluation/evaluate.ts";
import { evaluationLines } from "../../../tasks/runs/metrics.ts";
import { inTemporaryFolder, may } from "../../helpers.ts";
import { prepareTo } from "../prepared.ts";
import { checkpointOf, metricsOf, smallData, trainTiny } from "../runs.ts";

for (const [name, { fields }] of Object.entries(MODELS)) {
  Deno.test({
    name: `${name}: the best and the last checkpoint are judged on valid as in the run, averaged weights too`,
    ignore: !may("read", "write"),
    fn: () =>
      inTemporaryFolder(async (folder) => {
        const data = `${folder}/data`;
        if (fields.includes("image")) await prepareTo(data, { dataset: mnist as Dataset, perClass: 10 });
        else await smallData(data);
        for (const emaDecay of [0, 0.9]) {
          const run = `${folder}/run-${emaDecay}`;
          const loop = { batchSize: 16, steps: 9, evaluateEvery: 3, learningRate: 0.05, emaDecay };
          await trainTiny(data, run, { model: name, loop });
          const lines = evaluationLines(await metricsOf(run));
          for (
            const [checkpoint, line] of [["best", lines.findLast(({ best }) => best)], ["last", lines.at(-1)]] as const
          ) {
            const { evaluation } = await evaluate({ folder: run, split: "valid", checkpoint, batchSize: 16 });
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
