/**
 * What the writer of shards is told: types.
 *
 * @module
 */
import type { Dataset } from "../dataset.ts";
import type { OptionTable, OptionValue, PartialOptions } from "../base/option_table.ts";
import type { OutputPlace } from "./output_folder.ts";
import type { PackRequest } from "./pack_shard.ts";
import type { PartNumber } from "./part_index.ts";
import type { ShardEntry, SourceEntry, SourceModule } from "./shard_index.ts";

/** What is written where, and how. */
export interface ShardWriterOptions<T extends OptionTable = OptionTable> {
  /** The folder to be made; its content is in `<folder>.partial/output` until it is complete. */
  readonly folder: string;
  /** What the rows are of: it says the fields and packs them. */
  readonly dataset: Dataset<T>;
  /** Those of the dataset's own options that are not left at their defaults. */
  readonly options?: PartialOptions<NoInfer<T>>;
  /** The seed of the shuffle, 0 to 2^32 - 1; 0 when left out. */
  readonly seed?: number;
  /** Examples a shard, 1 or more; 4096 when left out. */
  readonly shardSize?: number;
  /** Keep so many examples of each class, 1 or more, drawn by the seed; all when left out. */
  readonly perClass?: number;
  /** Replace the folder if it is there; an error when left out. */
  readonly overwrite?: boolean;
  /** Bytes of rows held before they are written to files; 8 MiB when left out. */
  readonly memory?: number;
  /** Keep what one part of several keeps, which {@linkcode ShardWriter.finishPart} ends; everything when left out. */
  readonly part?: PartNumber;
  /** Where the finished folder goes; `folder` itself when left out. */
  readonly place?: OutputPlace;
  /** The file of a dataset that is not built in, for the index. */
  readonly module?: SourceModule;
  /** Writes a shard; in this thread when left out. */
  readonly writeShard?: (request: PackRequest) => Promise<ShardEntry>;
  /**
   * Tells runs apart: one that is killed is gone on with by another that has the same identity, so it must say all that
   * the output depends on. Without it every run starts anew.
   */
  readonly identity?: string;
}

/** What the reader of the sources has to tell the index. */
export interface SourceReport {
  /** The files that were read. */
  readonly sources: readonly SourceEntry[];
  /** Good records that were left out, by the rule's name. */
  readonly filters: Readonly<Record<string, number>>;
  /** Records that could not be used, by reason. */
  readonly rejects: Readonly<Record<string, number>>;
  /** What was understood of the sources that nobody said, a line each. */
  readonly notes?: readonly string[];
  /** Options of the run beside the dataset's, the seed and the shard size. */
  readonly options?: Readonly<Record<string, OptionValue>>;
}
