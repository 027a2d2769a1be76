/** Data and models that no built-in one is like: prepared, trained in Workers, interrupted, resumed, judged, shown. */
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { startBackend } from "../models/backends/backend.ts";
import { InputError } from "../pipelines/base/errors.ts";
import { exists } from "../pipelines/base/files.ts";
import { heldBy } from "../pipelines/convert/format_reader.ts";
import { prepare } from "../pipelines/prepare/prepare.ts";
import { evaluate } from "../tasks/evaluation/evaluate.ts";
import { writeEvaluation } from "../tasks/report/write_report.ts";
import { evaluationLines } from "../tasks/runs/metrics.ts";
import { train } from "../tasks/training/train.ts";
import { UsageError } from "../tasks/cli/option_values.ts";
import { formatIndex } from "../tasks/commands/prepare.ts";
import { runOf } from "../tasks/commands/train.ts";
import { FAST, inTemporaryFolder, may } from "./helpers.ts";
import { colourHeads, colours, textHeads, texts } from "./own_specs.ts";
import { checkpointOf, metricsOf, traces } from "./tasks/runs.ts";

const LINES = Array.from({ length: 150 }, (_, i) => `${["blue", "green", "red"][i % 3]} ${i}`).join("\n") + "\n";

for (const { dataset, model } of [{ dataset: colours, model: colourHeads }, { dataset: texts, model: textHeads }]) {
  Deno.test({
    name: `${dataset.name}, ${model.name} of two objectives: whole = cut and resumed, with every option of a step`,
    ignore: FAST || !may("read", "write"),
    fn: () =>
      inTemporaryFolder(async (folder) => {
        await startBackend("wasm");
        const [source, data] = [`${folder}/lines.txt`, `${folder}/data`];
        await Deno.writeTextFile(source, LINES);
        const index = await prepare({ dataset, sources: [source], output: data, workers: 2 });
        assertEquals(index.fields, dataset.fields({}));
        assertEquals(heldBy(index.fields), undefined); // neither drawings nor grey pictures
        const isSeen = dataset.picture !== undefined;
        assertEquals(await exists(`${data}/contact_sheet.png`), isSeen);
        assertEquals(formatIndex(index, { folder: data, seconds: 1 }).includes("contact_sheet.png"), isSeen);
        const told = formatIndex({ ...index, notes: ["new\nline"] }, { folder: data, seconds: 1 });
        assertEquals(told.includes("note       new\\nline\n"), true); // one line

        const loop = {
          ...{ batchSize: 8, steps: 12, checkpointEvery: 2, logEvery: 1, evaluateEvery: 3, accumulate: 3 },
          ...{
            optimizer: "sgd" as const,
            momentum: 0.9,
            weightDecay: 0.01,
            emaDecay: 0.9,
            labelSmoothing: 0.1,
            clipNorm: 1,
          },
        };
        for (const workers of [1, 2]) {
          const [whole, parts] = [`${folder}/whole-${workers}`, `${folder}/parts-${workers}`];
          for (const folder of [whole, parts]) await Deno.mkdir(folder);
          const settings = { data, model, loop, seed: 5, workers };
          const names = new Set<string>();
          for await (const line of train({ ...settings, folder: whole })) {
            for (const name of Object.keys(line.kind === "step" ? line.train : line.valid)) names.add(name);
          }
          for (const name of ["loss", "accuracy", "guess.loss", "guess.error", "guess.gradientNorm"]) {
            assert(names.has(name), name);
          }
          for await (const line of train({ ...settings, folder: parts })) {
            if (line.kind === "step" && line.step === 7) break; // behind the checkpoint of step 6, in the second epoch
          }
          const resume = await checkpointOf(parts);
          assertEquals(resume.state.position.step, 6);
          for await (const _line of train({ ...settings, folder: parts }, { resume }));
          assertEquals(await traces(parts), await traces(whole));

          assertEquals((await runOf(["--resume", parts, "--model.units", "8"])).settings.model, model);
          const contrary = () => runOf(["--resume", parts, "--model.units", "3"]);
          await assertRejects(contrary, UsageError, "--model.units 3 contradicts the run, which has 8");

          const judgement = await evaluate({ folder: parts, split: "valid", batchSize: 8 });
          const best = evaluationLines(await metricsOf(parts)).findLast((line) => line.best);
          assertEquals([judgement.evaluation.step, judgement.evaluation.metrics], [best?.step, best?.valid]);
          assertEquals(judgement.pictures.classification?.every(({ colour }) => colour), isSeen ? true : undefined);
          await writeEvaluation(parts, judgement);
          assertStringIncludes(await Deno.readTextFile(`${parts}/report.html`), `${model.name} on ${dataset.name}`);
        }
      }),
  });
}

Deno.test({
  name: "a dataset whose option has the name of one of prepare is refused",
  ignore: !may("read", "write"),
  fn: async () => {
    for (const name of ["seed", "form"]) {
      const dataset = { ...colours, options: { [name]: { value: 7, help: "of the colours" } } };
      const words = `dataset colours: ${name} is an option of prepare itself`;
      await assertRejects(() => prepare({ dataset, output: "none" }), InputError, words);
    }
  },
});
