/**
 * Which columns of a Parquet file are a drawing's, as Hugging Face and others keep Quick, Draw!. Browser safe.
 *
 * `drawing` is lists of x and of y within it, a list a stroke (struct of lists of lists, or a list of structs of lists), with
 * `t`, milliseconds, where it is raw; or a list of strokes, each `[xs, ys]`; or rows of stroke-3, dx, dy and whether the pen
 * was lifted; or JSON. Beside it there may be `key_id` (digits or a whole number), `word` (a text, or a class label: a whole
 * number whose name the file's metadata `huggingface` says), `countrycode`, `recognized` and `timestamp`.
 * Hugging Face's form: https://huggingface.co/datasets/google/quickdraw
 *
 * @module
 */
import { Reject } from "../../base/errors.ts";
import type { ParquetFooter } from "../parquet/footer.ts";
import type { Leaf } from "../parquet/leaves.ts";

/** What `drawing` is. */
export type TableForm = "coordinates" | "strokes" | "stroke3" | "json";

/** The columns of drawings. */
export interface TableColumns {
  readonly form: TableForm;
  /** The names of what is read, `drawing`, `drawing.x` and others, and their places among the file's columns. */
  readonly places: Readonly<Record<string, number>>;
  /** What the numbers of `word` stand for. */
  readonly names?: readonly string[];
  /** Columns that are passed over. */
  readonly others: readonly string[];
}

const NUMBERS = ["INT32", "INT64", "FLOAT", "DOUBLE"];
const WHOLE = ["INT32", "INT64"];

/** What the columns beside `drawing` may be. */
const BESIDE: Readonly<Record<string, { readonly types: readonly string[]; readonly expected: string }>> = {
  key_id: { types: ["BYTE_ARRAY", "INT64"], expected: "text or int64" },
  word: { types: ["BYTE_ARRAY", ...WHOLE], expected: "text or a class label" },
  countrycode: { types: ["BYTE_ARRAY"], expected: "text" },
  recognized: { types: ["BOOLEAN"], expected: "boolean" },
  timestamp: { types: ["BYTE_ARRAY", "INT64"], expected: "text or a timestamp of int64" },
};

const EXPECTED =
  "expected drawing, with lists of lists of numbers x and y in it, or as a list of strokes [xs, ys], as " +
  "rows of stroke-3 or as JSON";

/**
 * Finds the columns.
 *
 * @throws {Reject} `other columns`, when there is no drawing among them, or one is not as it should be.
 */
export function tableColumnsOf({ leaves, about }: ParquetFooter): TableColumns {
  const names = leaves.map(({ fields }) => fields.join("."));
  const leafOf = (name: string): Leaf | undefined => leaves[names.indexOf(name)];
  const twice = names.find((name, i) => names.indexOf(name) < i);
  if (twice !== undefined) throw new Reject("other columns", `two of them are named ${twice}`);
  const form = formOf(leafOf);
  if (form === undefined) {
    const found = names.length === 0 ? "none" : names.slice(0, 20).join(", ") + (names.length > 20 ? ", …" : "");
    const drawing = leaves.filter(({ fields }) => fields[0] === "drawing").map(describe).join(", ");
    throw new Reject("other columns", `its columns are ${found}${drawing && ` (${drawing})`}; ${EXPECTED}`);
  }
  const beside = Object.entries(BESIDE).flatMap(([name, { types, expected }]) => {
    const leaf = leafOf(name);
    if (leaf === undefined) return [];
    const isTime = name !== "timestamp" || leaf.type === "BYTE_ARRAY" || leaf.unit !== undefined;
    if (leaf.lists.length === 0 && types.includes(leaf.type) && isTime) return [name];
    throw new Reject("other columns", `${describe(leaf)}, expected ${expected}`);
  });
  const drawing = form === "coordinates"
    ? ["drawing.x", "drawing.y", ...(leafOf("drawing.t") ? ["drawing.t"] : [])]
    : ["drawing"];
  const places = Object.fromEntries([...drawing, ...beside].map((name) => [name, names.indexOf(name)]));
  const others = names.filter((name) => !Object.hasOwn(places, name));
  const labels = WHOLE.includes(leafOf("word")?.type ?? "") ? { names: labelNames(about.huggingface) } : {};
  return { form, places, others, ...labels };
}

function formOf(leafOf: (name: string) => Leaf | undefined): TableForm | undefined {
  const isNumbers = (name: string, lists: number) => {
    const leaf = leafOf(name);
    return leaf !== undefined && leaf.lists.length === lists && NUMBERS.includes(leaf.type);
  };
  const hasTimes = leafOf("drawing.t") === undefined || isNumbers("drawing.t", 2);
  if (isNumbers("drawing.x", 2) && isNumbers("drawing.y", 2) && hasTimes) return "coordinates";
  if (isNumbers("drawing", 3)) return "strokes";
  if (isNumbers("drawing", 2)) return "stroke3";
  const text = leafOf("drawing");
  return text?.type === "BYTE_ARRAY" && text.lists.length === 0 ? "json" : undefined;
}

function describe({ fields, type, lists }: Leaf): string {
  return `${fields.join(".")} is ${"lists of ".repeat(lists.length)}${type}`;
}

/** The names of class labels, as Hugging Face's library writes them into a file. */
function labelNames(huggingface: string | undefined): readonly string[] {
  const names: unknown = huggingface === undefined ? undefined : namesIn(huggingface);
  if (Array.isArray(names) && names.every((name) => typeof name === "string")) return names;
  const why = huggingface === undefined ? "has no entry huggingface" : "names no classes of word";
  throw new Reject(
    "other columns",
    `word holds numbers, and the file's metadata ${why}, which would say what they stand for; write word as text`,
  );
}

function namesIn(huggingface: string): unknown {
  try {
    return JSON.parse(huggingface)?.info?.features?.word?.names;
  } catch {
    return undefined;
  }
}
