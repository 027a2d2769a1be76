/** The table of the report about generated images: its networks can be trained, on digits read in each way. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { startBackend } from "../../../../models/backends/backend.ts";
import { Prng } from "../../../../pipelines/base/prng.ts";
import { describeDrawings } from "../../../../tasks/bench/random_drawings.ts";
import { trainingOf } from "../../../../tasks/reproduce/experiment.ts";
import { reproduce } from "../../../../tasks/reproduce/reproduce.ts";
import type { ReproduceTable } from "../../../../tasks/reproduce/table.ts";
import { reproductionPage } from "../../../../tasks/reproduce/table_page.ts";
import { rowSteps } from "../../../../tasks/reproduce/table.ts";
import { GENERATING_IMAGES } from "../../../../tasks/reproduce/tables/generating_images.ts";
import { FAST, inTemporaryFolder, may } from "../../../helpers.ts";

Deno.test("generating images: every row is a training that can start, as its cells say", async () => {
  await startBackend("cpu");
  const { rows, heads } = GENERATING_IMAGES;
  assertEquals(new Set(rows.map(({ name }) => name)).size, rows.length);
  for (const row of rows) {
    const { model, modelOptions: options, loop } = trainingOf(row, { data: "d", folder: "f" });
    const [reads, network, settings] = row.cells;
    assertEquals(row.cells.length, heads.length);
    assertEquals(reads, `${options.input}${options.permutation === 0 ? "" : ", permuted"}`);
    assertEquals(network, `${options.bidirectional ? "bidirectional " : ""}${String(options.cell).toUpperCase()}`);
    assertEquals(settings === "chrono", options.chronoSpan === 784);
    assertEquals(settings === `grown from ${options.growFrom} x ${options.growFrom}`, Number(options.growSteps) > 0);
    assertEquals([options.units, options.layers, loop.batchSize, loop.clipNorm], [128, 1, 64, 1]);
    assertEquals(row.theirs, undefined); // the report has no number, not of steps either
    model.build(options, describeDrawings({ side: 28, frames: 1, classes: 10 }), new Prng(1)).dispose();
    const { whole } = rowSteps(row, { table: GENERATING_IMAGES, budget: 1, examples: 55_000 });
    const isLong = options.input === "rows" || Number(options.growSteps) > 0;
    assertEquals(whole, (isLong ? 20 : 10) * 860);
    assert(Number(options.growSteps) < whole!, "whole digits are learnt from in the end");
  }
});

Deno.test({
  name: "generating images: rows and pixels are trained and judged",
  ignore: FAST || !may("read", "write"),
  fn: () =>
    inTemporaryFolder(async (folder) => {
      const names = ["rows-bidirectional", "permuted-gru-chrono"];
      const table: ReproduceTable = {
        ...GENERATING_IMAGES,
        rows: GENERATING_IMAGES.rows.filter(({ name }) => names.includes(name)).map((row) => ({
          ...row,
          modelOptions: { ...row.modelOptions, units: 4 },
          loop: { ...row.loop, batchSize: 20, logEvery: 1 },
        })),
      };
      const settings = { table, budget: 2, folder, sources: [], backend: await startBackend("wasm") };
      const reproduction = await reproduce(settings, {
        say() {},
        progress: () => ({ update() {}, end() {} }),
        signal: new AbortController().signal,
      });
      assertEquals([...reproduction.results.keys()], names);
      for (const [{ evaluation }] of reproduction.results.values()) {
        const [accuracy, nll] = table.figures.map((figure) => figure.ours(evaluation));
        assertEquals([accuracy, nll], [evaluation.classification!.top1, evaluation.classification!.nll]);
        assertEquals([evaluation.step, evaluation.checkpoint], [2, "last"]);
      }
      assertStringIncludes(await reproductionPage(reproduction), "deno task reproduce sketch-rnn-augment");
    }),
});
