/**
 * How long a training step takes, against PyTorch and stock tfjs, all in one run on one machine and on the same batches.
 * The figures are ratios to compare, not a test.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { type BackendName, startBackend } from "../../models/backends/backend.ts";
import { type KernelSet, kernelSetOf, useKernelSet } from "../../models/kernels/kernel_set.ts";
import { startStockWasm } from "../../models/kernels/wasm/stock.ts";
import { sketchRnn } from "../../models/zoo/sketch_rnn/sketch_rnn.ts";
import { grouped } from "../../pipelines/base/text.ts";
import { say } from "../cli/main.ts";
import { formatTable, milliseconds } from "../cli/table.ts";
import { findPytorch } from "./bench_peers.ts";
import { drawingShards, preparedDrawings, subjects } from "./bench_subjects.ts";
import { drawingRates } from "./bench_sketch_rnn.ts";
import { type Drawings, type Subject, timeSteps } from "./subject.ts";

/** What is timed, and how long. */
export interface StepBench {
  /** A folder of shards of drawings; the embedded ones, prepared, when left out. */
  readonly data: string | undefined;
  /** B of every batch; each model's usual one when left out. */
  readonly batchSize: number | undefined;
  /** The names of the models that are timed; all when empty. */
  readonly models: readonly string[];
  /** Timed steps after those to warm up. */
  readonly steps: number;
  /** No further step of a model is begun after so many seconds. */
  readonly seconds: number;
  /** Backends on which stock tfjs is timed too. */
  readonly stock: readonly BackendName[];
  /** The Python that has PyTorch. */
  readonly python: string;
}

/** Times and prints a table. */
export async function benchStep(settings: StepBench): Promise<void> {
  const { data, batchSize, models, steps, seconds, stock, python } = settings;
  await using shards = await drawingShards(data);
  const drawings = await preparedDrawings(shards.folder);
  const known = await subjects(drawings, batchSize);
  const all = known.filter(({ model }) => models.length === 0 || models.includes(model.name));
  const { batch: { size, fields: { stroke_count } }, data: { fields } } = known[0];
  const used = Array.from(stroke_count, Number).reduce((sum, count) => sum + count, 0);
  say(`\na training step, medians in ms, and shares of PyTorch's time; of the ${size} drawings'`);
  say(`${size * fields.stroke_index.max!} frames ${used} are in use: strokewise and PyTorch both skip the blank ones,`);
  say('but for "every frame"; of sketch-rnn both compute what real lengths need, or N_max points of every drawing');

  const torch = await findPytorch(python);
  if (torch) {
    const { version, rate, coreType = "its own choice" } = torch;
    say(`PyTorch ${version}, two threads; OPENBLAS_CORETYPE: ${coreType}, ${rate.toFixed(0)} GFLOP/s (product of 512)`);
  } else say(`${python} has no PyTorch: there are no ratios to it`);
  const jobs = all.map(({ peer }) => peer);
  const peer = torch && new Map(await Array.fromAsync(torch.time(jobs, { steps, seconds, device: "cpu" })));

  const sets = await prepareWasm();
  const stocks = await timeStock(all, stock, sets.stock);
  await tf.setBackend("wasm");
  useKernelSet("wasm", sets.ours);
  const plan = { warmUp: 5, steps, patience: 1000 * seconds };
  const rows: string[][] = [];
  for (const subject of all) {
    const theirs = peer?.get(subject.name);
    const one = await timeSteps(subject, plan);
    const two = subject.batch.size > 1 ? await timeSteps(subject, { ...plan, workers: 2 }) : undefined;
    const [best] = (stocks.get(subject) ?? []).toSorted(({ time: a }, { time: b }) => a - b);
    rows.push([
      ...[subject.name, milliseconds(theirs), milliseconds(one), share(one, theirs)],
      ...[milliseconds(two), share(two, theirs)],
      ...(stock.length > 0 ? [best ? `${best.name} ${milliseconds(best.time)}` : "-", share(one, best?.time)] : []),
    ]);
  }
  const stockHead = stock.length > 0 ? ["stock tfjs", "share of it"] : [];
  say("");
  say(formatTable([["model", "PyTorch", "one thread", "share", "two Workers", "share", ...stockHead], ...rows]));
  if (models.length > 0 && !models.includes(sketchRnn.name)) return;
  await sayDrawingRates(all.find(({ model, whole }) => model === sketchRnn && !whole), { drawings, steps });
}

/** Prints how many drawings a second Sketch-RNN learns from, in `steps` batches. */
async function sayDrawingRates(
  subject: Subject | undefined,
  { drawings, steps }: { readonly drawings: Drawings; readonly steps: number },
): Promise<void> {
  if (subject === undefined) return say("\nthe drawings have no stroke3, which sketch-rnn reads: it was not timed");
  const drawn = await drawings.batch(steps * subject.batch.size);
  const rates = [await drawingRates(subject, drawn, 1), await drawingRates(subject, drawn, 2)];
  say(
    `\ndrawings a second that ${sketchRnn.name} learns from: ${
      grouped(drawn.size)
    }, in batches of ${subject.batch.size}\n`,
  );
  say(formatTable([
    ["batches", "one thread", "two Workers"],
    ["shuffled", ...rates.map(({ shuffled }) => shuffled.toFixed(0))],
    ["of like length", ...rates.map(({ alike }) => alike.toFixed(0))],
  ]));
}

/** `a / b` with two digits, or `-` where one is not known. */
const share = (a: number | undefined, b: number | undefined) =>
  a === undefined || b === undefined ? "-" : (a / b).toFixed(2);

/** Both sets of wasm kernels. */
async function prepareWasm(): Promise<{ readonly stock: KernelSet; readonly ours: KernelSet }> {
  await startStockWasm();
  const stock = kernelSetOf("wasm");
  await startBackend("wasm");
  return { stock, ours: kernelSetOf("wasm") };
}

/** The times of stock tfjs on each backend, of the subjects that spare nothing. */
async function timeStock(all: readonly Subject[], backends: readonly BackendName[], wasm: KernelSet) {
  const times = new Map<Subject, { readonly name: string; readonly time: number }[]>();
  for (const name of backends) {
    if (name === "webgpu") await import("@tensorflow/tfjs-backend-webgpu");
    const stock = name === "wasm" ? wasm : kernelSetOf(name);
    await startBackend(name);
    useKernelSet(name, stock);
    for (const subject of all.filter(({ whole }) => whole)) {
      const time = await timeSteps(subject, { warmUp: 1, steps: 2, patience: 5000 });
      times.set(subject, [...times.get(subject) ?? [], { name, time }]);
    }
  }
  return times;
}
