/** Training on digits: what the loop and its command do where there are no strokes. */
import { assert, assertAlmostEquals, assertEquals, assertRejects } from "@std/assert";
import { mnist } from "../../../pipelines/datasets/mnist.ts";
import { InputError } from "../../../pipelines/base/errors.ts";
import type { OpenRun } from "../../../tasks/training/open_run.ts";
import { train } from "../../../tasks/training/train.ts";
import { runOf } from "../../../tasks/commands/train.ts";
import { FAST, inTemporaryFolder, may } from "../../helpers.ts";
import { namesIn, preparedTo } from "../prepared.ts";
import { checkpointOf, metricsOf, tinyFlags } from "../runs.ts";
import { evaluate } from "../../../tasks/evaluation/evaluate.ts";
import { writeEvaluation } from "../../../tasks/report/write_report.ts";
import { loadClassifier } from "../../../tasks/runs/classifier.ts";
import { stepLines } from "../../../tasks/runs/metrics.ts";

Deno.test({
  name:
    "train: digits that grow, resumed half way, end with the weights of the whole run, and learn alike in two Workers",
  ignore: FAST || !may("read", "write"),
  fn: () =>
    inTemporaryFolder(async (folder) => {
      await preparedTo(`${folder}/data`, { dataset: mnist, perClass: 12 });
      const flags = (run: string, workers = 1) => [
        ...["--data", `${folder}/data`, "--run", `${folder}/${run}`, "--backend", "wasm", ...tinyFlags("mnist-lstm")],
        ...["--model.input", "pixels", "--model.grow-steps", "4", "--model.grow-from", "7", "--train.log-every", "1"],
        ...["--train.steps", "6", "--train.batch-size", "8", "--workers", `${workers}`],
      ];
      for (const [name, workers] of [["whole", 1], ["shared", 2]] as const) {
        const run = await runOf(flags(name, workers));
        await Array.fromAsync(train(run.settings, run));
      }
      const part = await runOf(flags("part"));
      const early = ({ notes }: OpenRun) => notes.filter((note) => !note.startsWith("rare classes"));
      assertEquals(early(part), []);
      let steps = 0;
      const stop = new AbortController();
      for await (const { kind } of train(part.settings, { ...part, signal: stop.signal })) {
        if (kind === "step" && ++steps === 2) stop.abort();
      }
      const resumed = await runOf(["--resume", `${folder}/part`]);
      const { step } = resumed.resume!.state.position;
      assert(step === 2 || step === 3, `stopped while they grow, at step ${step}`);
      await Array.fromAsync(train(resumed.settings, resumed));
      const [a, b] = [await checkpointOf(`${folder}/whole`), await checkpointOf(`${folder}/part`)];
      assertEquals(b.tensors, a.tensors);
      const losses = async (run: string) =>
        stepLines(await metricsOf(`${folder}/${run}`)).map(({ train }) => train.loss);
      const [alone, shared] = [await losses("whole"), await losses("shared")];
      assertEquals(alone.length, 6);
      for (const [i, loss] of alone.entries()) assertAlmostEquals(shared[i], loss, 1e-4);
      const short = await runOf([...flags("short"), "--train.steps", "4"]);
      short.claim[Symbol.dispose]();
      assertEquals(early(short), ["digits grow over 4 steps, and training ends after 4: it sees no whole one"]);
    }),
});

Deno.test({
  name: "train: digits, a run that is resumed is the whole one, and strokes' options are refused",
  ignore: FAST || !may("read", "write"),
  fn: () =>
    inTemporaryFolder(async (folder) => {
      const index = await preparedTo(`${folder}/data`, { dataset: mnist });
      const flags = (run: string, steps: number) => [
        ...["--data", `${folder}/data`, "--run", `${folder}/${run}`, "--backend", "wasm", ...tinyFlags("mnist-lstm")],
        ...["--train.steps", String(steps), "--train.learning-rate", "0.02", "--model.dropout-rate", "0.1"],
      ];
      const whole = await runOf(flags("whole", 25));
      await Array.fromAsync(train(whole.settings, whole));
      assertEquals(whole.index.splits.train.examples, index.splits.train.examples);

      const stop = AbortSignal.abort(); // after the step at hand
      const part = await runOf(flags("part", 25));
      await Array.fromAsync(train(part.settings, { ...part, signal: stop }));
      const resumed = await runOf(["--resume", `${folder}/part`]);
      assertEquals(resumed.resume!.state.position.step, 1);
      await Array.fromAsync(train(resumed.settings, resumed));
      const [a, b] = [await checkpointOf(`${folder}/whole`), await checkpointOf(`${folder}/part`)];
      assertEquals(b.tensors, a.tensors);

      const losses = stepLines(await metricsOf(`${folder}/whole`)).map(({ train }) => train.loss);
      assert(losses[losses.length - 1] < 0.8 * losses[0], `the loss falls: ${losses}`);

      const before = await namesIn(folder);
      await assertRejects(
        () => runOf([...flags("turned", 1), "--augment.flip", "0.5", "--augment.rotate", "10"]),
        InputError,
        "--augment.rotate changes strokes, which mnist-lstm does not read of this data",
      );
      assertEquals(await namesIn(folder), before, "nothing is written");
    }),
});

Deno.test({
  name:
    "train: the cnn learns from digits, evaluation and report leave strokes out, and what cannot read digits says so",
  ignore: FAST || !may("read", "write"),
  fn: () =>
    inTemporaryFolder(async (folder) => {
      const data = `${folder}/data`;
      await preparedTo(data, { dataset: mnist });
      const flags = (
        model: string,
      ) => ["--data", data, "--run", `${folder}/run`, "--backend", "wasm", "--model", model];
      await assertRejects(
        () => runOf(flags("cnn-lstm")),
        InputError,
        `data ${data}: the mnist shards lack stroke_index and stroke_count, which cnn-lstm reads; of the built-in models ` +
          "cae, cnn, draw, gan, mnist-lstm and vae can read it",
      );
      const options = ["--model.channels", "4,8", "--train.epochs", "12", "--train.learning-rate", "0.01"];
      const turned = [...flags("cnn"), ...options, "--augment.rotate", "10"];
      await assertRejects(
        () => runOf(turned),
        InputError,
        "--augment.rotate changes strokes, which cnn does not read of this data",
      );
      assertEquals(await namesIn(folder), ["data"], "nothing is written");

      const run = await runOf([...flags("cnn"), ...options]);
      assertEquals(run.notes, []);
      await Array.fromAsync(train(run.settings, run));
      const judgement = await evaluate({ folder: `${folder}/run`, split: "train" });
      const { classification } = judgement.evaluation;
      assertEquals(classification?.earlyRecognition, []);
      assert(classification!.top1 > 0.9, `${classification!.top1} of what it learnt`);
      await writeEvaluation(`${folder}/run`, judgement);
      const page = await Deno.readTextFile(`${folder}/run/report.html`);
      assert(page.includes("Worst mistakes") && !/Early recognition|first strokes|last stroke/.test(page));
      await assertRejects(() => loadClassifier(`${folder}/none`), InputError, "no such folder");
      using classifier = await loadClassifier(`${folder}/run`); // of digits that are drawn
      assertEquals((await classifier.classify([[[100, 100], [0, 255]]])).length, 10);
    }),
});
