/**
 * Columns of a group of rows, put together from their pages: values a row, or lists of them within lists. Browser safe.
 * How levels say where lists begin: https://research.google/pubs/dremel-interactive-analysis-of-web-scale-datasets-2/
 *
 * @module
 */
import { type ColumnBytes, readPages } from "./column.ts";

/**
 * The values of a column without lists, one a row; undefined where there is none.
 *
 * @throws {SyntaxError} When it is damaged, or has not one a row.
 */
export function readFlat(column: ColumnBytes, rows: number): unknown[] {
  const all: unknown[] = [];
  for (const { count, definition, values } of readPages(column)) {
    for (let i = 0, place = 0; i < count; i++) {
      const isThere = definition === undefined || definition[i] === column.leaf.maxDefinition;
      all.push(isThere ? values[place++] : undefined);
    }
  }
  return checked(all, all.length, { column, rows });
}

/** A column of lists of numbers, L lists within one another. */
export interface NestedNumbers {
  /**
   * Where each begins, of the rows, of the elements of the outermost list, and so on, in what is within them: the last ones in
   * `values`. Each ends where the next begins; the last of each ends at a place more. L of them.
   */
  readonly starts: readonly Int32Array[];
  readonly values: Int32Array | Float32Array | Float64Array;
  /** Rows in which a value is missing. */
  readonly holes: ReadonlySet<number>;
}

/**
 * Reads such a column.
 *
 * @throws {SyntaxError} When it is damaged, holds no numbers, or has other rows than it should.
 */
export function readNested(column: ColumnBytes, rows: number): NestedNumbers {
  const { leaf: { lists, maxDefinition, type }, values: most } = column;
  const depth = lists.length;
  const values = numbersOf(type, most);
  const starts = lists.map(() => new Int32Array(most + 1));
  const counts = new Int32Array(depth + 1); // rows, elements of the outermost list, …, values
  const holes = new Set<number>();
  for (const page of readPages(column)) {
    const { count, repetition, definition } = page;
    for (let i = 0, place = 0; i < count; i++) {
      const level = repetition![i];
      const defined = definition![i]; // lists make both levels be there
      if (level > depth || level > 0 && counts[level - 1] === 0) throw new SyntaxError("lists end that did not begin");
      for (let k = level; k <= depth; k++) {
        if (k > 0 && defined < lists[k - 1]) break;
        if (k < depth) starts[k][counts[k]] = counts[k + 1];
        else if (defined === maxDefinition) values[counts[k]] = Number(page.values[place++]);
        else holes.add(counts[0] - 1);
        counts[k]++;
      }
    }
  }
  for (const [k, start] of starts.entries()) start[counts[k]] = counts[k + 1];
  const found = {
    starts: starts.map((start, k) => start.subarray(0, counts[k] + 1)),
    values: values.subarray(0, counts[depth]),
    holes,
  };
  return checked(found, counts[0], { column, rows });
}

function numbersOf(type: string, length: number): Int32Array | Float32Array | Float64Array {
  if (type === "INT32") return new Int32Array(length);
  if (type === "FLOAT") return new Float32Array(length);
  if (type === "DOUBLE" || type === "INT64") return new Float64Array(length);
  throw new SyntaxError(`values of type ${type}, expected numbers`);
}

function checked<T>(
  found: T,
  count: number,
  { column: { leaf }, rows }: { readonly column: ColumnBytes; readonly rows: number },
): T {
  if (count === rows) return found;
  throw new SyntaxError(`${leaf.fields.join(".")} has ${count} rows, and the row group ${rows}`);
}
