/**
 * `deno task bench --gpu`: a training step on the graphics card, with this project's kernels and with tfjs's own, and
 * what each kernel takes. It runs unattended; in software it shows only that it runs.
 *
 * @module
 */
import { type KernelSet, kernelSetOf, useKernelSet } from "../../models/kernels/kernel_set.ts";
import { dispatchCount } from "../../models/kernels/webgpu/dispatches.ts";
import { isSoftware } from "../../models/backends/webgpu_device.ts";
import { timePytorch } from "./bench_peers.ts";
import { gpuSubjects, type Subject, timeSteps } from "./bench_subjects.ts";
import { formatTable, milliseconds, ratio } from "../cli/table.ts";
import { say } from "../cli/main.ts";
import { Profile } from "../training/profile.ts";
import { formatProfile } from "../training/profile_text.ts";
import { startBackend } from "../../models/backends/backend.ts";

/** Where PyTorch is. */
export interface GpuBench {
  readonly peers: string;
  readonly python: string;
}

/** Times and prints everything. */
export async function benchGpu({ peers, python }: GpuBench): Promise<void> {
  await import("@tensorflow/tfjs-backend-webgpu");
  const stock = kernelSetOf("webgpu");
  const { device } = await startBackend("webgpu");
  const ours = kernelSetOf("webgpu");
  const software = isSoftware(device);
  say(`\na training step on webgpu: ${device}; medians in ms; stock tfjs computes every frame`);
  if (software) say("This is no graphics card: few steps, and what would take more than a minute is left out.");
  const plan = software ? { warmUp: 1, steps: 2, patience: 20_000 } : { warmUp: 10, steps: 50, patience: 60_000 };

  const subjects = gpuSubjects();
  const peer = software
    ? undefined
    : await timePytorch({ python, folder: peers, batchSizes: [32, 256], env: { STROKEWISE_DEVICE: "cuda" } });
  const rows: string[][] = [];
  for (const subject of subjects) {
    const isLong = software && (subject.batchSize > 64 || subject.options.input === "pixels");
    const time = async (kernels: KernelSet, full: boolean) => {
      if (isLong) return { time: undefined, dispatches: "-" };
      useKernelSet("webgpu", kernels);
      return {
        time: await timeSteps(subject, { ...plan, full }),
        dispatches: `${await countDispatches(subject, full)}`,
      };
    };
    const [theirs, own] = [await time(stock, true), await time(ours, false)];
    const cuda = peer?.times.get(`cuda ${subject.peer}`), cpu = peer?.times.get(subject.peer);
    rows.push([
      ...[subject.name, milliseconds(own.time), own.dispatches, milliseconds(theirs.time), theirs.dispatches],
      ...[
        ratio(theirs.time, own.time),
        cuda === undefined ? "not measured" : milliseconds(cuda),
        ratio(cuda, own.time),
      ],
      ...[milliseconds(cpu), ratio(cpu, own.time)],
    ]);
  }
  const cells = ["strokewise", "dispatches", "stock tfjs", "dispatches", "faster", "PyTorch cuda", "faster"];
  say(formatTable([["model", ...cells, "PyTorch cpu", "faster"], ...rows]));

  useKernelSet("webgpu", ours);
  for (const subject of subjects) {
    if (software && subject !== subjects[0]) continue;
    const profile = new Profile(software ? 1 : 5);
    await timeSteps(subject, { ...plan, warmUp: 0, steps: software ? 2 : 25, profile });
    const result = profile.result();
    if (result) say(formatProfile(result, { model: subject.name, backend: "webgpu", device }));
  }
}

/** The programs that a step runs, once the optimizer has its slots. */
async function countDispatches(subject: Subject, full: boolean): Promise<number> {
  const ofSteps = async (steps: number) => {
    const before = dispatchCount();
    await timeSteps(subject, { warmUp: 0, steps, patience: Infinity, full });
    return dispatchCount() - before;
  };
  return -await ofSteps(1) + await ofSteps(2);
}
