/**
 * What a run of the shard writer leaves for the one that goes on after it was killed: how far the reading was when all
 * rows were on the disk, and which shards are written.
 *
 * @module
 */
import type { ShardEntry } from "./shard_index.ts";

/** How far a run had come. */
export interface Journal {
  /** Of the run: what its output depends on. */
  readonly identity: string;
  /** Bytes of each bucket's file that count; what is behind them came later and is forgotten. */
  readonly stored: readonly number[];
  /** Class names in order of appearance. */
  readonly classes: readonly string[];
  /** Chunks read. */
  readonly chunks: number;
  /** What the reader told. */
  readonly told: unknown;
  /** Whether everything is read, and shards were begun. */
  readonly isComplete: boolean;
}

const journalPath = (folder: string) => `${folder}/journal.json`;
const finishedPath = (folder: string) => `${folder}/shards.ndjson`;

/** Reads the journal, where there is one. */
export async function readJournal(folder: string): Promise<Journal | undefined> {
  const text = await readText(journalPath(folder));
  return text === undefined ? undefined : JSON.parse(text);
}

/** Replaces the journal in one go. */
export async function writeJournal(folder: string, journal: Journal): Promise<void> {
  await Deno.writeTextFile(`${journalPath(folder)}.new`, JSON.stringify(journal));
  await Deno.rename(`${journalPath(folder)}.new`, journalPath(folder));
}

/** Removes journal and list. */
export async function removeJournal(folder: string): Promise<void> {
  for (const path of [journalPath(folder), finishedPath(folder)]) {
    if (await readText(path) !== undefined) await Deno.remove(path);
  }
}

/** Adds a shard to the list of those that are written whole. */
export async function appendFinishedShard(folder: string, entry: ShardEntry): Promise<void> {
  await Deno.writeTextFile(finishedPath(folder), JSON.stringify(entry) + "\n", { append: true });
}

/** The shards that are written whole, by file name; a last line that a kill cut short is passed over. */
export async function readFinishedShards(folder: string): Promise<Map<string, ShardEntry>> {
  const lines = (await readText(finishedPath(folder)) ?? "").split("\n").slice(0, -1);
  return new Map(lines.map((line) => JSON.parse(line) as ShardEntry).map((entry) => [entry.file, entry]));
}

async function readText(path: string): Promise<string | undefined> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
