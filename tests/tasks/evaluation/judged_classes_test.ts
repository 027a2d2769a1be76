/** Data of some of a model's classes, or in another order, is judged by name. */
import { assert, assertAlmostEquals, assertEquals, assertRejects } from "@std/assert";
import { InputError } from "../../../pipelines/base/errors.ts";
import { readBatches } from "../../../pipelines/batches/batch.ts";
import type { ShardIndex } from "../../../pipelines/shards/shard_index.ts";
import { sealIndex } from "../../../pipelines/shards/index_hash.ts";
import { evaluate } from "../../../tasks/evaluation/evaluate.ts";
import { tallyClassification } from "../../../tasks/evaluation/classification_tally.ts";
import { loadModel } from "../../../tasks/runs/saved_model.ts";
import { readEvaluation } from "../../../tasks/evaluation/read_evaluation.ts";
import { writeEvaluation } from "../../../tasks/report/write_report.ts";
import { formatEvaluation } from "../../../tasks/report/evaluation_text.ts";
import { FAST, inTemporaryFolder, may } from "../../helpers.ts";
import { embedded, prepareTo } from "../prepared.ts";
import { smallData, trainTiny } from "../runs.ts";

const FIELDS = ["stroke_index", "stroke_count", "label"];

/** The classes and answers of a run on its valid split, example by example: log-probabilities of circle, line and sun. */
async function answers(run: string, data: string, index: ShardIndex): Promise<{ name: string; row: number[] }[]> {
  const { model } = await loadModel(run);
  const found: { name: string; row: number[] }[] = [];
  for await (const batch of readBatches({ folder: data, split: "valid", batchSize: 50, fields: FIELDS, epochs: 1 })) {
    const logProbs = model.classify!(batch);
    const rows = await logProbs.array();
    logProbs.dispose();
    rows.forEach((row, i) => found.push({ row, name: index.classes[Number(batch.fields.label[i])] }));
  }
  model.dispose();
  return found;
}

Deno.test({
  name:
    "evaluate --data: two of three classes are judged with all logits and among themselves; unknown ones are refused",
  ignore: FAST || !may("read", "write"),
  fn: () =>
    inTemporaryFolder(async (folder) => {
      const [data, run, some, others] = ["data", "run", "some", "others"].map((name) => `${folder}/${name}`);
      await smallData(data);
      await trainTiny(data, run, { loop: { steps: 24, learningRate: 0.01 } });
      const given = { options: { size: 16 }, perClass: 100 };
      const index = await prepareTo(some, { ...given, sources: embedded("line", "sun") });
      assertEquals(index.classes, ["line", "sun"]);
      const judgement = await evaluate({ folder: run, split: "valid", data: some });
      const { classification, metrics, examples } = judgement.evaluation;

      const known = ["circle", "line", "sun"];
      const expected = await answers(run, some, index);
      assertEquals(expected.length, examples);
      const share = (among: string[]) =>
        expected.filter(({ name, row }) => {
          const best = Math.max(...among.map((other) => row[known.indexOf(other)]));
          return row[known.indexOf(name)] === best;
        }).length / examples;
      assert(share(known) < share(["line", "sun"]), "no drawing of a line or a sun is taken for a circle");
      assertAlmostEquals(classification!.top1, share(known), 1e-12);
      assertAlmostEquals(classification!.top1Among!, share(["line", "sun"]), 1e-12);
      const nll = expected.reduce((sum, { name, row }) => sum - row[known.indexOf(name)], 0) / examples;
      assertAlmostEquals(classification!.nll, nll, 1e-5);
      assertAlmostEquals(metrics.loss, nll, 1e-5);
      assertAlmostEquals(metrics.accuracy, share(known), 1e-6);
      assertEquals(classification!.classes, known);
      assertEquals(classification!.perClass.map(({ support }) => support), [0, ...index.splits.valid.perClass]);
      assertEquals(classification!.confusion[0], [0, 0, 0]);
      for (const { label } of classification!.mistakes) assert(label !== "circle");
      const percent = `${(100 * share(["line", "sun"])).toFixed(1)} %`;
      assertEquals(judgement.notes, [
        `data ${some}: not the shards that ${run} was trained on, which may hold some of its examples`,
        `data ${some}: 2 of the 3 classes that the model knows, without circle; it may answer with all of them; top-1 where ` +
        `it may answer no others: ${percent}`,
      ]);
      await writeEvaluation(run, judgement);
      const saved = JSON.parse(await Deno.readTextFile(`${run}/metrics.json`));
      assertEquals([saved.notes, saved.examples], [judgement.notes, examples]);
      assertEquals((await readEvaluation(`${run}/metrics.json`))?.notes, judgement.notes);
      formatEvaluation(judgement.evaluation, { colour: false, width: 80 });

      await prepareTo(others, { ...given, perClass: 20, sources: embedded("house", "sun") });
      const words = `data ${others}: its class house is unknown to ${run}`;
      await assertRejects(() => evaluate({ folder: run, split: "valid", data: others }), InputError, words);
    }),
});

Deno.test({
  name: "evaluate --data: classes in another order go by their names",
  ignore: FAST || !may("read", "write"),
  fn: () =>
    inTemporaryFolder(async (folder) => {
      const [data, run] = [`${folder}/data`, `${folder}/run`];
      const index = await smallData(data);
      await trainTiny(data, run, { loop: { steps: 12, learningRate: 0.01 } });
      const plain = await evaluate({ folder: run, split: "test" });
      assertEquals([plain.notes, plain.evaluation.classification!.top1Among], [[], undefined]);
      // The same labels under other names: what was a circle is now said to be a line, and so on.
      const classes = ["line", "sun", "circle"];
      await Deno.writeTextFile(`${data}/index.json`, JSON.stringify(sealIndex({ ...index, classes })));
      const { evaluation, notes } = await evaluate({ folder: run, split: "test", data });
      assertEquals(notes, [`data ${data}: its classes are in another order than the model's; they go by their names`]);
      const [was, is] = [plain.evaluation, evaluation].map(({ classification }) => classification!.confusion);
      assertEquals(is, [was[2], was[0], was[1]]);
    }),
});

Deno.test("of classes that are equally likely the lower label counts as the answer, among some classes too", () => {
  const tally = tallyClassification(["ant", "bee", "cat"], { among: [1, 2] });
  const rows = [[0.5, 0.25, 0.25], [0.2, 0.2, 0.6], [0.6, 0.3, 0.1]].flat();
  tally.add(Float32Array.from(rows, Math.log), [2, 2, 1], [{ example: "a" }, { example: "b" }, { example: "c" }]);
  assertEquals(tally.finish().classification.top1Among, 2 / 3);
});
