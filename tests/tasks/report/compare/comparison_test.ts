import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { InputError } from "../../../../pipelines/base/errors.ts";
import { seal } from "../../../../pipelines/base/seal.ts";
import { evaluate } from "../../../../tasks/evaluation/evaluate.ts";
import { unpackBits } from "../../../../tasks/evaluation/right_bits.ts";
import { readEvaluation } from "../../../../tasks/evaluation/read_evaluation.ts";
import { recordDivergence } from "../../../../tasks/runs/divergence.ts";
import { compareRuns, type Comparison } from "../../../../tasks/report/compare/comparison.ts";
import { isComparisonPage, renderComparison } from "../../../../tasks/report/compare/comparison_page.ts";
import { formatComparison } from "../../../../tasks/report/compare/comparison_text.ts";
import { writeEvaluation } from "../../../../tasks/report/write_report.ts";
import { FAST, inTemporaryFolder, may } from "../../../helpers.ts";
import { smallData, trainTiny } from "../../runs.ts";

function test(name: string, fn: (folder: string) => Promise<void>): void {
  Deno.test({
    name: `compare: ${name}`,
    ignore: FAST || !may("read", "write"),
    fn: () => inTemporaryFolder(fn),
  });
}

async function judge(folder: string, given: Partial<Parameters<typeof evaluate>[0]> = {}): Promise<void> {
  await writeEvaluation(folder, await evaluate({ folder, split: "test", ...given }));
}

const row = (rows: Comparison["facts"], name: string) => rows.find((row) => row.name === name)?.cells;

test("options that differ, figures, and which of the same drawings each names", async (folder) => {
  const data = `${folder}/data`;
  await smallData(data);
  const [a, b] = ["a", "b"].map((name) => `${folder}/${name}`);
  await trainTiny(data, a, { loop: { epochs: 6, learningRate: 0.01, logEvery: 1 } });
  await trainTiny(data, b, { loop: { epochs: 1, logEvery: 1 }, modelOptions: { denseUnits: 4 } });
  for (const run of [a, b]) await judge(run);

  const comparison = await compareRuns([`${a}/`, b]);
  assertEquals(comparison.runs.map(({ name }) => name), ["a", "b"]);
  assertEquals(row(comparison.options, "train.epochs"), ["6", "1"]);
  assertEquals(row(comparison.options, "model.denseUnits")?.[1], "4");
  for (const same of ["train.batchSize", "seed", "model", "run"]) {
    assertEquals(row(comparison.options, same), undefined);
  }
  assertEquals(comparison.same.filter(([name]) => name === "model"), [["model", "cnn"]]);

  const [first, second] = await Promise.all([a, b].map((run) => readEvaluation(`${run}/metrics.json`)));
  const [right, other] = [first!, second!].map(({ classification, examples }) =>
    unpackBits(classification!.right!, examples)!
  );
  const share = (bits: boolean[]) => bits.filter(Boolean).length / bits.length;
  assertEquals([share(right), share(other)], [first!, second!].map(({ classification }) => classification!.top1));
  const [{ counts, names }] = comparison.pairs;
  assertEquals(names, ["a", "b"]);
  assertEquals(counts.both + counts.first, right.filter(Boolean).length);
  assertEquals(counts.both + counts.second, other.filter(Boolean).length);
  assertEquals(counts.neither, right.filter((bit, i) => !bit && !other[i]).length);
  assertEquals(comparison.notes, []);

  const page = await renderComparison(comparison, { folder: `${folder}/pages`, when: "today" });
  assert(isComparisonPage(page));
  assertStringIncludes(page, '<a href="../a/report.html">a</a>');
  for (const label of ["Loss over the training steps", "Accuracy over the time of training", "More than chance?"]) {
    assertStringIncludes(page, label);
  }
  assertEquals(page.match(/<svg /g)?.length, 5); // two metrics over steps and over time, and the first strokes
  assert(!page.includes("NaN") && !page.includes("undefined"));
});

test("what is of other examples stands in parentheses, and is said", async (folder) => {
  const [data, other] = [`${folder}/data`, `${folder}/other`];
  await smallData(data);
  await smallData(other, 1);
  const [a, b, c, d] = ["a", "b", "c", "d"].map((name) => `${folder}/${name}`);
  const loop = { steps: 2, logEvery: 1 };
  for (const run of [a, b, d]) await trainTiny(data, run, { loop });
  await trainTiny(other, c, { loop });
  await judge(a);
  await judge(b, { split: "valid" });
  await judge(c);

  const comparison = await compareRuns([a, b, c, d]);
  const shares = row(comparison.figures, "Top-1 accuracy")!;
  assertEquals(shares.map((share) => share.replace(/[\d.]+ %/, "N")), ["N", "(N)", "(N)", "-"]);
  assertEquals(row(comparison.facts, "best on valid")!.map((text) => text.startsWith("(")), [
    false,
    false,
    true,
    false,
  ]);
  assertEquals(comparison.pairs, []);
  assertEquals(comparison.notes, [
    `They did not learn from the same shards: a from ${data}, c from ${other}. What was measured while they were trained is ` +
    "of other examples then, and says nothing of which is better.",
    `d is not judged: deno task evaluate --run ${d}`,
    "b and c were not judged on the examples of a: the figures in parentheses are to be compared with nothing.",
  ]);
  // The same test split is the same whichever data a run learnt from.
  await judge(c, { data });
  const again = await compareRuns([a, c]);
  assertEquals(again.pairs.map(({ names }) => names), [["a", "c"]]);
  assert(again.notes.some((note) => note.startsWith("c: data ") && note.includes("not the shards that")));
});

