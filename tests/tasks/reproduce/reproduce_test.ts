import { readEvaluation } from "../../../tasks/evaluation/read_evaluation.ts";
import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertRejects,
  assertStrictEquals,
  assertStringIncludes,
} from "@std/assert";
import { InputError } from "../../../pipelines/base/errors.ts";
import { Prng } from "../../../pipelines/base/prng.ts";
import { readShardIndex } from "../../../pipelines/shards/shard_reader.ts";
import type { Evaluation } from "../../../tasks/evaluation/judges.ts";
import { UsageError } from "../../../tasks/cli/option_values.ts";
import { labelOf } from "../../../tasks/reproduce/table.ts";
import { reproductionPage } from "../../../tasks/reproduce/table_page.ts";
import { formatReproduction, reproductionMarkdown } from "../../../tasks/reproduce/table_text.ts";
import { reproduce, type ReproduceSettings } from "../../../tasks/reproduce/reproduce.ts";
import type { Provenance } from "../../../tasks/runs/provenance.ts";
import { readOptions } from "../../../tasks/runs/run_directory.ts";
import { FAST, inTemporaryFolder, may } from "../../helpers.ts";
import { FIXTURES } from "../prepared.ts";
import { checkpointOf, traces } from "../runs.ts";
import { TABLE, tiny, watch } from "./tiny_table.ts";
import { REPRODUCE_TABLES } from "../../../tasks/reproduce/tables.ts";
import { reproduceCommand } from "../../../tasks/commands/reproduce.ts";
import { trainingOf } from "../../../tasks/reproduce/experiment.ts";
import { describeDrawings } from "../../../tasks/bench/random_drawings.ts";
import { grouped, percent } from "../../../pipelines/base/text.ts";
import { escapeHtml } from "../../../tasks/cli/text.ts";
import { startBackend } from "../../../models/backends/backend.ts";

/** Every file under a folder, with when it was last written. */
async function timesOf(folder: string): Promise<Record<string, number>> {
  const times: Record<string, number> = {};
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = `${folder}/${name}`;
    if (isDirectory) Object.assign(times, await timesOf(path));
    else times[path] = (await Deno.stat(path)).mtime!.getTime();
  }
  return times;
}

function test(name: string, fn: (folder: string) => Promise<void>): void {
  Deno.test({ name: `reproduce: ${name}`, ignore: FAST || !may("read", "write"), fn: () => inTemporaryFolder(fn) });
}

