/**
 * `deno task bench --gpu`: a training step on the graphics card, with this project's kernels, with tfjs's own where that
 * is asked for, and with PyTorch, and what each kernel takes. It runs unattended, and prints each row when it knows it; in
 * software it shows only that it runs, and how many programs it sends to the device.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { InputError } from "../../pipelines/base/errors.ts";
import { Prng } from "../../pipelines/base/prng.ts";
import { type KernelSet, kernelSetOf, useKernelSet } from "../../models/kernels/kernel_set.ts";
import { dispatchCount } from "../../models/kernels/webgpu/dispatches.ts";
import { isSoftware } from "../../models/backends/webgpu_device.ts";
import { warmUp } from "../../models/backends/warm_up.ts";
import { GPU_CASES, type GpuCase } from "./bench_gpu_cases.ts";
import { findPytorch } from "./bench_peers.ts";
import { drawingShards, gpuSubjects, preparedDrawings } from "./bench_subjects.ts";
import { type Subject, timeSteps } from "./subject.ts";
import { median } from "../../pipelines/base/median.ts";
import { milliseconds, ratio } from "../cli/table.ts";
import { say } from "../cli/main.ts";
import { Profile } from "../training/profile.ts";
import { formatProfile } from "../training/profile_text.ts";
import { startBackend } from "../../models/backends/backend.ts";

/** What is timed. */
export interface GpuBench {
  /** A folder of shards of drawings; the embedded ones, prepared, when left out. */
  readonly data: string | undefined;
  /** The Python that has PyTorch. */
  readonly python: string;
  /** Whether steps of stock tfjs are timed too, which take some ten times as long. */
  readonly stock: boolean;
}

/** How much is timed: enough on a card, little in software. */
const PLANS = {
  card: { warmUp: 1, steps: 50, together: 10, patience: 8_000, batchSize: undefined, caseBatch: 100, turns: 10 },
  software: { warmUp: 1, steps: 2, together: 1, patience: 20_000, batchSize: 4, caseBatch: 4, turns: 3 },
} as const;

/** Both sets of kernels for webgpu. */
type KernelSets = Readonly<Record<"stock" | "ours", KernelSet>>;

/**
 * Times and prints everything.
 *
 * @throws {InputError} If there is no adapter, not even one in software.
 */
export async function benchGpu({ data, python, stock }: GpuBench): Promise<void> {
  const { sets, device } = await openSets();
  const software = isSoftware(device);
  const plan = PLANS[software ? "software" : "card"];
  say(`\nwebgpu on ${device}; medians in ms`);
  if (software) {
    say("There is no graphics card here, only this program that stands in for one: the times say nothing about cards.");
    say(
      `Batches of ${plan.batchSize}, few steps, no T of 784 or 250; a card would be sent as many programs as are counted here.`,
    );
  }
  await benchCases(sets, plan);

  await using shards = await drawingShards(data);
  const all = await gpuSubjects(await preparedDrawings(shards.folder), plan.batchSize);
  const subjects = all.filter(({ long }) => !(software && long));
  say(`\na training step, ${plan.together} at a time; dispatches: programs that it sends to the device\n`);
  say(inColumns(["model", "ours", "dispatches", ...(stock ? ["stock tfjs", "dispatches", "faster"] : [])]));
  const ours = new Map<string, number>();
  for (const subject of subjects) {
    const time = async (kernels: KernelSet) => {
      useKernelSet("webgpu", kernels);
      return { time: await timeSteps(subject, plan), dispatches: `${await countDispatches(subject)}` };
    };
    const own = await time(sets.ours);
    ours.set(subject.name, own.time);
    const cells = [subject.name, milliseconds(own.time), own.dispatches];
    if (stock) {
      const theirs = await time(sets.stock);
      cells.push(milliseconds(theirs.time), theirs.dispatches, ratio(theirs.time, own.time));
    }
    say(inColumns(cells));
  }
  if (!software) await benchPeers(subjects, { python, ours });

  useKernelSet("webgpu", sets.ours);
  for (const subject of software ? subjects.slice(0, 1) : subjects) {
    const profile = new Profile({ warmUp: software ? 1 : 5 });
    await timeSteps(subject, { ...plan, together: 1, warmUp: 0, steps: software ? 2 : 25, profile });
    const result = profile.result();
    if (result) say(formatProfile(result, { model: subject.name, backend: "webgpu", device }));
  }
}

