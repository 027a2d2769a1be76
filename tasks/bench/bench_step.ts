/**
 * How long a training step takes, against PyTorch and stock tfjs, all in one run on one machine:
 * `deno run -A tasks/bench/bench_step.ts`. The figures are ratios to compare, not a test.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { type KernelSet, kernelSetOf, useKernelSet } from "../../models/kernels/kernel_set.ts";
import { startStockWasm } from "../../models/kernels/wasm/stock.ts";
import { timePytorch } from "./bench_peers.ts";
import { type Subject, subjects, timeSteps } from "./bench_subjects.ts";
import { formatTable, milliseconds, ratio } from "../cli/table.ts";
import { main, say } from "../cli/main.ts";
import { parseOptions } from "../cli/options.ts";
import { type BackendName, BACKENDS, startBackend } from "../../models/backends/backend.ts";
import type { TaskSpec } from "../cli/task_spec.ts";

const PEERS = new URL("../../../shared/peers/", import.meta.url).pathname;

const SPEC = {
  name: "bench:step",
  summary: "Times a training step of each model against PyTorch and stock tfjs.",
  examples: [
    "deno run -A tasks/bench/bench_step.ts",
    "deno run -A tasks/bench/bench_step.ts --steps 50 --stock webgpu,wasm",
  ],
  groups: {
    "": {
      batchSize: { value: 32, help: "drawings a step, 1 or more", min: 1, whole: true },
      steps: { value: 20, help: "timed steps, after 5 to warm up; 1 or more", min: 1, whole: true },
      seconds: { value: 30, help: "no further step of a model is begun after so long, above 0", min: 0 },
      stock: {
        value: [] as readonly string[],
        choices: BACKENDS,
        help: "time stock tfjs on these backends too: minutes, on cpu many; webgpu in software where there is no card",
      },
      peers: { value: PEERS, help: "the folder of the PyTorch programs; left out where there is none" },
      python: { value: "/usr/bin/python3", help: "the Python that has PyTorch" },
    },
  },
} as const satisfies TaskSpec;

/** The command. */
export async function benchStep(args: readonly string[]): Promise<void> {
  const { batchSize, steps, seconds, stock, peers, python } = (await parseOptions(SPEC, args)).values;
  const all = subjects(batchSize);
  const batch = all[0].batch(false);
  const used = Array.from(batch.fields.stroke_count, Number).reduce((sum, count) => sum + count, 0);
  say(`\na training step, medians in ms; of the drawings' ${8 * batchSize} frames ${used} are in use: PyTorch, stock`);
  say('tfjs and "every frame" compute all of them; one thread but for PyTorch and where two Workers are named');

  const peer = await timePytorch({ python, folder: peers, batchSizes: [batchSize] });
  const sets = await prepareWasm();
  const plan = { warmUp: 5, steps, patience: 1000 * seconds };
  const stocks = new Map<Subject, Map<string, number>>(all.map((subject) => [subject, new Map()]));
  for (const name of stock) {
    await startStock(name as BackendName, sets);
    for (const subject of all) {
      stocks.get(subject)!.set(name, await timeSteps(subject, { warmUp: 1, steps: 2, patience: 5000, full: true }));
    }
  }
  await tf.setBackend("wasm");
  useKernelSet("wasm", sets.ours);
  const rows: string[][] = [];
  for (const subject of all) {
    const everyFrame = await timeSteps(subject, { ...plan, full: true });
    const ours = "stroke_count" in subject.batch(false).fields ? await timeSteps(subject, plan) : everyFrame;
    const shared = await timeSteps(subject, { ...plan, workers: 2 });
    const torch = peer.times.get(subject.peer);
    const best = [...stocks.get(subject)!].toSorted(([, a], [, b]) => a - b);
    rows.push([
      ...[subject.name, milliseconds(torch), milliseconds(everyFrame), ratio(torch, everyFrame)],
      ...[
        milliseconds(ours),
        ratio(torch, ours),
        milliseconds(shared),
        ratio(torch, shared),
        best.map(([name, time]) => `${name} ${milliseconds(time)}`).join(", ") || "-",
      ],
      ...[best.length === 0 ? "-" : ratio(best[0][1], ours)],
    ]);
  }
  const torch = peer.version ? `PyTorch ${peer.version}` : "PyTorch";
  const head = [
    "model",
    torch,
    "every frame",
    "faster",
    "strokewise",
    "faster",
    "two Workers",
    "faster",
    "stock tfjs",
    "faster",
  ];
  say(
    '"faster": by how much strokewise is, than PyTorch and than stock tfjs on its best backend; wasm borrows from cpu\n',
  );
  say(formatTable([head, ...rows]));
}

/** Both sets of wasm kernels. */
async function prepareWasm(): Promise<{ readonly stock: KernelSet; readonly ours: KernelSet }> {
  await startStockWasm();
  const stock = kernelSetOf("wasm");
  await startBackend("wasm");
  return { stock, ours: kernelSetOf("wasm") };
}

/** Makes a backend with tfjs's own kernels the current one. */
async function startStock(name: BackendName, wasm: { readonly stock: KernelSet }): Promise<void> {
  if (name === "webgpu") await import("@tensorflow/tfjs-backend-webgpu");
  const stock = name === "wasm" ? wasm.stock : kernelSetOf(name);
  await startBackend(name);
  useKernelSet(name, stock);
}

if (import.meta.main) await main("bench:step", benchStep);
