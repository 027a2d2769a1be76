/**
 * What an evaluation adds to the folder of its run: `metrics.json` and `report.html`.
 *
 * @module
 */
import type { Judgement } from "../evaluation/evaluate.ts";
import { divergenceText, readDivergence } from "../runs/divergence.ts";
import { readMetrics, readOptions } from "../runs/run_directory.ts";
import { renderReport } from "./report.ts";
import { writeAtomic } from "../../pipelines/base/files.ts";
import { seal } from "../../pipelines/base/seal.ts";
import { flatOptions } from "../training/open_run.ts";

/**
 * Adds `metrics.json` and `report.html` to a run's folder.
 *
 * @param output Another folder for them, to be made where it is not there.
 */
export async function writeEvaluation(
  folder: string,
  { evaluation, pictures, state, notes }: Judgement,
  output: string = folder,
): Promise<void> {
  const options = await readOptions(folder) ?? flatOptions(state.settings, state.backend);
  const metrics = await readMetrics(folder);
  const when = new Date().toISOString().slice(0, 16).replace("T", " ");
  const { batchSize, accumulate } = state.settings.loop;
  const batch = batchSize * accumulate;
  const diverged = await readDivergence(folder);
  const known = diverged === undefined ? notes : [...notes, divergenceText(diverged)];
  const run = { run: folder, when, options, batch, metrics };
  const report = await renderReport({ ...run, evaluation, pictures, notes: known });
  await Deno.mkdir(output, { recursive: true });
  await writeAtomic(`${output}/report.html`, report);
  // Last, for a run that has it is taken for judged.
  await writeAtomic(
    `${output}/metrics.json`,
    JSON.stringify(seal(notes.length > 0 ? { ...evaluation, notes } : evaluation), null, 2) + "\n",
  );
}
