/** Training on classes that are not equally frequent: told, weighted, drawn equally often. */
import { assertEquals, assertNotEquals, assertRejects, assertThrows } from "@std/assert";
import { cnn } from "../../../models/zoo/models.ts";
import { InputError } from "../../../pipelines/base/errors.ts";
import { mnist } from "../../../pipelines/datasets/mnist.ts";
import type { Dataset } from "../../../pipelines/dataset.ts";
import { UsageError } from "../../../tasks/cli/option_values.ts";
import { runOf } from "../../../tasks/commands/train.ts";
import { mergeSettings } from "../../../tasks/runs/settings.ts";
import { rareClasses } from "../../../tasks/training/rare_classes.ts";
import { train } from "../../../tasks/training/train.ts";
import { stepLines } from "../../../tasks/runs/metrics.ts";
import { FAST, inTemporaryFolder, may } from "../../helpers.ts";
import { prepareTo } from "../prepared.ts";
import { checkpointOf, metricsOf, smallData, tinyFlags, tinySettings, traces, trainTiny } from "../runs.ts";

function test(name: string, fn: (folder: string, data: string) => Promise<void>): void {
  const fnOnData = async (folder: string) => {
    await smallData(`${folder}/data`);
    await fn(folder, `${folder}/data`);
  };
  Deno.test({ name, ignore: FAST || !may("read", "write"), fn: () => inTemporaryFolder(fnOnData) });
}

for (const loop of [{ balance: true }, { classWeights: "balanced" as const, labelSmoothing: 0.1 }]) {
  test(
    `${Object.keys(loop)[0]}: whole = cut and resumed, with Workers too, and another run than without`,
    async (folder, data) => {
      const given = {
        seed: 5,
        loop: { ...loop, steps: 9, batchSize: 20, logEvery: 1, checkpointEvery: 2, accumulate: 2 },
      };
      await trainTiny(data, `${folder}/plain`, {
        ...given,
        loop: { ...given.loop, balance: false, classWeights: "none" },
      });
      const losses: number[][] = [];
      for (const workers of [1, 2]) {
        const [whole, parts] = [`${folder}/whole-${workers}`, `${folder}/parts-${workers}`];
        await trainTiny(data, whole, { ...given, workers });
        await trainTiny(data, parts, { ...given, workers, until: ({ step }) => step === 5 });
        const resume = await checkpointOf(parts);
        assertEquals(resume.state.position.step, 4); // in the second epoch
        await Array.fromAsync(train(tinySettings(data, parts, { ...given, workers }), { resume }));
        assertEquals(await traces(parts), await traces(whole));
        losses.push(stepLines(await metricsOf(whole)).map(({ train }) => Math.round(1e4 * train.loss)));
      }
      assertEquals(losses[0], losses[1]); // up to rounding
      const plain = stepLines(await metricsOf(`${folder}/plain`)).map(({ train }) => Math.round(1e4 * train.loss));
      assertNotEquals(losses[0], plain);
    },
  );
}

const split = (...perClass: number[]) => ({ examples: perClass.reduce((a, b) => a + b, 0), perClass, shards: [] });

Deno.test("rare classes are those with less than a tenth of the median's training examples, or none in a split", () => {
  const classes = ["ant", "bee", "cat", "dog"];
  const lines = (train: number[], valid: number[], test: number[]) =>
    rareClasses(
      { classes, splits: { train: split(...train), valid: split(...valid), test: split(...test) } },
      "REMEDY",
    );
  assertEquals(lines([100, 10, 90, 100], [1, 1, 1, 1], [1, 1, 1, 1]), []);
  assertEquals(lines([100, 9, 90, 100], [1, 1, 1, 1], [0, 0, 0, 0]), [
    "rare classes: few in train: bee (9), the median class has 100; REMEDY",
  ]);
  assertEquals(lines([0, 9, 190, 200], [1, 1, 0, 0], [1, 1, 1, 0]), [
    "rare classes: few in train: bee (9), the median class has 190; REMEDY; none in train: ant; none in valid: cat, dog; none in test: dog",
  ]);
});

Deno.test("both remedies at once count rare classes twice: refused", () => {
  const settings = { data: "d", folder: "f", model: cnn, loop: { balance: true, classWeights: "balanced" } } as const;
  assertThrows(() => mergeSettings(settings), RangeError, "balance draws rare classes as often as others");
});

test(
  "a run names its rare classes and what helps, and refuses what does not concern its model",
  async (folder, data) => {
    const flags = ["--run", `${folder}/run`, "--backend", "wasm", "--train.steps", "1"];
    const drawing = ["--model", "draw", "--data", `${folder}/digits`, ...flags];
    await prepareTo(`${folder}/digits`, { dataset: mnist as Dataset, perClass: 10 });
    for (const option of ["--train.class-weights=balanced", "--train.label-smoothing=0.1"]) {
      await assertRejects(
        () => runOf([...drawing, option]),
        InputError,
        `${option.replace("=", " ")}: draw does not classify`,
      );
    }
    const both = [
      "--data",
      data,
      ...flags,
      ...tinyFlags("cnn"),
      "--train.balance",
      "--train.class-weights",
      "balanced",
    ];
    await assertRejects(() => runOf(both), UsageError, "balance draws rare classes as often as others");

    const lines = ["sun", "line"].flatMap((name, i) =>
      Array.from({ length: i === 0 ? 300 : 12 }, (_, j) =>
        JSON.stringify({
          word: name,
          key_id: `${500 * i + j + 1}`,
          recognized: true,
          drawing: [[[0, 9 + j % 200], [9 * i, 90 + i]]],
        }))
    );
    await Deno.writeTextFile(`${folder}/rare.ndjson`, lines.join("\n") + "\n");
    await prepareTo(`${folder}/rare`, { sources: [`${folder}/rare.ndjson`], options: { size: 16 } });
    for (
      const [option, remedy] of [
        [[], "--train.balance draws all equally often, --train.class-weights balanced weights them up"],
        [["--train.balance"], "all are drawn equally often"],
        [["--train.class-weights", "balanced"], "the loss weights them up"],
      ] as const
    ) {
      const args = ["--data", `${folder}/rare`, ...flags.toSpliced(1, 1, `${folder}/${option.length}${option[0]}`)];
      const run = await runOf([...args, ...tinyFlags("cnn"), ...option]);
      run.claim[Symbol.dispose]();
      const [note, ...others] = run.notes.filter((note) => !note.includes("always blank"));
      assertEquals(others, []);
      assertEquals(
        /^rare classes: few in train: line \(\d+\), the median class has [\d.]+; (.*?)(; none.*)?$/.exec(note)
          ?.[1],
        remedy,
      );
    }
  },
);
