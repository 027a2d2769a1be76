/**
 * Under what a run was made: version, commit, date, backend, processor.
 *
 * @module
 */
import { cpus } from "node:os";
import type { OptionValue } from "../../pipelines/base/option_table.ts";
import { grouped } from "../../pipelines/base/text.ts";
import type { Origin } from "./run_state.ts";

/** The version of this package, as in deno.json, which a test compares. */
export const VERSION = "0.1.0";

/** What `options.json` says of where a run comes from. */
export interface Provenance {
  /** Of this package. */
  readonly version: string;
  /** The commit of the checkout that ran, 40 hexadecimal digits; missing where that is not known. */
  readonly commit?: string;
  /** When the run began, ISO 8601 in UTC. */
  readonly date: string;
  /** What computed. */
  readonly backend: string;
  /** What the backend ran on, such as the graphics adapter. */
  readonly device: string;
  /** Why it has as many threads, of a run that says how many. */
  readonly workers?: string;
  /** How many processes share out each batch; missing where it is one. */
  readonly ranks?: number;
  /** The processor's name; missing where that is not known. */
  readonly processor?: string;
  /** Where its first weights came from; missing where they were drawn. */
  readonly origin?: Origin;
  /** What the model had measured of the training examples, by name; missing where nothing was. */
  readonly statistics?: Readonly<Record<string, number>>;
  /** What was changed when the run went on, in order; missing where nothing was. */
  readonly changes?: readonly Change[];
  /** By what else it was trained when it went on, in order; missing where that was as before. */
  readonly continued?: readonly Continued[];
}

/** What tells one machine and version from another. */
const MACHINE = ["version", "commit", "backend", "device", "processor"] as const;

/** By what a run went on that was not as before. */
export interface Continued extends Pick<Provenance, "version" | "commit" | "backend" | "device" | "processor"> {
  /** When, ISO 8601 in UTC. */
  readonly date: string;
  /** The training step after which it holds. */
  readonly step: number;
}

/**
 * What is known of a run that goes on here and now.
 *
 * @returns Undefined where that is as before.
 */
export function continued(before: Provenance, now: Provenance, step: number): Provenance | undefined {
  const last = before.continued?.at(-1) ?? before;
  if (MACHINE.every((name) => last[name] === now[name])) return undefined;
  const told = Object.fromEntries(MACHINE.flatMap((name) => now[name] === undefined ? [] : [[name, now[name]]]));
  const next = { date: now.date, step, ...told } as unknown as Continued;
  return { ...before, continued: [...before.continued ?? [], next] };
}

/** Something of a run, and what it became when the run went on; undefined where that is not known of either. */
export function overTime(
  about: Partial<Provenance>,
  tell: (of: Partial<Continued>) => string | undefined,
): string | undefined {
  const unknown = "unknown";
  const first = tell(about) ?? unknown;
  const later = (about.continued ?? []).map((one) => ({ text: tell(one) ?? unknown, step: one.step }));
  const changed = later.filter(({ text }, i) => text !== (later[i - 1]?.text ?? first));
  if (first === unknown && changed.length === 0) return undefined;
  return [first, ...changed.map(({ text, step }) => `from step ${grouped(step)} on ${text}`)].join(", ");
}

/** What was changed when a run went on. */
export interface Change {
  /** When, ISO 8601 in UTC. */
  readonly date: string;
  /** The training step after which it holds. */
  readonly step: number;
  /** The options as they were before, by the names of `options.json`, and `ranks`. */
  readonly before: Readonly<Record<string, OptionValue>>;
}

/** What is known here and now. */
export async function provenance(backend: { readonly name: string; readonly device: string }): Promise<Provenance> {
  const processor = processorName();
  return {
    ...await thisVersion(),
    date: new Date().toISOString(),
    backend: backend.name,
    device: backend.device,
    ...(processor === undefined ? {} : { processor }),
  };
}

/** What runs: the version of this package, and the commit of the checkout where there is one. */
export async function thisVersion(): Promise<Pick<Provenance, "version" | "commit">> {
  const commit = await commitOf(new URL("../../", import.meta.url));
  return { version: VERSION, ...(commit === undefined ? {} : { commit }) };
}

/** The commit that a checkout is at, also one of several of a repository; undefined where there is none. */
async function commitOf(root: URL): Promise<string | undefined> {
  const link = (await textOf(new URL(".git", root)))?.match(/^gitdir: (.+)$/m)?.[1];
  const own = link === undefined ? new URL(".git/", root) : new URL(`${link}/`, root);
  const all = new URL((await textOf(new URL("commondir", own)))?.trim().concat("/") ?? "", own);
  const head = (await textOf(new URL("HEAD", own)))?.trim();
  const branch = head?.match(/^ref: (.+)$/)?.[1];
  const commit = branch === undefined ? head : (await textOf(new URL(branch, all)))?.trim() ??
    (await textOf(new URL("packed-refs", all)))?.match(new RegExp(`^([0-9a-f]{40}) ${branch}$`, "m"))?.[1];
  return /^[0-9a-f]{40}$/.test(commit ?? "") ? commit : undefined;
}

/** The processor's name; undefined where this run may not ask. */
function processorName(): string | undefined {
  const { state } = Deno.permissions.querySync({ name: "sys", kind: "cpus" });
  return state === "granted" ? cpus()[0]?.model : undefined;
}

async function textOf(url: URL): Promise<string | undefined> {
  try {
    return await Deno.readTextFile(url);
  } catch {
    return undefined; // not a checkout, not there, or not to be read
  }
}
