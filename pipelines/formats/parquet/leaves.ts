/**
 * A Parquet file's columns: the leaves of the tree of its schema. Browser safe.
 * Lists: https://github.com/apache/parquet-format/blob/master/LogicalTypes.md#lists
 *
 * @module
 */
import type { ParquetType, SchemaElement } from "hyparquet";

/** A column that holds values. */
export interface Leaf {
  /** The names of the fields that lead to it, without those of lists and their elements: `drawing`, `x`. */
  readonly fields: readonly string[];
  /** How a value is stored. */
  readonly type: ParquetType;
  /** Bytes of each value of fixed length. */
  readonly bytes: number | undefined;
  /** What is stored, where that is a time. */
  readonly unit: TimeUnit | undefined;
  /** The definition level of a value that is there. */
  readonly maxDefinition: number;
  /** The definition levels of an element of each of the lists around it, the outermost first. */
  readonly lists: readonly number[];
}

/** Parts of a second in which times since 1970 are counted. */
export type TimeUnit = "MILLIS" | "MICROS" | "NANOS";

/** Groups in groups; a schema of drawings has six. */
const MAX_DEPTH = 32;

interface Place {
  readonly fields: readonly string[];
  readonly definition: number;
  readonly lists: readonly number[];
  /** How many more nodes are a list's own, without a name: its repeated group, and the element in that. */
  readonly unnamed: number;
  readonly depth: number;
}

/**
 * Lists the columns of a schema.
 *
 * @param schema Its elements, each before its children, the root first.
 * @throws {SyntaxError} When it is no tree.
 */
export function leavesOf(schema: readonly SchemaElement[]): Leaf[] {
  const leaves: Leaf[] = [];
  let next = 0;
  const visit = (place: Place): void => {
    const element = schema[next++];
    if (element === undefined) throw new SyntaxError("its schema says of more columns than it has");
    if (place.depth > MAX_DEPTH) throw new SyntaxError(`groups within groups, more than ${MAX_DEPTH}`);
    const isRoot = place.depth === 0;
    const repetition = isRoot ? "REQUIRED" : element.repetition_type;
    const definition = place.definition + (repetition === "REQUIRED" ? 0 : 1);
    const lists = repetition === "REPEATED" ? [...place.lists, definition] : place.lists;
    const fields = isRoot || place.unnamed > 0 ? place.fields : [...place.fields, element.name];
    const children = element.num_children ?? 0;
    if (element.type !== undefined) {
      const { type, type_length: bytes } = element;
      leaves.push({ fields, type, bytes, unit: unitOf(element), maxDefinition: definition, lists });
      return;
    }
    const isList = element.converted_type === "LIST" || element.logical_type?.type === "LIST";
    // Of a repeated group of several fields each is the element itself, and not one field of it.
    const isWrapper = place.unnamed === 2 && children === 1;
    const unnamed = isList ? 2 : isWrapper ? 1 : 0;
    for (let i = 0; i < children; i++) visit({ fields, definition, lists, unnamed, depth: place.depth + 1 });
  };
  visit({ fields: [], definition: 0, lists: [], unnamed: 0, depth: 0 });
  if (next < schema.length) throw new SyntaxError("its schema has columns that belong to none");
  return leaves;
}

function unitOf({ converted_type, logical_type }: SchemaElement): TimeUnit | undefined {
  if (logical_type?.type === "TIMESTAMP") return logical_type.unit;
  if (converted_type === "TIMESTAMP_MILLIS") return "MILLIS";
  return converted_type === "TIMESTAMP_MICROS" ? "MICROS" : undefined;
}
