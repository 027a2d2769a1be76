/**
 * `deno task bench --gpu`: a training step on the graphics card, with this project's kernels and with tfjs's own, and
 * what each kernel takes. It runs unattended; in software it shows only that it runs.
 *
 * @module
 */
import { type KernelSet, kernelSetOf, useKernelSet } from "../../models/kernels/kernel_set.ts";
import { dispatchCount } from "../../models/kernels/webgpu/dispatches.ts";
import { isSoftware } from "../../models/backends/webgpu_device.ts";
import { findPytorch } from "./bench_peers.ts";
import { drawingShards, gpuSubjects, preparedDrawings, type Subject, timeSteps } from "./bench_subjects.ts";
import { formatTable, milliseconds, ratio } from "../cli/table.ts";
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
}

/** Times and prints everything. */
export async function benchGpu({ data, python }: GpuBench): Promise<void> {
  await import("@tensorflow/tfjs-backend-webgpu");
  const stock = kernelSetOf("webgpu");
  const { device } = await startBackend("webgpu");
  const ours = kernelSetOf("webgpu");
  const software = isSoftware(device);
  say(`\na training step on webgpu: ${device}; medians in ms`);
  if (software) say("This is no graphics card: few steps, and what would take more than a minute is left out.");
  const plan = software ? { warmUp: 1, steps: 2, patience: 20_000 } : { warmUp: 10, steps: 50, patience: 60_000 };

  await using shards = await drawingShards(data);
  const subjects = await gpuSubjects(await preparedDrawings(shards.folder));
  const jobs = subjects.map(({ peer }) => peer);
  const torch = software ? undefined : await findPytorch(python);
  const cuda = await torch?.time(jobs, { steps: 50, seconds: 30, device: "cuda" });
  const cpu = await torch?.time(jobs, { steps: 20, seconds: 30, device: "cpu" });
  const rows: string[][] = [];
  for (const subject of subjects) {
    const isLong = software && (subject.batch.size > 64 || subject.options.input === "pixels");
    const time = async (kernels: KernelSet) => {
      if (isLong) return { time: undefined, dispatches: "-" };
      useKernelSet("webgpu", kernels);
      return { time: await timeSteps(subject, plan), dispatches: `${await countDispatches(subject)}` };
    };
    const [theirs, own] = [await time(stock), await time(ours)];
    const [onCard, onProcessor] = [cuda?.get(subject.name), cpu?.get(subject.name)];
    rows.push([
      ...[subject.name, milliseconds(own.time), own.dispatches, milliseconds(theirs.time), theirs.dispatches],
      ...[ratio(theirs.time, own.time), onCard === undefined ? "not measured" : milliseconds(onCard)],
      ...[ratio(onCard, own.time), milliseconds(onProcessor), ratio(onProcessor, own.time)],
    ]);
  }
  const cells = ["strokewise", "dispatches", "stock tfjs", "dispatches", "faster", "PyTorch cuda", "faster"];
  say(formatTable([["model", ...cells, "PyTorch cpu", "faster"], ...rows]));

  useKernelSet("webgpu", ours);
  for (const subject of subjects) {
    if (software && subject !== subjects[0]) continue;
    const profile = new Profile({ warmUp: software ? 1 : 5 });
    await timeSteps(subject, { ...plan, warmUp: 0, steps: software ? 2 : 25, profile });
    const result = profile.result();
    if (result) say(formatProfile(result, { model: subject.name, backend: "webgpu", device }));
  }
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
