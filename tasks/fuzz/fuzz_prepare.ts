/**
 * The way of `prepare` from a file to rows, for what `deno task fuzz` tries.
 *
 * @module
 */
import { Reject } from "../../pipelines/base/errors.ts";
import type { OptionTable, OptionValues } from "../../pipelines/base/option_table.ts";
import type { Dataset, RowSink } from "../../pipelines/dataset.ts";
import { ROW_HEAD, RowPacker } from "../../pipelines/shards/packed_rows.ts";
import type { OpenSource } from "../../pipelines/sources/source.ts";
import { decodeDrawing, encodeDrawing } from "../../pipelines/strokes/drawing_bytes.ts";

/** What is told of records, and the rows of the others. */
export class Rows {
  readonly #rows = new RowPacker(0);
  readonly #faults: Reject[] = [];

  /** Gets them. */
  readonly sink: RowSink;

  constructor() {
    const reject = (_: number, reason: string, detail: string) => this.fail(new Reject(reason, detail));
    this.sink = { rows: this.#rows, reject, damage: reject, filter: () => {}, lines: 0 };
  }

  /** Notes what is wrong with the file itself. */
  fail(fault: Reject): void {
    this.#faults.push(fault);
  }

  /**
   * Looks at every row's payload, when all are there.
   *
   * @throws {Reject} The first that was told.
   */
  check(payload: (bytes: Uint8Array<ArrayBuffer>) => boolean, what: string): void {
    const { bytes, count } = this.#rows.take();
    const view = new DataView(bytes.buffer);
    for (let i = 0, at = 0; i < count; i++) {
      const end = at + ROW_HEAD + view.getUint32(at + 19, true);
      if (!payload(bytes.slice(at + ROW_HEAD, end))) throw new Error(`a row is ${what}`);
      at = end;
    }
    if (this.#faults.length > 0) throw this.#faults[0];
  }
}

/** Whether a payload is a drawing, and nothing more. */
export function isDrawing(payload: Uint8Array<ArrayBuffer>): boolean {
  return encodeDrawing(decodeDrawing(payload)).join() === payload.join();
}

/** The rows of a dataset's file. */
export async function prepareRows<T extends OptionTable>(
  dataset: Dataset<T>,
  options: OptionValues<T>,
  { path, input }: { readonly path: string; readonly input: Uint8Array },
): Promise<Rows> {
  const rows = new Rows();
  for await (const { content } of dataset.chunks([sourceOf(path, input)], options, 0)) {
    dataset.parse(content, options, rows.sink);
  }
  return rows;
}

/** An input that comes in two parts. */
export async function* partsOf(input: Uint8Array): AsyncGenerator<Uint8Array> {
  yield input.slice(0, input.length >> 1);
  yield input.slice(input.length >> 1);
}

/** The last bytes of a file that is there as a whole. */
export const tailOf = (input: Uint8Array) => (length: number) =>
  Promise.resolve({ bytes: new Uint8Array(input).slice(-length), size: input.length });

/** A source of bytes that are there already. */
function sourceOf(path: string, input: Uint8Array): OpenSource {
  return {
    ...{ path, bytesRead: 0, size: input.length, drain: () => Promise.resolve() },
    again: () => partsOf(input),
    tail: tailOf(input),
    summary: () => ({ name: path, bytes: input.length, sha256: "" }),
    [Symbol.asyncIterator]: () => partsOf(input),
  };
}