test("rows are trained, judged and shown; interrupted it goes on, and what is finished is left alone", async (folder) => {
  const settings = { table: TABLE, budget: 3, sources: [], backend: await startBackend("wasm") };
  const whole = await reproduce({ ...settings, folder: `${folder}/whole` }, watch().watcher);
  assertEquals([whole.interrupted, [...whole.results.keys()]], [false, ["t1", "no-privy"]]);
  for (const { name } of TABLE.rows) {
    const evaluation = (await readEvaluation(`${folder}/whole/${name}/metrics.json`))!;
    const [{ evaluation: { also, ...own } }, ...others] = whole.results.get(name)!;
    assertEquals([own, others], [evaluation, []]);
    const beside = (await readEvaluation(`${folder}/whole/${name}/judged/stochastic/metrics.json`))!;
    assertEquals([also, beside.conditions], [{ stochastic: beside }, { "model.binarize": "stochastic" }]);
    assertEquals(beside.likelihood!.importance.bounds!.map(({ samples }) => samples), [1, 10, 100]);
    assertEquals([beside.step, beside.generation!.nearest], [3, undefined]);
    assertEquals([evaluation.step, evaluation.split, evaluation.generation!.nearest!.samples], [3, "test", 5]);
    assertEquals(evaluation.likelihood!.klPerStep.length, name === "t1" ? 1 : 2);
    const row = (await Deno.readTextFile(`${folder}/whole/table.md`)).split("\n").find((line) =>
      line.startsWith(name === "t1" ? "| DRAW (T = 1)" : "| DRAW (no privy)")
    )!;
    const { mean } = evaluation.generation!.nearest!.ofSamples!;
    assertStringIncludes(row, `| 10,000 | 3 | ${name === "t1" ? 653 : 809} | (${grouped(Math.round(mean))}) |`);
    const { bound, importance: { bounds } } = beside.likelihood!;
    const shown = [bound, ...bounds!.slice(1).map((one) => one.bound), evaluation.likelihood!.bound];
    assertStringIncludes(row, `| - | ${shown.map((value) => `(${value.toFixed(2)})`).join(" | ")} |`);
    const { classes } = evaluation.generation!;
    assertEquals([classes!.classifier, classes!.samples.images], [{ model: "mnist-lstm", step: 4 }, 20]);
    assertStringIncludes(row, `| (${classes!.samples.score.toFixed(2)}) | (${percent(classes!.samples.confidence)}) |`);
  }
  const html = await Deno.readTextFile(`${folder}/whole/table.html`);
  assertStringIncludes(html, "UNFINISHED: 3 of the report&#39;s 10,000 steps a row.");
  assertStringIncludes(html, '<a href="classifier/report.html">');
  assert(!html.includes("is better"));
  assertStringIncludes(html, "GENERATED for this project");
  assertStringIncludes(html, '<a href="t1/report.html">');
  assertEquals(html.match(/src="data:image\/png;base64,iVBOR/g)?.length, 2);

  // The classifier is stopped after its second step, then the second row.
  const parts = { ...settings, folder: `${folder}/parts` };
  const none = await reproduce(
    parts,
    watch((label, done, row) => label === "training" && row === 1 && done === 2).watcher,
  );
  assertEquals([none.interrupted, none.classifier, [...none.results.keys()]], [true, undefined, []]);
  const first = await reproduce(
    parts,
    watch((label, done, row) => label === "training" && row === 3 && done === 1).watcher,
  );
  assertEquals([first.interrupted, [...first.results.keys()]], [true, ["t1"]]);
  assertStringIncludes(formatReproduction(first), "1 of 2 rows is still to come.");
  const before = await timesOf(`${parts.folder}/t1`);
  assert(Object.keys(before).length >= 6);

  // Then while it is judged; then to its end, and once more.
  assert((await reproduce(parts, watch((label) => label === "evaluating").watcher)).interrupted);
  const end = await reproduce(parts, watch().watcher);
  assertEquals([[...end.results], end.classifier], [[...whole.results], whole.classifier]);
  assertEquals(await traces(`${parts.folder}/classifier`), await traces(`${folder}/whole/classifier`));
  assertEquals(await traces(`${parts.folder}/no-privy`), await traces(`${folder}/whole/no-privy`));
  const finished = await timesOf(`${parts.folder}/no-privy`);
  const { watcher, said } = watch(() => true);
  await reproduce(parts, watcher);
  assertEquals(said, [
    "classifier: mnist-lstm, to read the samples of each row",
    "row 1 of 2: DRAW (T = 1), one step",
    `finished before: ${parts.folder}/t1`,
    "row 2 of 2: DRAW (no privy), encoder without the decoder's output",
    `finished before: ${parts.folder}/no-privy`,
  ]);
  assertEquals([await timesOf(`${parts.folder}/t1`), await timesOf(`${parts.folder}/no-privy`)], [before, finished]);

  const again = (change: Partial<ReproduceSettings>) => () => reproduce({ ...parts, ...change }, watch().watcher);
  await assertRejects(
    again({ budget: 4 }),
    InputError,
    `run ${parts.folder}/t1: --budget 4 contradicts the run, which has 3; another --run begins anew`,
  );
  await assertRejects(again({ seed: 1 }), InputError, "classifier: --seed 1 contradicts the run");
  await assertRejects(again({ workers: 2 }), InputError, "classifier: --workers 2 contradicts the run, which has 1");
  assertEquals((await again({ workers: "auto" })()).interrupted, false); // whatever it was begun with
  await reproduce({ ...parts, sources: [`${FIXTURES}mnist`] }, watch().watcher); // the same files by name
  await assertRejects(
    again({ sources: [`${FIXTURES}mnist/train*`] }),
    InputError,
    `data ${parts.folder}/data: made from other sources; --run names another folder`,
  );

  // What is trained may be judged with another backend, and stays what it is; what is not may not go on with another.
  await Deno.remove(`${parts.folder}/t1/metrics.json`);
  const cpu = await startBackend("cpu");
  const other = await reproduce({ ...parts, backend: cpu }, watch().watcher);
  const bounds = [whole, other].map(({ results }) => results.get("t1")![0].evaluation.likelihood!.bound);
  assertAlmostEquals(bounds[0], bounds[1], 1e-3);
  assertEquals((await checkpointOf(`${parts.folder}/t1`)).state.backend, "wasm");
  const { backend, about } = (await readOptions(`${parts.folder}/t1`))!;
  assertEquals([backend, (about as unknown as Provenance).continued], ["wasm", undefined]);
  const cut = { ...parts, folder: `${folder}/cut` };
  await startBackend("wasm");
  await reproduce(cut, watch((label, done, row) => label === "training" && row === 1 && done === 2).watcher);
  await startBackend("cpu");
  await assertRejects(
    () => reproduce({ ...cut, backend: cpu }, watch().watcher),
    InputError,
    "classifier: --backend cpu contradicts the run, which has wasm",
  );
});

test("rows of one class have data of their own", async (folder) => {
  const { figures, classifier, ...quickdraw } = REPRODUCE_TABLES["draw-quickdraw"];
  assertEquals(classifier, undefined); // of one class there is nothing to tell
  const rows = [["sun"], ["sun", "cloud"]].map((classes) => ({
    ...tiny(quickdraw.rows[0]),
    ...{ name: classes.join("-"), data: { ...quickdraw.rows[0].data, options: { classes } } },
  }));
  const table = { ...quickdraw, figures, rows };
  const settings = { table, budget: 1, folder, backend: await startBackend("wasm") };
  const { results, data } = await reproduce({ ...settings, sources: [`${FIXTURES}quickdraw-bitmap`] }, watch().watcher);
  assertEquals(results.size, 2);
  const [sun, both] = await Promise.all(
    ["data-sun", "data-sun-cloud"].map((name) => readShardIndex(`${folder}/${name}`)),
  );
  assertEquals([sun.classes, both.classes], [["sun"], ["cloud", "sun"]]);
  const [few, more] = [sun, both].map(({ splits }) => splits.train.examples);
  assertEquals(data, `Trained on ${few} drawings of sun; ${more} drawings of cloud and sun, from quickdraw-bitmap.`);
  const { likelihood, generation } = results.get("sun")![0].evaluation;
  const [lx, lz, sum] = figures.map((figure) => figure.ours(results.get("sun")![0].evaluation));
  assertEquals([lx, lz, sum, generation!.nearest], [
    likelihood!.reconstruction,
    likelihood!.kl,
    likelihood!.bound,
    undefined,
  ]);
});

const EVALUATION: Evaluation = {
  ...{ model: "draw", dataset: "mnist", split: "test", unit: "digit", examples: 10_000, step: 200 },
  metrics: { loss: 150.127, reconstruction: 140, kl: 10.127 },
  likelihood: {
    ...{ bound: 150.127, reconstruction: 140, kl: 10.127, klPerStep: [10.127] },
    importance: { samples: 1, bound: 150.127 },
  },
  generation: {
    nearest: {
      ...{ samples: 1000, mean: 111.3, standardDeviation: 41.5, maximum: 388.3, meanImage: 131.8 },
      ofSamples: { mean: 201.6, standardDeviation: 30.2, maximum: 1400.5, meanImage: 900.5 },
    },
    classes: {
      ...{ classifier: { model: "mnist-lstm", step: 2000 }, classes: 10 },
      samples: { images: 1000, score: 1.003, confidence: 0.3, spread: 1.01 },
      real: { images: 1000, score: 9.417, confidence: 0.987, spread: 9.9 },
    },
  },
};

/** With cells drawn at random, and of few digits by more latents. */
const OTHER: Evaluation = {
  ...EVALUATION,
  likelihood: {
    ...{ bound: 170.5, reconstruction: 160, kl: 10.5, klPerStep: [10.5] },
    importance: {
      ...{ samples: 100, bound: 166.25, examples: 1000 },
      bounds: [{ samples: 1, bound: 171 }, { samples: 10, bound: 168 }, { samples: 100, bound: 166.25 }],
    },
  },
};

const HALF = {
  ...{ table: TABLE, budget: 200, data: "Trained on 55,000 digits, from mnist." },
  ...{ examples: new Map([["t1", 55_000]]) },
  results: new Map([["t1", [{
    ...{ seed: 0, evaluation: { ...EVALUATION, also: { stochastic: OTHER } } },
    pictures: { samples: Uint8Array.of(1, 2, 3) },
  }]]]),
};

Deno.test("theirs beside ours, letter by letter", () => {
  const comparisons = [
    "The mean test digit, drawn every time, has a mean of 900.50 and a digit by sample of 131.80.",
    "Class score: 1 for grey canvases, at most 10, 9.42 for test digits (sure: 98.7 %), read by mnist-lstm.",
    "Trained on 55,000 digits, from mnist.",
  ];
  assertEquals(formatReproduction(HALF).split("\n"), [
    "DRAW on MNIST, and what it needs of its parts",
    'Modhe and Jain, "Generative Image Models", 2016, table of section 6.1',
    "Negative log-likelihood of each of 1,000 generated digits by the training digit nearest to it; the bound on test " +
    "digits; and what a classifier reads in what was generated.",
    "",
    "                                                        steps          mean         deviation        maximum            bound            10 latents  100 latents  bound, threshold  reconstruction       KL  digit by sample  class score      sure",
    "model            differs in                            theirs  ours  theirs   ours     theirs  ours   theirs     ours  theirs      ours        ours         ours              ours            ours     ours             ours         ours      ours",
    "DRAW (T = 1)     one step                              10,000   200     653  (202)        290  (30)    1,724  (1,401)       -  (170.50)    (168.00)     (166.25)          (150.13)        (160.00)  (10.50)            (111)       (1.00)  (30.0 %)",
    "DRAW (no privy)  encoder without the decoder's output  10,000     -     809      -        298     -    2,546        -       -         -           -            -                 -               -        -                -            -         -",
    "",
    "UNFINISHED: 200 of the report's 10,000 steps a row. Numbers of such rows stand in parentheses and are to be compared " +
    "with nothing, neither with the report's nor with each other.",
    ...comparisons,
    "1 of 2 rows is still to come.",
  ]);
  const markdown = reproductionMarkdown({ ...HALF, budget: 10_000 }).split("\n");
  const ways =
    "Lower is better: mean, bound, 10 latents, 100 latents, bound, threshold, digit by sample; higher is better: " +
    "class score.";
  assertEquals(markdown.slice(4, 12).filter((line) => line !== ""), [
    `10,000 steps a row here, 10,000 in the report. ${ways}`,
    ...comparisons,
  ]);
  const at = markdown.findIndex((line) => line.startsWith("| model"));
  assertEquals(markdown.slice(at, at + 4), [
    "| model | differs in | steps, theirs | steps, ours | mean, theirs | mean, ours | deviation, theirs | " +
    "deviation, ours | maximum, theirs | maximum, ours | bound, theirs | bound, ours | 10 latents, ours | " +
    "100 latents, ours | bound, threshold, ours | reconstruction, ours | KL, ours | digit by sample, ours | " +
    "class score, ours | sure, ours |",
    `| --- | --- |${" ---: |".repeat(18)}`,
    "| DRAW (T = 1) | one step | 10,000 | 10,000 | 653 | 202 | 290 | 30 | 1,724 | 1,401 | - | 170.50 | 168.00 | 166.25 | " +
    "150.13 | 160.00 | 10.50 | 111 | 1.00 | 30.0 % |",
    "| DRAW (no privy) | encoder without the decoder's output | 10,000 | - | 809 | - | 298 | - | 2,546 | - | - | - | - | - | - " +
    "| - | - | - | - | - |",
  ]);
});

Deno.test("rows below the report's steps are not set off on the page, and nothing is said to be better", async () => {
  const [unfinished, finished] = await Promise.all(
    [200, 10_000].map((budget) => reproductionPage({ ...HALF, budget })),
  );
  assertEquals(unfinished.match(/is better/gi), null);
  assertStringIncludes(unfinished, '<td class="number ours unfinished">(202)</td>');
  assertStringIncludes(finished, '<td class="number ours">202</td>');
  assertStringIncludes(finished, "Lower is better: mean, ");
  for (const table of Object.values(REPRODUCE_TABLES)) {
    for (const text of [table.reads, ...table.notes]) assert(!/is better/.test(text), text);
    assert(table.figures.some(({ better }) => better !== undefined), table.name);
  }
});

Deno.test("the page stands alone and closes its tags", async () => {
  const evil = `"><script>alert(1)</script>`;
  const row = { ...TABLE.rows[0], cells: [evil, evil] };
  const table = { ...TABLE, title: "<script>", source: evil, notes: ["a & b", evil], rows: [row, TABLE.rows[1]] };
  const hostile = await reproductionPage({ ...HALF, table, data: evil });
  assertEquals(hostile.match(/<script/g), null);
  assertEquals(hostile.split(escapeHtml(evil)).length, 12); // source, data, two cells, both in title, picture and further reports of the row, note
  const html = await reproductionPage({ ...HALF, table: { ...TABLE, title: "<script>", notes: ["a & b"] } });
  assertEquals(html.match(/https?:|<link|<script|src="(?!data:)/g), null);
  assertStringIncludes(html, "<li>a &amp; b</li>");
  assertStringIncludes(html, 'src="data:image/png;base64,AQID" alt="samples of DRAW (T = 1), one step"');
  for (const tag of ["section", "div", "table", "tr", "td", "th", "figure", "p", "ul", "li", "a"]) {
    const count = (pattern: string) => html.match(new RegExp(pattern, "g"))?.length ?? 0;
    assertEquals(count(`<${tag}[ >]`), count(`</${tag}>`), tag);
  }
});

Deno.test("every row of the tables about DRAW is a training that can start", () => {
  for (const table of Object.values(REPRODUCE_TABLES).filter(({ name }) => name.startsWith("draw-"))) {
    const names = [...table.rows, ...(table.classifier ? [table.classifier] : [])].map(({ name }) => name);
    assertEquals(new Set(names).size, names.length);
    for (const row of table.rows) {
      assertEquals(row.cells.length, table.heads.length);
      assert((row.theirs?.length ?? 0) <= table.figures.filter(({ reported }) => reported).length);
      const { model, modelOptions, loop } = trainingOf(row, { data: "d", folder: "f" });
      assertEquals([model.name, loop.learningRate, loop.clipNorm], ["draw", 1e-3, 5]);
      assertStrictEquals(row.figures, table.figures);
      const options = { ...modelOptions, encoderUnits: 4, decoderUnits: 4 };
      model.build(options, describeDrawings({ side: 28, frames: 1, classes: 2 }), new Prng(1)).dispose();
    }
  }
  const { rows } = REPRODUCE_TABLES["draw-quickdraw"];
  const optionsOf = (i: number) => {
    const { modelOptions, loop } = trainingOf(rows[i], { data: "d", folder: "f" });
    const { readAttention, writeAttention, latentSize, steps } = modelOptions;
    return [readAttention, writeAttention, latentSize, steps, loop.batchSize];
  };
  // As the report prints them: read, write, z, T, batch.
  assertEquals(rows.map((_, i) => optionsOf(i)), [
    [5, 5, 10, 20, 64],
    [5, 5, 10, 20, 100],
    [5, 5, 10, 10, 100],
    [5, 5, 10, 20, 100],
    [2, 5, 10, 20, 100],
    [5, 5, 10, 20, 100],
  ]);
  assertEquals(rows.map(({ cells }) => cells.slice(1).map(Number)), rows.map((_, i) => optionsOf(i)));
  assertEquals(
    labelOf(REPRODUCE_TABLES["draw-quickdraw"], rows[4]),
    "cat & dog, read 2, write 5, z 10, T 20, batch 100",
  );
});

Deno.test({
  name: "what cannot be reproduced is refused",
  ignore: !may("read"),
  fn: async () => {
    const refused = (args: string[], message: string) =>
      assertRejects(() => reproduceCommand(args), UsageError, message);
    await refused(["draw-mnist", "draw-variants"], "found 2");
    await refused(["draw"], 'table "draw": unknown');
    await refused(["draw-mnist", "--budget", "0"], "--budget: expected a whole number, 1 or more");
    await refused(
      ["draw-quickdraw"],
      "--source is missing: draw-quickdraw needs Google's 28 x 28 bitmaps of cat and dog",
    );
    await refused(["--rows", "t1"], "--rows: name a table, draw-quickdraw, ");
    await refused(["draw-mnist", "--rows", "t1", "--collect"], "--collect writes the whole table: leave out --rows");
    await refused(["draw-mnist", "--plan", "--collect"], "--collect writes the whole table: leave out --plan");
    await refused(["draw-mnist", "--dry-run", "--collect"], "--collect writes the whole table: leave out --dry-run");
    await refused(["draw-mnist", "--seeds", "0"], "--seeds: expected a whole number, 1 to 1000");
    for (const [option, ...value] of [["rows", "a"], ["collect"], ["plan"], ["seeds", "2"]]) {
      const whole = `--${option}: not with vectorizer, which is measured as a whole, not row by row`;
      await refused(["vectorizer", "--source", "x", `--${option}`, ...value], whole);
    }
    const augment = ["sketch-rnn-augment", "--source", "x", "--sketch-rnn-augment.draws", "1"];
    for (const [option, ...value] of [["plan"], ["seeds", "2"]]) {
      const cells = `--${option}: not with sketch-rnn-augment, which has cells; --dry-run prints`;
      await refused([...augment, `--${option}`, ...value], cells);
    }
    await refused([...augment, "--rows", "10-draw1-seed1", "--collect"], "--collect writes the whole table");
    const wrong = (args: string[], message: string) => assertRejects(() => reproduceCommand(args), InputError, message);
    const cells = "no cell of sketch-rnn-augment; did you mean 10-draw1-seed1?; its cells are 10-draw1-seed1, ";
    await wrong([...augment, "--rows", "10-draw1-seed9"], `--rows 10-draw1-seed9: ${cells}`);
    await wrong(["draw-mnist", "--rows", "t1,t9"], "--rows t9: no row of draw-mnist; did you mean t1?");
    await wrong(["draw-mnist", "--run", "/nowhere/at/all", "--collect"], "--run /nowhere/at/all: no such folder");
    const file = new URL("../../../deno.json", import.meta.url).pathname;
    for (const args of [["draw-mnist"], ["draw-mnist", "--collect"], ["draw-mnist", "--plan"], []]) {
      await wrong([...args, "--run", file], `--run ${file}: a file, expected a folder`);
    }
    await wrong(["draw-mnist", "--plan", "--run", `${file}/a/b`], `--run ${file}/a/b: ${file} is a file, expected`);
    const nowhere = ["frankenstein", "--source", "/nowhere/at/all", "--plan"];
    await wrong(nowhere, "source /nowhere/at/all: no such file, folder or match");
    await wrong(["--run", "/nowhere/at/all"], "--run /nowhere/at/all: no such folder");
    await refused(["vectorizer"], "--source is missing: vectorizer needs the four files of MNIST");
    const other = ["vectorizer", "--source", "x", "--sketch-rnn-augment.draws", "1"];
    await refused(other, "--sketch-rnn-augment.draws: not with vectorizer");
    await refused(["vectorizer", "--source", "x", "--budget", "9"], "--budget: not with vectorizer");
    await refused(["draw-mnist", "--faces-and-animals.size", "32"], "--faces-and-animals.size: not with draw-mnist");
    await refused(["faces-and-animals", "--faces-and-animals.group", "names"], "--faces-and-animals.group");
    const none = ["sketch-rnn-augment", "--source", "x", "--sketch-rnn-augment.per-class", "10,0"];
    await refused(none, "--sketch-rnn-augment.per-class");
  },
});
