/**
 * The PyTorch program beside which training steps are timed, on the same batches and at its best.
 *
 * @module
 */
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import type { NdArray } from "../../pipelines/base/arrays.ts";
import { InputError } from "../../pipelines/base/errors.ts";
import { encodeNpz } from "../../pipelines/formats/npz.ts";

/** One thing that the program is to time; what else it holds is the model's. */
export interface PeerJob {
  /** By which its time is found. */
  readonly name: string;
  readonly model: string;
  /** What the model reads; `label` too. */
  readonly fields: Readonly<Record<string, NdArray>>;
  readonly classes: number;
  /** `skip` blank frames or padding, `input` rows or pixels, `window` of N, `clipNorm`, sizes. */
  readonly options: Readonly<Record<string, unknown>>;
}

/** How steps are timed. */
export interface PeerPlan {
  /** Steps after two, or two groups, to warm up. */
  readonly steps: number;
  /** Steps that are begun before the last of them is waited for; 1 when left out. */
  readonly together?: number;
  /** No further step of a job is begun after so many seconds. */
  readonly seconds: number;
  /** Such as `cpu` or `cuda`. */
  readonly device: string;
}

/** A Python that has PyTorch. */
export interface PyTorch {
  readonly version: string;
  /** What OpenBLAS is told to compute for; undefined where its own choice is the best. */
  readonly coreType: string | undefined;
  /** GFLOP/s of a product of 512 with two threads. */
  readonly rate: number;
  /** Yields each job's name and its milliseconds a step as they come; what it cannot run is missing. */
  time(jobs: readonly PeerJob[], plan: PeerPlan): AsyncIterable<readonly [name: string, milliseconds: number]>;
}

/** What OpenBLAS can be told, and the processor's flag that it needs; it chooses wrong on processors newer than itself. */
const CORE_TYPES = { SkylakeX: "avx512f", Zen: "avx2", Haswell: "avx2" } as const;

/**
 * The core types that this processor can run.
 *
 * @param processor What `/proc/cpuinfo` says of it.
 */
export function coreTypesFor(processor: string): string[] {
  const flags = new Set(/^flags\s*:(.*)$/m.exec(processor)?.[1].trim().split(/\s+/));
  return Object.entries(CORE_TYPES).filter(([, flag]) => flags.has(flag)).map(([name]) => name);
}

/**
 * Finds PyTorch, and the core type with which its matrix products are fastest.
 *
 * @returns Undefined where that Python, or PyTorch in it, is missing.
 */
export async function findPytorch(python: string): Promise<PyTorch | undefined> {
  const processor = await Deno.readTextFile("/proc/cpuinfo").catch(() => "");
  let best: Pick<PyTorch, "version" | "coreType" | "rate"> | undefined;
  for (const coreType of [undefined, ...coreTypesFor(processor)]) {
    const product = runPeer(python, { program: "steps.py", args: ["--product"], env: coreTypeEnv(coreType) });
    const [line] = await Array.fromAsync(product);
    if (line === undefined) continue;
    const { torch, rate } = line as { torch: string; rate: number };
    if (best === undefined || rate > best.rate) best = { version: torch, coreType, rate };
  }
  return best && { ...best, time: (jobs, plan) => timeJobs(python, { jobs, plan, coreType: best.coreType }) };
}

async function* timeJobs(
  python: string,
  { jobs, plan, coreType }: {
    readonly jobs: readonly PeerJob[];
    readonly plan: PeerPlan;
    readonly coreType: string | undefined;
  },
): AsyncGenerator<readonly [name: string, milliseconds: number]> {
  const folder = await Deno.makeTempDir({ prefix: "strokewise-bench-" });
  try {
    const written = await Promise.all(jobs.map(async ({ fields, options, ...job }, i) => {
      const batch = `${folder}/${i}.npz`;
      await Deno.writeFile(batch, encodeNpz(fields));
      return { ...job, ...options, ...plan, batch };
    }));
    await Deno.writeTextFile(`${folder}/jobs.json`, JSON.stringify(written));
    const args = [`${folder}/jobs.json`];
    for await (const line of runPeer(python, { program: "steps.py", args, env: coreTypeEnv(coreType) })) {
      const { name, milliseconds } = line as { name: string; milliseconds: number };
      yield [name, milliseconds] as const;
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const coreTypeEnv = (coreType: string | undefined) => coreType === undefined ? {} : { OPENBLAS_CORETYPE: coreType };

/**
 * Runs a program of `peers/`, and ends it with whoever reads it.
 *
 * @returns Yields the values of the JSON lines that it prints, up to where it fails; none where there is no such Python.
 */
export async function* runPeer(
  python: string,
  { program, args, env = {} }: {
    readonly program: string;
    readonly args: readonly string[];
    readonly env?: Readonly<Record<string, string>>;
  },
): AsyncGenerator<unknown> {
  const path = decodeURIComponent(new URL(`peers/${program}`, import.meta.url).pathname);
  const command = new Deno.Command(python, { args: [path, ...args], env, stdout: "piped", stderr: "null" });
  let child: Deno.ChildProcess;
  try {
    child = command.spawn();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return;
    throw error;
  }
  await using _process = child; // ends it
  const lines = createInterface({ input: Readable.from(child.stdout.pipeThrough(new TextDecoderStream())) });
  for await (const line of lines) {
    if (line === "") continue;
    try {
      yield JSON.parse(line);
    } catch {
      throw new InputError(`--python ${python}: printed "${line.slice(0, 60)}", expected ${program} to print JSON`);
    }
  }
}
