/**
 * How long a training step takes, against PyTorch and stock tfjs, all in one run on one machine:
 * `deno run -A tasks/bench_step.ts`. The figures are ratios to compare, not a test.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { startStockWasm } from "../models/kernels/wasm/stock.ts";
import { gradientSource } from "../models/gradient_source.ts";
import { adam, type BackendName, cnn, cnnLstm, startBackend } from "../models/mod.ts";
import type { Batch } from "../pipelines/dataset.ts";
import { Prng } from "../pipelines/prng.ts";
import { median } from "./median.ts";
import { main, say } from "./main.ts";
import { parseOptions, type TaskSpec } from "./options.ts";
import { randomDrawings } from "./random_drawings.ts";

const PEERS = new URL("../../shared/peers/", import.meta.url).pathname;

const SPEC = {
  name: "bench:step",
  summary: "Times a training step of each sketch classifier against PyTorch and stock tfjs.",
  examples: ["deno run -A tasks/bench_step.ts", "deno run -A tasks/bench_step.ts --steps 50 --stock"],
  groups: {
    "": {
      batchSize: { value: 32, help: "drawings a step, 1 or more", min: 1, whole: true },
      steps: { value: 20, help: "timed steps of the fast ones, after 5 to warm up; 1 or more", min: 1, whole: true },
      stock: { value: false, help: "time stock tfjs on wasm too, one step a model: minutes" },
      cpu: { value: false, help: "time stock tfjs on cpu too, one step a model: minutes" },
      gpu: { value: false, help: "time webgpu too, in software where there is no graphics card: a minute" },
      peers: { value: PEERS, help: "the folder of cnn_lstm.py, the PyTorch program; left out where there is none" },
      python: { value: "/usr/bin/python3", help: "the Python that has PyTorch" },
    },
  },
} as const satisfies TaskSpec;

const MODELS = { "cnn-lstm": cnnLstm, cnn };
type ModelName = keyof typeof MODELS;

/** One row of the table: the median milliseconds of a step of each model. */
interface Row {
  readonly who: string;
  readonly milliseconds: Partial<Record<ModelName, number>>;
}

interface Contender {
  readonly who: string;
  start(): Promise<unknown>;
  readonly batch: Batch;
  readonly warmUp: number;
  readonly steps: number;
  /** Threads that share out the batch; 1 when left out. */
  readonly workers?: number;
}

async function timeContender({ who, start, batch, warmUp, steps, workers = 1 }: Contender): Promise<Row> {
  await start();
  const milliseconds: Row["milliseconds"] = {};
  for (const name of Object.keys(MODELS) as ModelName[]) {
    const classes = Array.from({ length: 18 }, (_, i) => `class ${i}`);
    const data = { classes, size: 64, frames: 8 };
    const model = MODELS[name].build({}, data, new Prng(1));
    using threads = gradientSource(model, { workers, replica: { model: name, options: {}, data, seed: 1 } });
    const optimizer = adam();
    const times: number[] = [];
    for (let step = 0; step < warmUp + steps; step++) {
      const begin = performance.now();
      const pass = await threads.gradients(model.objectives[0], { batch, prng: new Prng(step) });
      optimizer.apply(model.variables, pass.gradients);
      await pass.loss.data(); // until it is really done
      tf.dispose(pass);
      if (step >= warmUp) times.push(performance.now() - begin);
    }
    model.dispose();
    optimizer.dispose();
    milliseconds[name] = median(times);
  }
  return { who, milliseconds };
}

/** Runs the PyTorch program, which prints a line for each model. */
async function timePytorch(python: string, folder: string, batchSize: number): Promise<Row | undefined> {
  const program = `${folder.replace(/\/$/, "")}/cnn_lstm.py`;
  if (!await Deno.stat(program).then(() => true, () => false)) return undefined;
  const { stdout, success } = await new Deno.Command(python, { args: [program, `${batchSize}`] }).output();
  const lines = new TextDecoder().decode(stdout).matchAll(/torch (\S+) (\S+) batch \d+: median (\d+) ms/g);
  const found = [...lines].map(([, version, model, time]) => ({ version, model, time: Number(time) }));
  if (!success || found.length === 0) return undefined;
  const milliseconds = Object.fromEntries(found.map(({ model, time }) => [model, time]));
  return { who: `PyTorch ${found[0].version}, its threads`, milliseconds };
}

function formatRow({ who, milliseconds }: Row, peer: Row): string {
  const cells = (Object.keys(MODELS) as ModelName[]).map((name) => {
    const [own, other] = [milliseconds[name], peer.milliseconds[name]];
    const ratio = own !== undefined && other !== undefined ? `${(own / other).toFixed(2)} x` : "";
    return `${own === undefined ? "-" : own.toFixed(0)} ms`.padStart(12) + ratio.padStart(9);
  });
  return who.padEnd(38) + cells.join("");
}

/** The command. */
export async function benchStep(args: readonly string[]): Promise<void> {
  const { values } = parseOptions(SPEC, args);
  const batch = randomDrawings({ size: values.batchSize, side: 64, frames: 8, classes: 18 }, new Prng(3));
  const everyFrame = { ...batch, fields: { ...batch.fields, stroke_count: new Uint8Array(batch.size).fill(8) } };
  const fast = { warmUp: 5, steps: values.steps };
  const ours = (name: BackendName) => () => startBackend(name);
  const contenders: Contender[] = [
    ...(values.cpu ? [{ who: "stock tfjs, cpu", start: ours("cpu"), batch: everyFrame, warmUp: 0, steps: 1 }] : []),
    ...(values.stock
      ? [{ who: "stock tfjs, wasm and cpu", start: startStockWasm, batch: everyFrame, warmUp: 0, steps: 1 }]
      : []),
    ...(values.gpu ? [{ who: "strokewise, webgpu", start: ours("webgpu"), batch, warmUp: 1, steps: 2 }] : []),
    { who: "strokewise, wasm, every frame", start: ours("wasm"), batch: everyFrame, ...fast },
    { who: "strokewise, wasm", start: ours("wasm"), batch, ...fast },
    { who: "strokewise, wasm, two Workers", start: ours("wasm"), batch, ...fast, workers: 2 },
  ];
  const used = Array.from(batch.fields.stroke_count, Number).reduce((sum, count) => sum + count, 0);
  say(
    `a training step of ${batch.size} drawings, ${used} of ${
      8 * batch.size
    } frames in use; one thread but for PyTorch and where said`,
  );
  const rows: Row[] = [];
  const peer = await timePytorch(values.python, values.peers, batch.size);
  if (peer) rows.push(peer);
  for (const contender of contenders) rows.push(await timeContender(contender));
  say(`${"median".padEnd(38)}${Object.keys(MODELS).map((name) => name.padStart(12) + "".padStart(9)).join("")}`);
  for (const row of rows) say(formatRow(row, peer ?? rows[rows.length - 1]));
}

if (import.meta.main) await main("bench:step", benchStep);
