/**
 * A run that is looked at while it goes: only its files are read, and only what has changed of them.
 *
 * @module
 */
import { InputError } from "../../../pipelines/base/errors.ts";
import { exists, trimSlashes } from "../../../pipelines/base/files.ts";
import type { Metrics } from "../../runs/metrics.ts";
import { MetricsTail } from "../../runs/metrics_tail.ts";
import { isClaimed } from "../../runs/run_claim.ts";
import { runFilesIn } from "../../runs/run_directory.ts";
import { type RunSummary, summarizeRun } from "../../runs/run_summary.ts";

/** What there is to see of it. */
export class WatchedRun {
  readonly folder: string;
  readonly #tail: MetricsTail;
  #summary: RunSummary;
  #metrics: readonly Metrics[] = [];
  #fault: string | undefined;
  #files = "";
  #checkpoint = "";
  #isThere = true;

  private constructor(folder: string, summary: RunSummary) {
    [this.folder, this.#summary] = [folder, summary];
    this.#tail = new MetricsTail(folder);
  }

  /**
   * Begins to look at a run.
   *
   * @throws {InputError} When the folder is not there, or no run's.
   */
  static async open(path: string): Promise<WatchedRun> {
    const folder = trimSlashes(path);
    if (!await exists(folder)) throw new InputError(`run ${folder}: no such folder`);
    if ((await runFilesIn(folder)).length === 0) throw new InputError(`run ${folder}: no run's folder`);
    const files = await optionsMark(folder);
    const run = new WatchedRun(folder, await summarizeRun(folder));
    run.#files = files;
    await run.refresh();
    return run;
  }

  /** How it stands; what its metrics have told since it was summed up is in {@linkcode metrics}. */
  get summary(): RunSummary {
    return this.#summary;
  }

  /** The lines of its `metrics.jsonl`. */
  get metrics(): readonly Metrics[] {
    return this.#metrics;
  }

  /** What is wrong with its files. */
  get fault(): string | undefined {
    return this.#fault ?? this.#summary.reason ?? undefined;
  }

  /** Whether a training has it. */
  get isRunning(): boolean {
    return this.#isThere && this.#summary.state === "running";
  }

  /** Whether its folder is there: somebody may remove it. */
  get isThere(): boolean {
    return this.#isThere;
  }

  /** Tells its last checkpoint from an earlier one; empty where there is none. */
  get checkpoint(): string {
    return this.#checkpoint;
  }

  /**
   * Reads what is new.
   *
   * @returns Whether anything is.
   */
  async refresh(): Promise<boolean> {
    const before = this.#parts();
    this.#isThere = await exists(this.folder);
    if (this.#isThere) await this.#read();
    else this.#checkpoint = "";
    return this.#parts().some((part, i) => part !== before[i]);
  }

  /** All that a look may change. */
  #parts(): readonly unknown[] {
    return [this.#summary, this.#metrics, this.#fault, this.#checkpoint, this.#isThere];
  }

  async #read(): Promise<void> {
    const checkpoint = this.#checkpoint;
    const isRunning = await isClaimed(this.folder); // before the files are read: what it wrote last is seen
    this.#checkpoint = await markOf(`${this.folder}/last.safetensors`);
    try {
      this.#metrics = await this.#tail.read();
      this.#fault = undefined;
    } catch (error) {
      if (!(error instanceof InputError || error instanceof Deno.errors.NotFound)) throw error;
      this.#fault = error.message;
    }
    const files = await optionsMark(this.folder);
    const isLess = this.#summary.steps === null || this.#summary.parameters === null; // before its first checkpoint
    if (isRunning !== this.isRunning || files !== this.#files || isLess && this.#checkpoint !== checkpoint) {
      this.#files = files;
      this.#summary = await summarizeRun(this.folder);
    }
  }
}

/** A run that goes on for longer has other options. */
const optionsMark = (folder: string): Promise<string> => markOf(`${folder}/options.json`);

/** Tells a file from what it was before; empty where there is none. */
async function markOf(path: string): Promise<string> {
  try {
    const { mtime, size, ino } = await Deno.stat(path);
    return [mtime?.getTime(), size, ino].join();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return "";
    throw error;
  }
}
