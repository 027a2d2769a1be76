/**
 * What a run of the shard writer leaves for the one that goes on after it was killed: how far the reading was when all
 * rows were on the disk, and which shards are written.
 *
 * @module
 */
import { writeAtomic } from "../base/files.ts";
import { isIntact, seal, type Sealed, unsealed } from "../base/seal.ts";
import type { ShardEntry } from "./shard_index.ts";

/** Bytes at the beginning of a file. */
export interface StoredBytes {
  /** How many. */
  readonly bytes: number;
  /** CRC-32 of them. */
  readonly crc: number;
}

/** How far a run had come. */
export interface Journal {
  /** Of the run: what its output depends on. */
  readonly identity: string;
  /** What of each bucket's file counts; what is behind it came later and is forgotten. */
  readonly stored: readonly StoredBytes[];
  /** Class names in order of appearance. */
  readonly classes: readonly string[];
  /** Whether a row is without a key. */
  readonly isKeyless: boolean;
  /** Chunks read. */
  readonly chunks: number;
  /** What the reader told. */
  readonly told: unknown;
  /** What the run was doing: reading, writing shards when everything was read, or moving the finished folder. */
  readonly phase: "read" | "write" | "move";
}

/** Counts up when rows, chunks, the bytes of shards or the journal itself change, so that what an older version left is not gone on with. */
export const WRITER_VERSION = 6;

const journalPath = (folder: string) => `${folder}/journal.json`;
const finishedPath = (folder: string) => `${folder}/shards.ndjson`;

/** Reads the journal, where there is one that can be read and says what was written. */
export async function readJournal(folder: string): Promise<Journal | undefined> {
  const journal = parse<Journal & { version: number }>(await readText(journalPath(folder)));
  return journal?.version === WRITER_VERSION ? journal : undefined;
}

/** Replaces the journal in one go. */
export async function writeJournal(folder: string, journal: Journal): Promise<void> {
  await writeAtomic(journalPath(folder), JSON.stringify(seal({ version: WRITER_VERSION, ...journal })));
}

/** Adds a shard to the list of those that are written whole. */
export async function appendFinishedShard(folder: string, entry: ShardEntry): Promise<void> {
  await Deno.writeTextFile(finishedPath(folder), JSON.stringify(seal({ entry })) + "\n", { append: true });
}

/** The shards that are written whole, by file name; a line that a kill cut short, or that was changed, is passed over. */
export async function readFinishedShards(folder: string): Promise<Map<string, ShardEntry>> {
  const lines = (await readText(finishedPath(folder)) ?? "").split("\n");
  const entries = lines.flatMap((line) => parse<{ entry: ShardEntry }>(line)?.entry ?? []);
  return new Map(entries.map((entry) => [entry.file, entry]));
}

/** What a text says; nothing where it is not what was written, as when a power cut left it half written. */
function parse<T extends object>(text: string | undefined): T | undefined {
  try {
    const read: Sealed<T> = JSON.parse(text ?? "");
    return isIntact(read) ? unsealed(read) : undefined;
  } catch {
    return undefined;
  }
}

async function readText(path: string): Promise<string | undefined> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
