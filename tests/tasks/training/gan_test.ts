/** A GAN in the loop: two objectives, weights that follow others, resumed, in Workers, judged, reported. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { startBackend } from "../../../models/backends/backend.ts";
import { mnist } from "../../../pipelines/datasets/mnist.ts";
import { evaluate } from "../../../tasks/evaluation/evaluate.ts";
import { writeEvaluation } from "../../../tasks/report/write_report.ts";
import { runOf } from "../../../tasks/commands/train.ts";
import { evaluationLines, type Metrics, stepLines } from "../../../tasks/runs/metrics.ts";
import { train } from "../../../tasks/training/train.ts";
import { FAST, inTemporaryFolder, may } from "../../helpers.ts";
import { preparedTo } from "../prepared.ts";
import { checkpointOf, metricsOf, tinyFlags, traces } from "../runs.ts";

/** All that makes a step depend on what was before it: followed weights, a running mean, noise, a penalty now and then. */
const EVERYTHING = [
  ...["--model.spectral-norm", "both", "--model.generator-norm", "pixel", "--model.gradient-penalty", "0.5"],
  ...["--model.penalty-every", "3", "--model.augment-translation", "0.125", "--model.discriminator-rate", "2"],
];

function flags(folder: string, run: string, more: readonly string[]): string[] {
  return [
    ...["--data", `${folder}/data`, "--run", `${folder}/${run}`, "--backend", "wasm", ...tinyFlags("gan")],
    ...["--train.batch-size", "16", "--train.steps", "10", "--train.log-every", "1", "--train.evaluate-every", "5"],
    ...more,
  ];
}

/** Trains to the end; or to the end of the first step after which `until` says so. */
async function trainRun(given: readonly string[], until?: (line: Metrics) => boolean): Promise<void> {
  const run = await runOf(given);
  const stop = new AbortController();
  for await (const line of train(run.settings, { ...run, signal: stop.signal })) {
    if (until?.(line)) stop.abort();
  }
}

for (const workers of [1, 2]) {
  Deno.test({
    name: `gan, ${workers} Workers: interrupted and resumed it is the uninterrupted run, bit for bit`,
    ignore: FAST || !may("read", "write"),
    fn: () =>
      inTemporaryFolder(async (folder) => {
        await preparedTo(`${folder}/data`, { dataset: mnist });
        const more = [...EVERYTHING, "--workers", String(workers)];
        await trainRun(flags(folder, "whole", more));
        await trainRun(flags(folder, "parts", more), ({ kind, step }) => kind === "step" && step === 3);
        const { state, tensors } = await checkpointOf(`${folder}/parts`);
        assert(state.position.step < 10);
        for (const kind of ["model/", "ema/"]) {
          const followed = Object.keys(tensors).filter((name) => name.startsWith(kind) && /\/u(\/|$)/.test(name));
          assertEquals(followed.length, 6, kind);
        }
        await trainRun(["--resume", `${folder}/parts`]);
        assertEquals(await traces(`${folder}/parts`), await traces(`${folder}/whole`));

        const [one] = stepLines(await metricsOf(`${folder}/whole`));
        assertEquals(Object.keys(one.train), [
          ...["loss", "realAccuracy", "fakeAccuracy", "penalty", "gradientNorm"],
          ...["generator.loss", "generator.gradientNorm"],
        ]);
        assert(one.train.penalty > 0);
      }),
  });
}

Deno.test({
  name: "gan: two Workers have the losses of one, batch normalization included",
  ignore: FAST || !may("read", "write"),
  fn: () =>
    inTemporaryFolder(async (folder) => {
      await preparedTo(`${folder}/data`, { dataset: mnist });
      const lossesOf = async (run: string) => {
        return stepLines(await metricsOf(`${folder}/${run}`)).map(({ train }) => [train.loss, train["generator.loss"]]);
      };
      const normal = ["--model.generator-norm", "batch", "--model.discriminator-norm", "batch"];
      for (const [name, more] of [["pixel", []], ["batch", normal]] as const) {
        for (const workers of ["1", "2"]) {
          await trainRun(flags(folder, `${name}${workers}`, [...EVERYTHING, ...more, "--workers", workers]));
        }
        const [one, two] = [await lossesOf(`${name}1`), await lossesOf(`${name}2`)];
        assertEquals(one.length, 10);
        for (const [i, losses] of one.entries()) {
          for (const [j, loss] of losses.entries()) assert(Math.abs(two[i][j] - loss) < 1e-3, `${name}, step ${i + 1}`);
        }
      }
    }),
});

Deno.test({
  name: "gan: its report has samples, a curve of both losses and of the samples' distance, and what was amiss",
  ignore: FAST || !may("read", "write"),
  fn: () =>
    inTemporaryFolder(async (folder) => {
      await preparedTo(`${folder}/data`, { dataset: mnist });
      await startBackend("wasm");
      const model = new URL("worried_gan.ts", import.meta.url).pathname;
      await trainRun(flags(folder, "run", ["--workers", "1", "--model", model]));
      const evaluations = evaluationLines(await metricsOf(`${folder}/run`));
      const distances = evaluations.map(({ valid }) => valid["generator.distance"]);
      assertEquals(evaluations.map(({ best }) => best), [true, distances[1] < distances[0]]);
      assertEquals(evaluations.map(({ worries }) => worries), [["it is not well"], ["it is not well"]]);

      await writeEvaluation(`${folder}/run`, await evaluate({ folder: `${folder}/run`, split: "valid" }));
      const html = await Deno.readTextFile(`${folder}/run/report.html`);
      for (
        const title of [
          "Discriminator loss",
          "Generator loss",
          "Generator distance",
          "Discriminator real accuracy",
          "Samples",
        ]
      ) {
        assertStringIncludes(html, `<h3>${title}</h3>`);
      }
      assertStringIncludes(html, "samples to images, by random features; lower is better");
      assertStringIncludes(html, "Note: step 5 to 10, 2 of 2 evaluations: it is not well");
    }),
});
