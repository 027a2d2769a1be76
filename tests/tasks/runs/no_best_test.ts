/** A run that was stopped before its first evaluation has no best weights: the last stand in for them, everywhere. */
import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { InputError } from "../../../pipelines/base/errors.ts";
import { mnist } from "../../../pipelines/datasets/mnist.ts";
import type { Dataset } from "../../../pipelines/dataset.ts";
import { evaluate } from "../../../tasks/evaluation/evaluate.ts";
import { loadClassifier } from "../../../tasks/runs/classifier.ts";
import { saveCheckpoint } from "../../../tasks/runs/run_directory.ts";
import { loadModel } from "../../../tasks/runs/saved_model.ts";
import { FAST, inTemporaryFolder, may } from "../../helpers.ts";
import { CAN_RUN, runTask } from "../command.ts";
import { namesIn, prepareTo } from "../prepared.ts";
import { checkpointOf, smallData, trainTiny } from "../runs.ts";

/** Trains two of many steps. */
const stopped = (data: string, folder: string, model: string) =>
  trainTiny(data, folder, { model, loop: { checkpointEvery: 1, logEvery: 1 }, until: ({ step }) => step === 3 });

Deno.test({
  name: "without best weights the last are evaluated, loaded and asked, and a note says so",
  ignore: FAST || !may("read", "write"),
  fn: () =>
    inTemporaryFolder(async (folder) => {
      const [data, run] = [`${folder}/data`, `${folder}/run`];
      await smallData(data);
      await stopped(data, run, "cnn");
      assertEquals((await namesIn(run)).includes("best.safetensors"), false);
      const note = `run ${run} was stopped before its first evaluation: there are no best weights, these are the last`;
      const { evaluation, notes } = await evaluate({ folder: run, split: "test" });
      assertEquals([evaluation.step, notes], [2, [note]]);
      using classifier = await loadClassifier(run);
      assertEquals(classifier.notes, [note]);
      const { model, notes: last } = await loadModel(run, "last");
      assertEquals(last, []);
      model.dispose();

      const checkpoint = await checkpointOf(run); // a file that another program spoilt
      const [name, tensor] = Object.entries(checkpoint.tensors)[0];
      const tensors = { ...checkpoint.tensors, [name]: { ...tensor, data: tensor.data.with(0, Infinity) } };
      await saveCheckpoint(`${run}/last.safetensors`, { ...checkpoint, tensors });
      const words = `checkpoint ${run}/last.safetensors: ${name} holds Infinity: it is of no use`;
      await assertRejects(() => loadModel(run), InputError, words);
    }),
});

Deno.test({
  name: "best weights that were there and are gone are missed: the last do not stand in for them",
  ignore: FAST || !may("read", "write"),
  fn: () =>
    inTemporaryFolder(async (folder) => {
      const [data, run] = [`${folder}/data`, `${folder}/run`];
      await smallData(data);
      await trainTiny(data, run, { model: "cnn", loop: { steps: 2, evaluateEvery: 1 } });
      await Deno.remove(`${run}/best.safetensors`);
      await assertRejects(() => loadModel(run), InputError, `checkpoint ${run}/best.safetensors: not there any more`);
      (await loadModel(run, "last")).model.dispose();
    }),
});

Deno.test({
  name: "without best weights deno task evaluate and sample use the last and say so",
  ignore: !CAN_RUN || FAST,
  fn: () =>
    inTemporaryFolder(async (folder) => {
      const [data, run] = [`${folder}/data`, `${folder}/run`];
      await prepareTo(data, { dataset: mnist as Dataset, perClass: 20 });
      await stopped(data, run, "draw");
      const note = `note       run ${run} was stopped before its first evaluation`;
      const given = { evaluate: ["--nearest-samples", "0"], sample: ["--pictures", "samples", "--count", "4"] };
      for (const [task, more] of Object.entries(given)) {
        const ended = await runTask(task, ["--run", run, "--backend", "wasm", ...more]);
        assertEquals(ended.code, 0, ended.stderr);
        assertStringIncludes(ended.stdout, note);
      }
    }),
});