test("a run that diverged is said to have, on its own report too", async (folder) => {
  const data = `${folder}/data`;
  await smallData(data);
  const [a, b] = ["a", "b"].map((name) => `${folder}/${name}`);
  for (const run of [a, b]) await trainTiny(data, run, { loop: { steps: 1 } });
  await recordDivergence(b, "loss is NaN at step 2");
  await judge(b);
  const { facts, notes } = await compareRuns([a, b]);
  assertEquals(row(facts, "state"), ["finished", "diverged"]);
  assertEquals(notes[0], "b: it diverged: loss is NaN at step 2");
  assertStringIncludes(await Deno.readTextFile(`${b}/report.html`), "Note: it diverged: loss is NaN at step 2");
});

test("an evaluation from before answers were kept, or of earlier weights, is to be made again", async (folder) => {
  const data = `${folder}/data`;
  await smallData(data);
  const [a, b] = ["a", "b"].map((name) => `${folder}/${name}`);
  for (const run of [a, b]) {
    await trainTiny(data, run, { loop: { epochs: 1 } });
    await judge(run);
  }
  const written = (await readEvaluation(`${a}/metrics.json`))!;
  const save = (content: object) => Deno.writeTextFile(`${a}/metrics.json`, JSON.stringify(seal(content)));
  const { identity: _, checkpoint: __, ...old } = written;
  await save({ ...old, classification: { ...old.classification, right: undefined } });
  const [first, second] = (await compareRuns([a, b])).notes;
  assertStringIncludes(first, "a was judged before it was kept which examples those were");
  assertStringIncludes(second, "b was perhaps not judged on the examples of a");

  await save({ ...written, step: 1 });
  const [stale] = (await compareRuns([a, b])).notes;
  assertStringIncludes(stale, "a was judged at step 1; its best weights are those of step 4 by now");

  await save({ ...written, classification: { ...written.classification, right: "AA==" } });
  await assertRejects(() => compareRuns([a, b]), InputError, "a/metrics.json: its answers are not");
});

test("what is no run, one run alone, the same twice and a damaged one are refused", async (folder) => {
  const [data, run] = [`${folder}/data`, `${folder}/run`];
  await smallData(data);
  await trainTiny(data, run, { loop: { steps: 1 } });
  const cases: [folders: string[], says: string][] = [
    [[run], "expected two runs or more, found 1"],
    [[run, `${run}/`], `run ${run}: named twice`],
    [[run, `${folder}/none`], "no such folder"],
    [[run, data], "no run's folder"],
  ];
  for (const [folders, says] of cases) await assertRejects(() => compareRuns(folders), InputError, says);
  await Deno.symlink(run, `${folder}/alias`);
  await assertRejects(() => compareRuns([run, `${folder}/alias`]), InputError, `run ${folder}/alias: named twice`);
  await Deno.copyFile(`${run}/metrics.jsonl`, `${folder}/kept`);
  const other = `${folder}/other`;
  await trainTiny(data, other, { loop: { steps: 1 } });
  await Deno.writeTextFile(`${other}/metrics.jsonl`, '{"kind":"step"}\n');
  await assertRejects(() => compareRuns([run, other]), InputError, "metrics.jsonl:1: not a line of metrics");
});

Deno.test("compare: a table has as many runs as fit; names cannot steer the terminal", () => {
  const runs = ["one", "two", "t\u001b[2Jhree"].map((name) => ({ name }));
  const comparison = {
    ...{ runs, same: [["model", "cnn"]], figures: [], pairs: [], notes: ["a note"] },
    facts: [{ name: "steps", cells: ["1", "22", "333"] }],
    options: [{ name: "train.epochs", cells: ["4", "5", "a/very/long/path/of/some/file/or/other.txt"] }],
  } as unknown as Comparison;
  assertEquals(formatComparison({ ...comparison, options: [] }, 15).split("\n"), [
    "       one  two",
    "",
    "steps    1   22",
    "",
    "       t\\x1b[2Jhree",
    "",
    "steps           333",
    "",
    "in all",
    "  model cnn",
    "",
    "note  a note",
  ]);
  const [head] = formatComparison(comparison).split("\n");
  assertStringIncludes(head, "one  two");
  assertStringIncludes(formatComparison(comparison), "  …long/path/of/some/file/or/other.txt");
});
