/**
 * The two jobs that `prepare` has done in Workers: to parse a chunk into rows, and to pack rows into a shard.
 *
 * @module
 */
import type { Dataset } from "../dataset.ts";
import type { SpecAddress } from "../base/spec_module.ts";
import type { PackRequest } from "../shards/pack_shard.ts";
import type { OptionTable, OptionValues } from "../base/option_table.ts";
import { type KeptRange, type PackedRows, RowPacker } from "../shards/packed_rows.ts";
import { release } from "../base/bytes.ts";
import { InputError } from "../base/errors.ts";
import { givenInWords } from "../base/given.ts";

/** Parse a chunk. */
export interface ParseRequest {
  /** The job. */
  readonly kind: "parse";
  /** The dataset's own options. */
  readonly options: OptionValues<OptionTable>;
  /** Of the shuffle. */
  readonly seed: number;
  /** The rows that are kept whole; all when left out. */
  readonly kept?: KeptRange;
  /** As in `Chunk`. */
  readonly content: unknown;
  /** As in `Chunk`. */
  readonly buffers?: readonly ArrayBuffer[];
}

/** A record that cannot be used, at a line of a chunk. */
export interface ChunkReject {
  readonly line: number;
  readonly reason: string;
  readonly detail: string;
}

/** What a chunk holds. */
export interface ParseReply {
  readonly rows: PackedRows;
  /** With lines counted from the chunk's first, 1-based. */
  readonly rejects: readonly ChunkReject[];
  /** What is wrong with the source as a whole, from a line on. */
  readonly damage?: ChunkReject;
  /** Good records left out, by filter. */
  readonly filters: Readonly<Record<string, number>>;
  /** The classes of those left out. */
  readonly leftOut: readonly string[];
  /** The chunk's number of lines. */
  readonly lines: number;
}

/** A job on its way to a Worker, which finds the dataset at its address. */
export type PrepareRequest = (ParseRequest | PackRequest) & { readonly dataset: SpecAddress };

/**
 * Parses a chunk.
 *
 * @throws {InputError} When the dataset's `parse` is not done when it returns: what it finds later would be lost.
 */
export function parseChunk(dataset: Dataset, request: ParseRequest): ParseReply {
  const rows = new RowPacker(request.seed, dataset.aboutBytes?.(request.options), request.kept);
  const rejects: ChunkReject[] = [];
  let damage: ChunkReject | undefined;
  const leftOut = new Set<string>();
  const filters: Record<string, number> = {};
  const sink = {
    rows,
    reject: (line: number, reason: string, detail: string) => void rejects.push({ line, reason, detail }),
    damage: (line: number, reason: string, detail: string) => void (damage = { line, reason, detail }),
    filter: (name: string, className?: string) => {
      filters[name] = (filters[name] ?? 0) + 1;
      if (className !== undefined) leftOut.add(className);
    },
    lines: 0,
  };
  const given: unknown = dataset.parse(request.content, request.options, sink);
  if (given instanceof Promise) {
    throw new InputError(
      `dataset ${dataset.name}: parse gave ${
        givenInWords(given)
      }, and must be done when it returns; await in chunks instead`,
    );
  }
  for (const buffer of request.buffers ?? []) release({ buffer });
  return {
    rows: rows.take(),
    rejects,
    filters,
    leftOut: [...leftOut],
    lines: sink.lines,
    ...(damage ? { damage } : {}),
  };
}
