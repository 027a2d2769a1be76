/**
 * `metrics.jsonl`, read once and then only what was added: for whoever looks at a run while it goes.
 *
 * @module
 */
import { jsonValue } from "../../pipelines/base/json_values.ts";
import { InputError } from "../../pipelines/base/errors.ts";
import { exists } from "../../pipelines/base/files.ts";
import { isIntact, type Sealed, unsealed } from "../../pipelines/base/seal.ts";
import { isMetrics, type Metrics, readLine } from "./metrics.ts";

/** Where a run's metrics are. */
export const metricsPath = (folder: string): string => `${folder}/metrics.jsonl`;

interface Read {
  /** Which file it is: a resumed run replaces it. */
  readonly inode: number | null;
  /** Bytes of whole lines. */
  readonly bytes: number;
  readonly lines: readonly Metrics[];
  /** The hash of the last line. */
  readonly before: string;
  readonly isHashed: boolean;
}

const NOTHING: Read = { inode: null, bytes: 0, lines: [], before: "", isHashed: false };
const LINE_FEED = 0x0a;

/** The metrics of a run, as far as they go. */
export class MetricsTail {
  readonly #path: string;
  #read = NOTHING;

  /** @param folder The run's. */
  constructor(folder: string) {
    this.#path = metricsPath(folder);
  }

  /**
   * Reads what was added; a last line that is not whole yet is passed over. A file that was replaced is read anew.
   *
   * @returns All lines; the same array as before where nothing has changed.
   * @throws {InputError} When a line is none of metrics, or not what was written; lines from before there were hashes are taken
   * as they are.
   */
  async read(): Promise<readonly Metrics[]> {
    const info = await exists(this.#path) ? await Deno.stat(this.#path) : undefined;
    if (info === undefined) this.#read = NOTHING;
    else if (info.ino !== this.#read.inode || info.size < this.#read.bytes) {
      this.#read = { ...NOTHING, inode: info.ino };
    }
    if (info === undefined || info.size === this.#read.bytes) return this.#read.lines;
    const { bytes, lines, isHashed } = this.#read;
    const { text, length } = await linesFrom(this.#path, bytes);
    const added = text.split("\n").slice(0, -1).map(jsonValue);
    const isNowHashed = isHashed || added.some((line) => hashOf(line) !== undefined);
    if (isNowHashed && !isHashed && lines.length > 0) { // those that were read bear none
      this.#read = NOTHING;
      return await this.read();
    }
    let { before } = this.#read;
    const read = added.map((line, i) => {
      if (!isMetrics(line) || isNowHashed && !isIntact(line, before)) {
        throw new InputError(`${this.#path}:${lines.length + i + 1}: not a line of metrics as it was written`);
      }
      before = hashOf(line) ?? "";
      return readLine(isNowHashed ? unsealed(line as Sealed<Metrics>) : line);
    });
    if (read.length === 0) return lines;
    const all = lines.concat(read);
    this.#read = { inode: info.ino, bytes: bytes + length, lines: all, before, isHashed: isNowHashed };
    return all;
  }
}

/** The whole lines of a file from a place on, and their bytes. */
async function linesFrom(path: string, start: number): Promise<{ readonly text: string; readonly length: number }> {
  using file = await Deno.open(path);
  await file.seek(start, Deno.SeekMode.Start);
  const bytes = new Uint8Array(await new Response(file.readable).arrayBuffer());
  const length = bytes.lastIndexOf(LINE_FEED) + 1;
  return { text: new TextDecoder().decode(bytes.subarray(0, length)), length };
}

const hashOf = (line: unknown): string | undefined => (line as { readonly sha256?: string } | undefined | null)?.sha256;
