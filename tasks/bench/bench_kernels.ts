/**
 * Kernel by kernel: this project's wasm kernels against those of stock tfjs, and against what the machine can do.
 *
 * Both sets of kernels work on one wasm backend, and so on the same tensors; they take turns.
 *
 * @module
 */
import { percent } from "../../pipelines/base/text.ts";
import * as tf from "@tensorflow/tfjs-core";
import { type KernelSet, kernelSetOf, useKernelSet } from "../../models/kernels/kernel_set.ts";
import { startStockWasm } from "../../models/kernels/wasm/stock.ts";
import { Prng } from "../../pipelines/base/prng.ts";
import { FEW_FRAMES, FRAMES, KERNEL_CASES, type KernelCase } from "./bench_kernel_cases.ts";
import { say } from "../cli/main.ts";
import { formatTable, milliseconds } from "../cli/table.ts";
import { median } from "../../pipelines/base/median.ts";
import { VANISHING_CASES } from "./vanishing_cases.ts";
import { startBackend } from "../../models/backends/backend.ts";

/** Milliseconds that a pair may take, and how many turns at the least and most. */
const BUDGET = 1500, FEWEST = 3, MOST = 40;
const VANISHING_TURNS = 9;
/** Work that is done sooner is repeated until it takes so many milliseconds. */
const SHORTEST = 2;

/** What the machine can do: FLOP and bytes a millisecond. */
interface Peak {
  readonly flops: number;
  readonly bytes: number;
}

/** Times every case and prints the table. */
export async function benchKernels(): Promise<void> {
  await startStockWasm();
  const stock = kernelSetOf("wasm");
  await startBackend("wasm");
  const ours = kernelSetOf("wasm");
  const peak = measurePeak();
  say(
    `\nkernels on wasm, one thread, medians of ${FEWEST} to ${MOST} turns; ` +
      `peak: ${gigas(peak.flops)} GFLOP/s (matMul of 512), ${gigas(peak.bytes)} GB/s (copy of 16 MiB)`,
  );
  say(
    "roofline: the share of what the peaks allow, dense arithmetic and each tensor moved once; cpu: lent by tfjs's cpu",
  );
  say(inColumns(["kernel", "size", "stock on", "stock ms", "ours ms", "times", "rate", "roofline"]));
  for (const work of KERNEL_CASES) {
    tf.engine().startScope();
    const times = timeCase(work, { stock, ours });
    tf.engine().endScope();
    tf.disposeVariables();
    say(inColumns(rowOf(work, times, peak)));
  }
  useKernelSet("wasm", ours);
  benchVanishing();
}

/** How much longer the same work takes where numbers vanish: 1 where no kernel makes or keeps a subnormal one. */
function benchVanishing(): void {
  say("\nwhere numbers vanish: gradients over many steps, moments without gradients, tails; medians in ms");
  const rows = VANISHING_CASES.map(({ what, prepare }) => {
    tf.engine().startScope();
    const works = [false, true].map((vanishing) => prepare(new Prng(1), { vanishing, size: 8 }));
    const times = works.map((work) => [time(work, 1)].slice(1)); // the first call prepares what later ones find
    for (let turn = 0; turn < VANISHING_TURNS; turn++) works.forEach((work, i) => times[i].push(time(work, 1)));
    tf.engine().endScope();
    const [ordinary, vanishing] = times.map(median);
    return [what, milliseconds(ordinary), milliseconds(vanishing), (vanishing / ordinary).toFixed(2)];
  });
  say(formatTable([["work", "ordinary", "vanishing", "ratio"], ...rows]));
}

function timeCase(
  { prepare, prepareStock = prepare, slow }: KernelCase,
  { stock, ours }: Readonly<Record<"stock" | "ours", KernelSet>>,
): { stock: number; ours: number } {
  const sides = [
    { kernels: stock, prepare: prepareStock, frames: slow ? FEW_FRAMES : FRAMES },
    { kernels: ours, prepare, frames: FRAMES },
  ].map(({ kernels, prepare, frames }) => {
    useKernelSet("wasm", kernels);
    const work = prepare(new Prng(1), frames);
    time(work, 1); // the first call prepares what later ones find
    const once = time(work, 1);
    return { kernels, work, repeat: Math.max(1, Math.ceil(SHORTEST / once)), once, times: [] as number[] };
  });
  const turn = sides.reduce((sum, { repeat, once }) => sum + repeat * once, 0);
  const turns = Math.min(MOST, Math.max(FEWEST, Math.floor(BUDGET / turn)));
  for (let i = 0; i < turns; i++) {
    for (const { kernels, work, repeat, times } of sides) {
      useKernelSet("wasm", kernels);
      times.push(time(work, repeat));
    }
  }
  return { stock: median(sides[0].times) * (slow ? FRAMES / FEW_FRAMES : 1), ours: median(sides[1].times) };
}

/** Milliseconds that work takes once; wasm kernels have done it when they return. */
function time(work: () => unknown, repeat: number): number {
  const began = performance.now();
  for (let i = 0; i < repeat; i++) tf.tidy(() => void work());
  return (performance.now() - began) / repeat;
}

function measurePeak(): Peak {
  const best = (work: () => unknown) => Math.min(...Array.from({ length: 20 }, () => time(work, 1)));
  const from = new Float32Array(4 << 20).fill(1), to = new Float32Array(4 << 20);
  const matrix = tf.ones<tf.Rank.R2>([512, 512]);
  const [copy, product] = [best(() => to.set(from)), best(() => tf.matMul(matrix, matrix))];
  matrix.dispose();
  return { flops: 2 * 512 ** 3 / product, bytes: (from.byteLength + to.byteLength) / copy };
}

const gigas = (aMillisecond: number) => (aMillisecond / 1e6).toFixed(1);

function rowOf(work: KernelCase, { stock, ours }: { stock: number; ours: number }, peak: Peak): string[] {
  const { what, size, flops, bytes } = work;
  const rate = flops > 0 ? `${gigas(flops / ours)} GFLOP/s` : `${gigas(bytes / ours)} GB/s`;
  const share = Math.max(flops / peak.flops, bytes / peak.bytes) / ours;
  const times = [(work.slow ? "~" : "") + stock.toFixed(3), ours.toFixed(3), (stock / ours).toFixed(1)];
  return [what, size, work.stock, ...times, rate, percent(share, 0)];
}

const WIDTHS = [26, 38, 11, 11, 10, 8, 15, 10];

function inColumns(cells: readonly string[]): string {
  return cells.map((cell, i) => i < 3 ? cell.padEnd(WIDTHS[i]) : cell.padStart(WIDTHS[i])).join("");
}