/** Starts webgpu and keeps the kernels of before. */
async function openSets(): Promise<{ readonly sets: KernelSets; readonly device: string }> {
  await import("@tensorflow/tfjs-backend-webgpu");
  const stock = kernelSetOf("webgpu");
  try {
    const { device } = await startBackend("webgpu");
    return { sets: { stock, ours: kernelSetOf("webgpu") }, device };
  } catch (error) {
    throw new InputError(`--gpu: there is no graphics card to time: ${(error as Error).message}`);
  }
}

/** Times PyTorch's steps on the card and on the processor, where it is. */
async function benchPeers(
  subjects: readonly Subject[],
  { python, ours }: { readonly python: string; readonly ours: ReadonlyMap<string, number> },
): Promise<void> {
  const torch = await findPytorch(python);
  if (torch === undefined) return;
  const jobs = subjects.map(({ peer }) => peer);
  const { steps, together } = PLANS.card;
  const plans = [{ steps, together, seconds: 10, device: "cuda" }, { steps: 5, seconds: 5, device: "cpu" }];
  for (const plan of plans) {
    say(`\nthe same steps by PyTorch ${torch.version} on ${plan.device}\n`);
    say(inColumns(["model", "ours", "PyTorch", "faster"]));
    for await (const [name, time] of torch.time(jobs, plan)) {
      const own = ours.get(name)!;
      say(inColumns([name, milliseconds(own), milliseconds(time), ratio(time, own)]));
    }
  }
}

/** Times each operation with one kernel and made of stock ones, in turns. */
async function benchCases(
  sets: KernelSets,
  { caseBatch, turns, together }: { caseBatch: number; turns: number; together: number },
): Promise<void> {
  const [examples, times] = [`${caseBatch} examples`, `${together} at a time`];
  say(`\noperations and their gradients, ${examples}, ${times}: as kernels of their own, and made of stock tfjs's\n`);
  say(inColumns(["operation", "ours", "dispatches", "stock tfjs", "dispatches", "faster"]));
  for (const work of GPU_CASES) {
    const [own, theirs] = await timeCase(work, { kernels: [sets.ours, sets.stock], batch: caseBatch, turns, together });
    const cells = [own, theirs].flatMap(({ time, dispatches }) => [milliseconds(time), `${dispatches}`]);
    say(inColumns([`${work.what}, ${work.size}`, ...cells, ratio(theirs.time, own.time)]));
  }
}

/** The median time and the dispatches of an operation with each set of kernels. */
async function timeCase(
  { prepare }: GpuCase,
  { kernels, batch, turns, together }: {
    readonly kernels: readonly KernelSet[];
    readonly batch: number;
    readonly turns: number;
    readonly together: number;
  },
): Promise<{ readonly time: number; readonly dispatches: number }[]> {
  tf.engine().startScope();
  const work = prepare(new Prng(1), batch);
  const sides = kernels.map((kernels) => ({ kernels, times: [] as number[], dispatches: 0 }));
  for (let turn = 0; turn <= turns; turn++) {
    for (const side of sides) {
      useKernelSet("webgpu", side.kernels);
      const before = dispatchCount(), began = performance.now();
      await warmUp(() => {
        for (let i = 0; i < together; i++) tf.tidy(() => void work());
        return Promise.resolve();
      }); // until it is really done
      if (turn > 0) side.times.push((performance.now() - began) / together); // the first has programs compiled
      side.dispatches = (dispatchCount() - before) / together;
    }
  }
  tf.engine().endScope();
  return sides.map(({ times, dispatches }) => ({ time: median(times), dispatches }));
}

/** The programs that a step runs, once the optimizer has its slots. */
async function countDispatches(subject: Subject): Promise<number> {
  const ofSteps = async (steps: number) => {
    const before = dispatchCount();
    await timeSteps(subject, { warmUp: 0, steps, patience: Infinity });
    return dispatchCount() - before;
  };
  return -await ofSteps(1) + await ofSteps(2);
}

const WIDTHS = [50, 9, 12, 12, 12, 9];

function inColumns(cells: readonly string[]): string {
  return cells.map((cell, i) => i === 0 ? cell.padEnd(WIDTHS[i]) : cell.padStart(WIDTHS[i])).join("").trimEnd();
}
