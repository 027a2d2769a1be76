/**
 * A row of a table with a seed: its run, and what was kept of it.
 *
 * @module
 */
import { exists, writeAtomic } from "../../pipelines/base/files.ts";
import type { Judgement } from "../evaluation/evaluate.ts";
import { asideFolder } from "../evaluation/judged_aside.ts";
import type { Evaluation } from "../evaluation/judges.ts";
import { writeEvaluation } from "../report/write_report.ts";
import { evaluationLines } from "../runs/metrics.ts";
import type { Provenance } from "../runs/provenance.ts";
import { readMetrics, readOptions } from "../runs/run_directory.ts";
import { bestWeightsOf } from "../runs/weights_identity.ts";
import { foundAlso, isJudgedSo } from "./also_judged.ts";
import {
  findJudged,
  type JudgeRun,
  type RunPlace,
  type RunWork,
  type Settled,
  settleExperiment,
  type WorkWatcher,
} from "./experiment_run.ts";
import type { TableJob } from "./jobs.ts";
import type { RowResult, RowRun } from "./reproduction.ts";
import type { ReproduceTable } from "./table.ts";

/** What a row is to come to. */
export interface RowAim {
  readonly table: ReproduceTable;
  /** Its training steps. */
  readonly steps: number;
  /** The run that reads samples; missing where there is none. */
  readonly reader?: string;
}

/**
 * Trains and judges a row as far as that was not done before.
 *
 * @throws {RunTaken} When another process is at it.
 * @throws {InputError} When it was begun with other options.
 * @throws {Interruption} When the signal comes.
 */
export async function settleRow(
  job: TableJob,
  { aim, ...place }: RunPlace & { readonly aim: RowAim },
  watcher: WorkWatcher,
): Promise<Settled<RowResult>> {
  const { row, folder } = job;
  const { table } = aim;
  const reader = readerOf(job, aim);
  const judging: Parameters<JudgeRun>[0] = {
    ...{ split: "test", checkpoint: row.checkpoint ?? "last" },
    workers: place.workers === undefined || place.workers === 1 ? 1 : "auto", // not every model takes a number
  };
  const work: RunWork<RowResult> = {
    find: () => findResult(job, aim),
    async make(judge) {
      if (await findOwn(job, aim) === undefined) {
        const judgement = await judge({ ...judging, ...row.judge, ...(reader ? { classifier: reader } : {}) });
        await keepPictures(folder, table, judgement);
        await writeEvaluation(folder, judgement);
      }
      const there = await foundAlso(row, { folder, step: await judgedStep(job, aim) });
      for (const [name, asked] of Object.entries(row.also ?? {})) {
        if (!there.has(name)) {
          await writeEvaluation(folder, await judge({ ...judging, ...asked }), asideFolder(folder, name));
        }
      }
      const result = await findResult(job, aim);
      if (result === undefined) throw new Error(`run ${folder}: was judged, and is not as it was asked for`);
      return result;
    },
  };
  return await settleExperiment(row, place, { work, watcher });
}

const readerOf = ({ row }: TableJob, { reader }: RowAim) => row.draws === false ? undefined : reader;

/**
 * Finds what a row came to.
 *
 * @returns Undefined where it was not trained to its end, or not judged as the table wants it.
 * @throws {InputError} When a file is not what was written.
 */
export async function findResult(job: TableJob, aim: RowAim): Promise<RowResult | undefined> {
  const { row, folder } = job;
  const own = await findOwn(job, aim);
  if (own === undefined || row.also === undefined) return own;
  const also = Object.fromEntries(await foundAlso(row, { folder, step: await judgedStep(job, aim) }));
  const isWhole = Object.keys(row.also).every((name) => Object.hasOwn(also, name));
  return isWhole ? { ...own, evaluation: { ...own.evaluation, also } } : undefined;
}

