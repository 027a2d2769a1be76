/** The table of sums: rows as the report trains them, each on data of its own, run and shown. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { startBackend } from "../../../../models/backends/backend.ts";
import { MODELS } from "../../../../models/zoo/registry.ts";
import { defaultsOf, mergeOptions } from "../../../../pipelines/base/option_table.ts";
import { Prng } from "../../../../pipelines/base/prng.ts";
import { percent } from "../../../../pipelines/base/text.ts";
import { arithmetic } from "../../../../pipelines/datasets/arithmetic/arithmetic.ts";
import { splitExpressions } from "../../../../pipelines/datasets/arithmetic/expression_splits.ts";
import { Expressions } from "../../../../pipelines/datasets/arithmetic/expressions.ts";
import { readShardIndex } from "../../../../pipelines/shards/shard_reader.ts";
import { trainingOf } from "../../../../tasks/reproduce/experiment.ts";
import { reproduce } from "../../../../tasks/reproduce/reproduce.ts";
import type { ReproduceTable } from "../../../../tasks/reproduce/table.ts";
import { formatReproduction } from "../../../../tasks/reproduce/table_text.ts";
import { ARITHMETIC } from "../../../../tasks/reproduce/tables/arithmetic.ts";
import { FAST, inTemporaryFolder, may } from "../../../helpers.ts";

const DATA = { fields: arithmetic.fields(defaultsOf(arithmetic.options)), classes: ["minus", "plus"] };

Deno.test("sums: the report's rows have its networks, sums, steps and batches; every row can be trained", async () => {
  await startBackend("cpu");
  const all = new Expressions(["plus", "minus"], 199);
  const found = ARITHMETIC.rows.map((row) => {
    assertEquals(row.cells.length, ARITHMETIC.heads.length);
    const { model: { name }, modelOptions, loop } = trainingOf(row, { data: "d", folder: "f" });
    const model = MODELS[name].build(modelOptions, DATA, new Prng(1));
    const parameters = Object.values(model.variables).reduce((sum, { size }) => sum + size, 0);
    model.dispose();
    const splits = splitExpressions(all, mergeOptions(arithmetic.options, row.data.options as object, row.name));
    assertEquals(new Set(splits).size, 3, row.name);
    const learnt = splits.reduce((sum, split) => sum + Number(split === 0), 0);
    return { row, parameters, learnt, epochs: row.steps! * loop.batchSize / learnt, batch: loop.batchSize };
  });
  const transformers = found.filter(({ row }) => row.model.name === "transformer");
  assert(transformers.length > 3);
  for (const { row: { name }, parameters } of transformers) {
    assert(parameters <= 250_000, `${name}: ${parameters} parameters`);
  }
  const reported = found.filter(({ row }) => row.theirs !== undefined);
  assertEquals(
    reported.map(({ row, parameters, learnt, epochs, batch }) => [row.name, parameters, learnt, epochs, batch]),
    [
      ["text-to-text-50-50", 475_277, 40_000, 5, 10],
      ["text-to-text-25-75", 475_277, 60_000, 5, 10],
      ["text-to-text-10-90", 475_277, 72_000, 5, 10],
      ["image-to-text-25-75", 3_972_365, 60_000, 20, 10],
    ],
  );
  assertEquals(reported.map(({ row }) => row.theirs), [[0.822, 0.5], [0.898, 0.29], [0.942, 0.162], [
    0.942,
    undefined,
  ]]);
  assertEquals(new Set(ARITHMETIC.rows.map(({ name }) => name)).size, ARITHMETIC.rows.length);
});

Deno.test({
  name:
    "sums: rows of other splits have data and steps of their own; the table shows theirs, ours, and what reads nothing",
  ignore: FAST || !may("read", "write"),
  fn: () =>
    inTemporaryFolder(async (folder) => {
      const [first, second] = ARITHMETIC.rows;
      const options = { encoderUnits: [4], decoderUnits: [4] };
      const rowOf = (row: typeof first, testShare: number, more: object) => ({
        ...row,
        modelOptions: options,
        data: { dataset: arithmetic, options: { max: 30, testShare, validShare: 0.1 } } as unknown as typeof first.data,
        ...more,
      });
      const drawing = ARITHMETIC.rows.find(({ draws }) => draws)!;
      const rows = [
        rowOf(first, 0.5, { steps: 2 }),
        rowOf(second, 0.25, { steps: 9, theirs: undefined }),
        rowOf(drawing, 0.5, { steps: 2, modelOptions: drawing.model.tiny }),
      ];
      const reader = ARITHMETIC.classifier!;
      const classifier = {
        ...reader,
        modelOptions: { channels: [2], denseUnits: 4 },
        loop: { ...reader.loop, steps: 2 },
      };
      const table: ReproduceTable = { ...ARITHMETIC, rows, classifier };
      const settings = { table, budget: 3, folder, sources: [], backend: await startBackend("wasm") };
      const watcher = {
        say: () => {},
        progress: () => ({ update() {}, end() {} }),
        signal: new AbortController().signal,
      };
      const reproduction = await reproduce(settings, watcher);
      const [half, quarter] = await Promise.all(
        ["data-30-0.5-0.1", "data-30-0.25-0.1"].map((name) => readShardIndex(`${folder}/${name}`)),
      );
      assertEquals([half.splits.test.examples, quarter.splits.test.examples], [961, 481]);
      const lines = formatReproduction(reproduction).split("\n");
      const [one, other] = ["50-50", "25-75"].map((split) => lines.find((line) => line.includes(`  ${split}  `))!);
      const [{ evaluation }] = reproduction.results.get(first.name)!;
      assertEquals(evaluation.step, 2);
      const cells = (line: string) => line.split(/ {2,}/).slice(2);
      assertEquals(cells(one).slice(0, 6), [
        ...["2", "2", "82.2 %", percent(evaluation.sequences!.characters), "0.500", evaluation.metrics.loss.toFixed(3)],
      ]);
      assertEquals(cells(other).slice(0, 3), ["-", "3", "-"]);
      assert(cells(other)[3].startsWith("("), other);
      // What is written is judged by its own loss, what is drawn by the classifier, which reads nothing else.
      const { metrics: drawn, glyphs } = reproduction.results.get(drawing.name)![0].evaluation;
      assertEquals(glyphs!.read!.classifier, { model: "cnn", step: 2 });
      const third = cells(lines.findLast((line) => line.startsWith("text-to-image  "))!);
      assertEquals(third.slice(4, 6), ["-", drawn["text.loss"].toFixed(3)]);
      assertEquals(third[7], percent(glyphs!.read!.drawn.answers));
      assertEquals([cells(one)[7], cells(other)[7]], ["-", "-"]);
      const text = lines.join("\n");
      assertStringIncludes(text, "UNFINISHED: 3 steps a row at most, some of which need more.");
      assertStringIncludes(text, "Pictures are read by cnn, which names");
      const { alike, constant } = evaluation.sequences!.baselines;
      assertStringIncludes(text, `" " at every place has ${percent(alike.characters)} of the characters right`);
      assertStringIncludes(text, `${JSON.stringify(constant.answer)} every time ${percent(constant.characters)}.`);
      assertEquals(reproduction.results.get(first.name)![0].pictures, {});
      const page = await Deno.readTextFile(`${folder}/table.html`);
      assert(!page.includes("Samples of ours"));
      // once more: nothing is done again
      const times = () =>
        Promise.all(rows.map(async ({ name }) => (await Deno.stat(`${folder}/${name}/metrics.json`)).mtime));
      const before = await times();
      const again = await reproduce(settings, watcher);
      assertEquals([...again.results], [...reproduction.results]);
      assertEquals(await times(), before);
    }),
});
