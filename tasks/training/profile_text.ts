/**
 * A profile as tables for the terminal, and as `profile.json`.
 *
 * @module
 */
import { percent } from "../../pipelines/base/text.ts";
import { formatTable } from "../cli/table.ts";
import { say } from "../cli/main.ts";
import { type KernelProfile, type Phase, PHASES, type Profile, type ProfileResult } from "./profile.ts";
import { writeAtomic } from "../../pipelines/base/files.ts";

/** What was profiled, and where it ran. */
export interface ProfileAbout {
  readonly model: string;
  readonly backend: string;
  readonly device: string;
}

const MOST_SHOWN = 20;

/** Shows a profile and writes it into the run's folder. */
export async function showProfile(
  profile: Profile,
  { folder, about }: { readonly folder: string; readonly about: ProfileAbout },
): Promise<void> {
  const result = profile.result();
  if (!result) return say("profile    none: there must be more steps than are left out as warm-up");
  await writeAtomic(`${folder}/profile.json`, JSON.stringify({ ...about, ...result }, null, 2) + "\n");
  say(formatProfile(result, about));
  say(`profile    ${folder}/profile.json`);
}

/** Two tables, the phases and the kernels, and how to read them. */
export function formatProfile(result: ProfileResult, { model, backend }: ProfileAbout): string {
  const { steps, warmUp, milliseconds: step, phases, kernels, deviceClock } = result;
  const onDevice = backend === "webgpu";
  const counted = sum(kernels, "values") > 0;
  const share = (milliseconds: number, of = step) => percent(milliseconds / of);
  const inStep = kernels.filter(({ phase }) => phase !== "other");
  const deviceStep = sum(inStep, "deviceMilliseconds");

  const phaseRow = (name: string, own: readonly Phase[]) => {
    const total = sum(phases.filter(({ phase }) => own.includes(phase)), "milliseconds");
    const group = kernels.filter(({ phase }) => own.includes(phase));
    const busy = sum(group, "milliseconds");
    const times = [total.toFixed(2), share(total), busy.toFixed(2), (total - busy).toFixed(2)];
    return [name, ...times, ...(deviceClock ? [sum(group, "deviceMilliseconds").toFixed(2)] : [])];
  };
  const everyStep = PHASES.filter((phase) => phase !== "other");
  const phaseTable = formatTable([
    ["phase", "ms a step", "share", "kernels", "JavaScript", ...(deviceClock ? ["device"] : [])],
    ...everyStep.map((phase) => phaseRow(phase, [phase])),
    phaseRow("step", everyStep),
    phaseRow("other", ["other"]),
  ], 1);

  const kernelRow = (name: string, phase: string, group: readonly KernelProfile[]) => {
    const own = sum(group, "milliseconds"), device = sum(group, "deviceMilliseconds");
    return [
      ...[
        name,
        phase,
        sum(group, "calls").toFixed(1),
        own.toFixed(2),
        share(own),
        (sum(group, "bytes") / 1e6).toFixed(2),
      ],
      ...(counted ? [percent(sum(group, "subnormals") / Math.max(1, sum(group, "values")))] : []),
      ...(onDevice ? [sum(group, "dispatches").toFixed(1)] : []),
      ...(deviceClock ? [device.toFixed(2), share(device, deviceStep)] : []),
    ];
  };
  const rest = inStep.slice(MOST_SHOWN);
  const kernelTable = formatTable([
    [
      ...["kernel", "phase", "calls", "ms a step", "share", "MB made"],
      ...(counted ? ["subnormal"] : []),
      ...(onDevice ? ["dispatches"] : []),
      ...(deviceClock ? ["device ms", "share"] : []),
    ],
    ...inStep.slice(0, MOST_SHOWN).map((one) => kernelRow(one.kernel || "(tfjs itself)", one.phase, [one])),
    ...(rest.length > 0 ? [kernelRow(`${rest.length} more`, "", rest)] : []),
  ], 2);
  const title = `profile    ${model} on ${backend}: means of ${steps} steps, after ${warmUp} that are left out`;
  return ["", title, "", phaseTable, "", kernelTable, "", ...readingOf({ onDevice, deviceClock, counted })].join("\n");
}

function readingOf(
  { onDevice, deviceClock, counted }: { onDevice: boolean; deviceClock: boolean; counted: boolean },
): string[] {
  return [
    "other: logging, evaluation and checkpoints, which are no part of the step.",
    "kernels: inside tfjs's kernels, those that a kernel calls itself counted once; JavaScript: around them, such as",
    "tfjs's engine and its tape, or waiting. MB made: new tensors written. A kernel has a line for each of its phases.",
    ...(counted
      ? [
        "subnormal: of the values read and written, those that are not 0 but below 1.2e-38, with which many processors",
        "compute a hundred times as slowly. They were counted between the kernels: compare no times.",
      ]
      : []),
    ...(onDevice
      ? [
        "On webgpu a kernel only records its work: ms a step is recording, and the wait for the device is in other.",
        deviceClock
          ? "device: what that work took by the graphics device's own clock, each program in a pass of its own."
          : "This device has no clock (timestamp-query): what its work took is not known, only how much was dispatched.",
      ]
      : []),
  ];
}

function sum<K extends string>(rows: readonly Readonly<Record<K, number>>[], key: K): number {
  return rows.reduce((total, row) => total + row[key], 0);
}