/** What a row came to by its own evaluation, without those that are beside it. */
async function findOwn(job: TableJob, aim: RowAim): Promise<RowResult | undefined> {
  const { row, folder, seed } = job;
  const evaluation = await findJudged(folder);
  if (evaluation === undefined) return undefined;
  const { nearestSamples = 0 } = row.judge ?? {};
  const pictures = await picturesIn(folder, aim.table, evaluation);
  const { generation, glyphs } = evaluation;
  const { nearest, copies } = generation ?? {}; // no nearest of colours, no copies of what was judged long ago
  const isWhole = (nearest?.samples ?? copies?.samples ?? 0) === nearestSamples &&
    ((generation?.classes ?? glyphs?.read) === undefined) === (readerOf(job, aim) === undefined) &&
    aim.table.pictures.every(({ name, isOf }) => Object.hasOwn(pictures, name) || !isOf(evaluation));
  if (generation !== undefined && row.judge?.latents === "codes" && generation.latents === undefined) return undefined;
  if (!await isReadBy(readerOf(job, aim), evaluation)) return undefined;
  const step = await judgedStep(job, aim);
  if (!isWhole || !isJudgedSo(evaluation, row.judge ?? {}, { row, step })) return undefined;
  return { seed, evaluation, pictures };
}

/** Whether the samples were read by the table's classifier, if one read them, and not by another that was named since. */
async function isReadBy(reader: string | undefined, { classifier }: Evaluation): Promise<boolean> {
  if (reader === undefined || classifier === undefined || !await exists(`${reader}/last.safetensors`)) return true;
  return classifier === await bestWeightsOf(reader);
}

/** The step whose weights are judged; undefined where the run has not come to its end. */
async function judgedStep({ row, folder }: TableJob, { steps }: RowAim): Promise<number | undefined> {
  if (row.checkpoint !== "best") return steps;
  const metrics = await readMetrics(folder);
  const { patience = 0 } = row.loop ?? {};
  const best = evaluationLines(metrics).findLast(({ best }) => best)?.step;
  const since = evaluationLines(metrics).filter(({ step }) => step > (best ?? Infinity)).length;
  const isOver = (metrics.at(-1)?.step ?? 0) >= steps || patience > 0 && since >= patience;
  return isOver ? best : undefined;
}

/** Where the pictures of a table's page are in a row's run. */
const PICTURES = "table";
/** Where they were, which is where `deno task sample` writes, too. */
const OLD_PICTURES = "samples";

/** Keeps those of a judgement's pictures that a table shows. */
async function keepPictures(folder: string, table: ReproduceTable, { pictures }: Judgement): Promise<void> {
  for (const { name, of } of table.pictures) {
    const picture = of(pictures);
    if (picture === undefined) continue;
    await Deno.mkdir(`${folder}/${PICTURES}`, { recursive: true });
    await writeAtomic(`${folder}/${PICTURES}/${name}.png`, picture);
  }
}

/** Those of a table's pictures that a run has: it was judged so, and their files are there. */
async function picturesIn(
  folder: string,
  { pictures }: ReproduceTable,
  evaluation: Evaluation,
): Promise<Readonly<Record<string, Uint8Array>>> {
  const found: Record<string, Uint8Array> = {};
  for (const { name, isOf } of pictures) {
    const files = [PICTURES, OLD_PICTURES].map((place) => `${folder}/${place}/${name}.png`);
    for (const file of isOf(evaluation) ? files : []) {
      if (Object.hasOwn(found, name) || !await exists(file)) continue;
      found[name] = await Deno.readFile(file);
    }
  }
  return found;
}

/** What there is of a row's run that has begun. */
export async function findRun({ row, seed, folder }: TableJob): Promise<RowRun> {
  const options = await readOptions(folder) ?? {};
  const about = options.about as unknown as Partial<Provenance> | undefined ?? {};
  return {
    ...{ row: row.name, seed, about, folder: folder.slice(folder.lastIndexOf("/") + 1) },
    ...(typeof options.workers === "number" ? { workers: options.workers } : {}),
    metrics: await readMetrics(folder),
  };
}
