/**
 * A folder while it is written, by one run or by several of which each goes on where the one before was killed: the lock,
 * the journal, the files that are finished, and the move to its place.
 *
 * @module
 */
import { exists } from "../base/files.ts";
import { claimFolder, dropPartial, emptyPartial, endPartial, outputName, partialName } from "./output_folder.ts";
import type { OutputPlace } from "./output_folder.ts";
import type { ShardEntry } from "./shard_index.ts";
import { appendFinishedShard, type Journal, readFinishedShards, readJournal, writeJournal } from "./write_journal.ts";

/** What is written where. */
export interface WritingOptions {
  /** Where the finished folder goes. */
  readonly place: OutputPlace;
  /** Whether what is there may be replaced. */
  readonly overwrite: boolean;
  /** What the output depends on; every run starts anew where it is left out. */
  readonly identity: string | undefined;
}

/** A folder that is being written. */
export class WritingFolder {
  readonly #options: WritingOptions;
  readonly #lock: Deno.FsFile;
  /** Files that a killed run finished, by name. */
  #finished = new Map<string, ShardEntry>();
  #journal: Journal | undefined;
  /** Whether the output is whole and on its way to its place, so that another run can go on with that. */
  #isMoving = false;

  private constructor(options: WritingOptions, lock: Deno.FsFile) {
    [this.#options, this.#lock] = [options, lock];
  }

  /**
   * Makes the `.partial` folder. One that a killed run of the same identity left behind is gone on with, any other is emptied
   * first.
   *
   * @param restore Goes on with what the journal tells of; false where that is not there.
   * @throws {InputError} When the output is there and may not be replaced, or another run is writing it.
   */
  static async claim(
    options: WritingOptions,
    restore: (journal: Journal) => Promise<boolean> = () => Promise.resolve(true),
  ): Promise<WritingFolder> {
    const { place, overwrite } = options;
    if (!await exists(partialName(place.folder))) await place.check(overwrite);
    const writing = new WritingFolder(options, await claimFolder(place.folder));
    try {
      await writing.#begin(restore);
    } catch (error) {
      await writing.#release();
      throw error;
    }
    return writing;
  }

  /** Leaves the partial folder to others; one that no run can go on with is removed. */
  async #release(): Promise<void> {
    const { folder } = this.#options.place;
    if (await readJournal(partialName(folder)) === undefined) await dropPartial(folder, this.#lock);
    else this.#lock.close();
  }

  async #begin(restore: (journal: Journal) => Promise<boolean>): Promise<void> {
    const { place, overwrite, identity } = this.#options;
    const journal = await readJournal(this.partial);
    const isOurs = journal !== undefined && identity === journal.identity;
    const isMade = await exists(this.output);
    const isMoved = isOurs && journal.phase === "move" && !isMade && await place.isThere();
    // What is on its way to another machine may be there in part already: that is no reason not to go on.
    const isMoving = isOurs && journal.phase === "move" && isMade && place.isElsewhere;
    if (!isMoved && !isMoving) await place.check(overwrite);
    if (isMoved || isOurs && isMade && await restore(journal)) this.#journal = journal;
    else await emptyPartial(place.folder);
    this.#isMoving = this.#journal?.phase === "move";
    if (this.#journal?.phase === "write") this.#finished = await readFinishedShards(this.partial);
  }

  /** What only the run needs, and in it what becomes the folder. */
  get partial(): string {
    return partialName(this.#options.place.folder);
  }

  /** Where everything that becomes the folder is written. */
  get output(): string {
    return outputName(this.#options.place.folder);
  }

  /** How far the killed run had come that is gone on with. */
  get journal(): Journal | undefined {
    return this.#journal;
  }

  /** Notes how far this run has come, where it can be gone on with. */
  async note(journal: Omit<Journal, "identity">): Promise<void> {
    const { identity } = this.#options;
    if (identity === undefined) return;
    await writeJournal(this.partial, { identity, ...journal });
    this.#isMoving = journal.phase === "move";
  }

  /** The file that a killed run finished; undefined where it did not. */
  finished(file: string): ShardEntry | undefined {
    return this.#finished.get(file);
  }

  /** Notes that a file is finished. */
  async finish(entry: ShardEntry): Promise<void> {
    await appendFinishedShard(this.partial, entry);
  }

  /** Removes what was written so far, unless it is whole and only its way is barred; what is in its place stays. */
  async abort(): Promise<void> {
    if (this.#isMoving && this.#options.place.isElsewhere) return this.#lock.close();
    await dropPartial(this.#options.place.folder, this.#lock);
  }

  /** Puts the finished folder in its place, unless a killed run did. */
  async move(): Promise<void> {
    const { place } = this.#options;
    if (await exists(this.output)) await place.put();
    await endPartial(place.folder, this.#lock);
  }
}
