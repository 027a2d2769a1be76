/**
 * `deno task fuzz`: good inputs with small changes, thrown at every parser. Each must be taken or refused for a reason
 * that is documented, at once and without much memory; anything else is a defect, shown with its input.
 *
 * @module
 */
import { InputError, Reject } from "../../pipelines/base/errors.ts";
import { Prng } from "../../pipelines/base/prng.ts";
import { commandLineTarget } from "./command_lines.ts";
import type { FuzzTarget } from "./fuzz_target.ts";
import { fuzzTargets } from "./fuzz_targets.ts";
import { ownFileTargets } from "./own_files.ts";
import { postedRowTarget } from "./posted_rows.ts";
import { processTarget } from "./processes.ts";
import { main, say } from "../cli/main.ts";
import { parseOptions } from "../cli/options.ts";
import type { TaskSpec } from "../cli/task_spec.ts";

const SPEC = {
  name: "fuzz",
  summary:
    "Throws broken inputs at the parsers, our own files and command lines among them: each is taken, or refused " +
    "for a documented reason.",
  examples: ["deno task fuzz --only npy,npz --count 1000 --seed 7"],
  groups: {
    "": {
      count: { value: 100_000, help: "inputs for each parser, 1 or more", min: 1, whole: true },
      seed: { value: 0, help: "of the changes; a whole number", whole: true },
      only: { value: [] as readonly string[], help: "these parsers, comma-separated; all when left out" },
    },
  },
} as const satisfies TaskSpec;

/** Where files are changed and commands run, below the working folder: this task may write nowhere else. */
const FOLDER = "data/fuzz";

/** Milliseconds that one input may take: many times what the slowest good one does, so that a busy machine is no defect. */
const MAX_TIME = 2000;
/** Bytes by which the process may grow with one parser. */
const MAX_GROWTH = 2 ** 29;

const REASONS_SHOWN = 12;

/** What became of one parser's inputs. */
export interface FuzzResult {
  readonly name: string;
  readonly inputs: number;
  readonly accepted: number;
  /** Refusals by reason, the most frequent first. */
  readonly refused: ReadonlyMap<string, number>;
  /** Milliseconds. */
  readonly slowest: number;
}

/**
 * Tries one parser.
 *
 * @throws {Error} At the first input that is neither taken nor refused as documented, or takes too long; the message has
 * the input in base64.
 */
export async function fuzzOne(
  name: string,
  target: FuzzTarget,
  { count: wanted, seed }: { readonly count: number; readonly seed: number },
): Promise<FuzzResult> {
  const { most = Infinity, patience = MAX_TIME } = target;
  const count = Math.min(wanted, most);
  const prng = new Prng(seed);
  const refused = new Map<string, number>();
  const before = Deno.memoryUsage().rss;
  let [accepted, slowest] = [0, 0];
  for (let i = 0; i < count; i++) {
    const input = target.draw(prng);
    const began = performance.now();
    try {
      await target.parse(input);
      accepted++;
    } catch (error) {
      const reason = reasonOf(error);
      if (reason === undefined) throw defect(name, input, error);
      refused.set(reason, (refused.get(reason) ?? 0) + 1);
    }
    const time = performance.now() - began;
    slowest = Math.max(slowest, time);
    if (time > patience) throw defect(name, input, new Error(`it took ${Math.round(time)} ms`));
    if (Deno.memoryUsage().rss - before > MAX_GROWTH) throw defect(name, input, new Error("too much memory"));
  }
  return { name, inputs: count, accepted, refused: new Map([...refused].sort(([, a], [, b]) => b - a)), slowest };
}

/** Why an input was refused, without its numbers; nothing where the error is none that a parser documents. */
function reasonOf(error: unknown): string | undefined {
  if (error instanceof Reject) return error.reason;
  if (error instanceof InputError) return error.message;
  const isOurs = error instanceof SyntaxError || error instanceof TypeError || error instanceof RangeError;
  const text = isOurs ? /(?:^|: )((?:Cannot read (?!propert)|Shape \[).*)$/s.exec(error.message)?.[1] : undefined;
  return text?.replace(/^Cannot read [^:]*: /, "").replace(
    /(?<=^(?:it names|dtype|opcode|version) ).*|[[("'].*|\d.*/s,
    "…",
  );
}

function defect(name: string, input: Uint8Array, cause: unknown): Error {
  const bytes = input.length > 3000 ? `${input.length} bytes` : input.toBase64();
  return new Error(`${name}: ${cause instanceof Error ? cause.message : cause}; the input: ${bytes}`, { cause });
}

/** A table of results. */
export function formatFuzz(results: readonly FuzzResult[]): string {
  return results.map(({ name, inputs, accepted, refused, slowest }) => {
    const all = [...refused.values()].reduce((sum, count) => sum + count, 0);
    const head = `${name.padEnd(13)} ${inputs} inputs, ${accepted} accepted, ${all} refused, slowest ${
      slowest.toFixed(1)
    } ms`;
    const lines = [...refused].map(([reason, count]) => `${String(count).padStart(9)}  ${reason.slice(0, 80)}`);
    const more = lines.length > REASONS_SHOWN ? [`           … ${lines.length - REASONS_SHOWN} more reasons`] : [];
    return [head, ...lines.slice(0, REASONS_SHOWN), ...more].join("\n");
  }).join("\n");
}

/** Every target; those of files and processes work in a folder. */
export async function allTargets(folder: string): Promise<Record<string, FuzzTarget>> {
  const processes = `${folder}/processes`;
  await Deno.mkdir(processes, { recursive: true });
  return {
    ...await fuzzTargets(),
    ...await ownFileTargets(folder),
    "command-lines": commandLineTarget(),
    "posted-rows": postedRowTarget(),
    commands: processTarget(processes),
  };
}

/** The command. */
export async function fuzzCommand(args: readonly string[]): Promise<void> {
  const { values: { count, seed, only } } = await parseOptions(SPEC, args);
  await Deno.mkdir(FOLDER, { recursive: true });
  const folder = await Deno.makeTempDir({ dir: FOLDER });
  try {
    await fuzzAll(await allTargets(await Deno.realPath(folder)), { count, seed, only });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function fuzzAll(
  targets: Readonly<Record<string, FuzzTarget>>,
  { count, seed, only }: { readonly count: number; readonly seed: number; readonly only: readonly string[] },
): Promise<void> {
  const unknown = only.find((name) => !Object.hasOwn(targets, name));
  if (unknown !== undefined) {
    throw new InputError(`--only: there is no parser ${unknown}; there are ${Object.keys(targets).join(", ")}`);
  }
  for (const [name, target] of Object.entries(targets)) {
    if (only.length === 0 || only.includes(name)) say(formatFuzz([await fuzzOne(name, target, { count, seed })]));
  }
}

if (import.meta.main) await main("fuzz", fuzzCommand);
