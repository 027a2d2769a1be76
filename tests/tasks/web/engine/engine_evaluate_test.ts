/** The page's numbers are those of `deno task evaluate`, drawing by drawing of a split and stroke by stroke. */
import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { readBatches } from "../../../../pipelines/batches/batch.ts";
import { fromStroke3 } from "../../../../pipelines/strokes/stroke.ts";
import { evaluate } from "../../../../tasks/evaluation/evaluate.ts";
import { drawingsOf } from "../../../../tasks/evaluation/shown_drawings.ts";
import { buildRun } from "../../../../tasks/web/engine/built_run.ts";
import { openRunEngine } from "../../../../tasks/web/engine/run_engine.ts";
import { readModelFile } from "../../../../tasks/web/site/model_file.ts";
import { makeSelfCheck } from "../../../../tasks/web/site/self_check.ts";
import { FAST, inTemporaryFolder, may } from "../../../helpers.ts";
import { smallData, trainTiny } from "../../runs.ts";
import { HOUSE } from "./site_runs.ts";

for (const model of ["cnn-lstm", "cnn"]) {
  Deno.test({
    name: `${model}: what the engine says of a split is what evaluate finds`,
    ignore: FAST || !may("read", "write"),
    fn: async () => {
      await inTemporaryFolder(async (folder) => {
        const [data, run] = [`${folder}/data`, `${folder}/run`];
        await smallData(data);
        await trainTiny(data, run, { model, loop: { epochs: 4, learningRate: 0.01 } });
        const { evaluation } = await evaluate({ folder: run, split: "train", workers: 1 });
        const { bytes } = await readModelFile(run);
        const built = await buildRun(bytes, "it");
        const check = await makeSelfCheck(built, HOUSE, 1);
        built.model.dispose();
        using engine = await openRunEngine({ name: "it", bytes, check }, { backend: "wasm" });
        const batches = readBatches({
          folder: data,
          split: "train",
          batchSize: 50,
          fields: ["stroke3", "label"],
          epochs: 1,
        });
        let [nats, right, count] = [0, 0, 0];
        const rightAfter: number[] = [];
        for await (const batch of batches) {
          for (const { rows, label } of drawingsOf(batch)) {
            const drawing = fromStroke3(rows);
            const { rows: [probabilities] } = await engine.name(drawing, false);
            nats -= Math.log(probabilities[label!]);
            const isRight = (row: readonly number[]) => row.indexOf(Math.max(...row)) === label;
            if (isRight(probabilities)) right++;
            const each = (await engine.name(drawing, true)).rows;
            for (let t = 0; t < 8; t++) {
              rightAfter[t] = (rightAfter[t] ?? 0) + (isRight(each[Math.min(t, each.length - 1)]) ? 1 : 0);
            }
            count++;
          }
        }
        assertEquals(count, 97);
        const { nll, top1, earlyRecognition } = evaluation.classification!;
        assertAlmostEquals(nats / count, nll, 1e-6);
        assertEquals(right / count, top1);
        assertEquals(
          earlyRecognition.map(({ accuracy }) => accuracy),
          earlyRecognition.map(({ strokes }) => rightAfter[strokes - 1] / count),
        );
        assert(earlyRecognition.length > 1);
      });
    },
  });
}
