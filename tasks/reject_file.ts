/**
 * `rejects.ndjson`: every record that could not be used, with its file, its line and why.
 *
 * @module
 */

/** One line of the file. */
export interface RejectEntry {
  readonly file: string;
  /** 1-based; of the file as a whole where it is left out. */
  readonly line?: number;
  readonly reason: string;
  readonly detail: string;
}

/** A file of rejects that is being written. */
export class RejectFile {
  readonly byReason: Record<string, number> = {};
  count = 0;
  #waiting: string[] = [];

  private constructor(readonly path: string, readonly file: Deno.FsFile) {}

  /** Makes the file. */
  static async create(path: string): Promise<RejectFile> {
    return new RejectFile(path, await Deno.create(path));
  }

  /** Notes a reject, to be written with the next {@linkcode flush}. */
  add(entry: RejectEntry): void {
    this.count++;
    this.byReason[entry.reason] = (this.byReason[entry.reason] ?? 0) + 1;
    this.#waiting.push(JSON.stringify(entry) + "\n");
  }

  /** Writes what was noted. */
  async flush(): Promise<void> {
    const bytes = new TextEncoder().encode(this.#waiting.join(""));
    this.#waiting = [];
    for (let at = 0; at < bytes.length;) at += await this.file.write(bytes.subarray(at));
  }

  /** `12 of 345 records were rejected (3.5 %: 10 bad JSON, 2 unequal arrays)`. */
  describe(records: number): string {
    const reasons = Object.entries(this.byReason).sort(([, a], [, b]) => b - a).map(([reason, count]) =>
      `${count} ${reason}`
    );
    const share = (100 * this.count / records).toFixed(1);
    return `${this.count} of ${records} records were rejected (${share} %: ${reasons.join(", ")})`;
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.file.close();
    return Promise.resolve();
  }
}
