/**
 * What the files of a run hold, as facts with a name each.
 *
 * @module
 */
import { withoutOptions } from "../../pipelines/sources/address.ts";
import { InputError } from "../../pipelines/base/errors.ts";
import { folderOf, infoOf } from "../../pipelines/base/files.ts";
import { counted, grouped } from "../../pipelines/base/text.ts";
import { baseName } from "../../pipelines/sources/source.ts";
import { evaluationLines, type Metrics, stepLines, type Values } from "./metrics.ts";
import type { Provenance } from "./provenance.ts";
import { loadRunCheckpoint, readMetrics, readOptions, runFilesIn } from "./run_directory.ts";

/** A name and what there is of it. */
export type Fact = readonly [name: string, fact: string];

/**
 * Describes a run's folder, or one of its files: a checkpoint, `metrics.jsonl` or `options.json`.
 *
 * @returns Undefined where the path is none of these.
 * @throws {InputError} When it is one and is damaged.
 */
export async function describeRun(path: string): Promise<Fact[] | undefined> {
  const info = await infoOf(path);
  if (info === undefined || path === "-") return undefined;
  if ((await Deno.stat(path)).isDirectory) return await describeFolder(path);
  const name = baseName(path);
  if (name.endsWith(".safetensors")) {
    return [
      ["format", "checkpoint: weights and state of a run, as deno task train saves them"],
      ...await ofCheckpoint(path),
    ];
  }
  if (name === "metrics.jsonl") {
    return [["format", "metrics of a run, a JSON line for each"], ...ofMetrics(await readMetrics(folderOf(path)))];
  }
  if (name !== "options.json") return undefined;
  const options = await readOptions(folderOf(path));
  if (options === undefined) return undefined;
  return [["format", "options of a run, for --config"], ...Object.entries(options).map(optionFact)];
}

const optionFact = ([name, value]: [string, unknown]): Fact => [
  name,
  typeof value === "object" && !Array.isArray(value) ? JSON.stringify(value) : String(value),
];

async function describeFolder(folder: string): Promise<Fact[] | undefined> {
  const found = await runFilesIn(folder);
  if (found.length === 0) return undefined;
  const checkpoint = found.find((name) => name.endsWith(".safetensors"));
  const names = (await Array.fromAsync(Deno.readDir(folder), ({ name }) => name)).sort();
  return [
    ["format", "run: a folder that deno task train made"],
    ["files", names.join(", ")],
    ...(checkpoint
      ? await ofCheckpoint(`${folder}/${checkpoint}`, await aboutOf(folder))
      : [["checkpoint", "none"] as const]),
    ...ofMetrics(await readMetrics(folder)),
    [
      "go on",
      checkpoint === undefined
        ? "there is nothing to go on from"
        : `deno task evaluate --run ${folder}${
          found.includes("last.safetensors") ? `, or train --resume ${folder}` : ""
        }`,
    ],
  ];
}

async function aboutOf(folder: string): Promise<Partial<Provenance> | undefined> {
  return (await readOptions(folder))?.about as unknown as Partial<Provenance> | undefined;
}

async function ofCheckpoint(path: string, { workers: why }: Partial<Provenance> = {}): Promise<Fact[]> {
  const { tensors, state: { settings, data, backend, position, ranks } } = await loadRunCheckpoint(path);
  const weights = Object.entries(tensors).filter(([name]) => name.startsWith("model/"));
  const numbers = weights.reduce((sum, [, { data }]) => sum + data.length, 0);
  const { classes } = data;
  try {
    return [
      ["model", `${settings.model.name}, ${grouped(numbers)} numbers in ${weights.length} tensors`],
      ["checkpoint", `${baseName(path)} of step ${grouped(position.step)}`],
      [
        "trained on",
        `${withoutOptions(settings.data)}: ${data.dataset}, ${counted(classes.length, "class", "classes")}`,
      ],
      ["backend", backend],
      ...(ranks === undefined ? [] : [["ranks", `${ranks}`] as const]),
      ["workers", `${settings.workers}${why === undefined ? "" : ` (${why})`}`],
    ];
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new InputError(`checkpoint ${path}: its state is of no run: ${error.message}`);
  }
}

function ofMetrics(lines: readonly Metrics[]): Fact[] {
  const [steps, evaluations] = [stepLines(lines), evaluationLines(lines)];
  const said = (values: Values) =>
    Object.entries(values).map(([name, value]) => `${name} ${value.toPrecision(4)}`).join(", ");
  const [step, last, best] = [steps.at(-1), evaluations.at(-1), evaluations.findLast(({ best }) => best)];
  return [
    ["metrics", `${grouped(steps.length)} of steps, ${grouped(evaluations.length)} of evaluations on valid`],
    ...(step ? [["last step", `${grouped(step.step)}: ${said(step.train)}`] as const] : []),
    ...(last ? [["last valid", `step ${grouped(last.step)}: ${said(last.valid)}`] as const] : []),
    ...(best && best !== last ? [["best valid", `step ${grouped(best.step)}: ${said(best.valid)}`] as const] : []),
  ];
}
