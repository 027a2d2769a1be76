/** What is told of files of drawings: numbers that are places and not steps, names that are not read, options of no use. */
import { assertEquals } from "@std/assert";
import type { DrawingPiece } from "../../../../pipelines/formats/quickdraw/drawing_file.ts";
import type { AnyPiece } from "../../../../pipelines/formats/quickdraw/drawing_pieces.ts";
import { cutTables } from "../../../../pipelines/formats/quickdraw/tables.ts";
import { nestedLists, tableOf, tailOf, texts } from "../../formats/parquet/tables.ts";
import { SeenFiles, type SeenOptions } from "../../../../pipelines/datasets/quickdraw/seen_files.ts";

/** Ten drawings of the same points, dx, dy and pen each. */
function vectorsOf(drawing: readonly (readonly [number, number, number])[]): AnyPiece {
  const vectors = Int16Array.from(Array.from({ length: 10 }, () => drawing).flat(2));
  const points = new Uint32Array(10).fill(drawing.length);
  return { vectors: { vectors, points, refused: new Map(), outside: 0, split: "train", first: 1, others: [] } };
}

const OPTIONS: SeenOptions = { fit: false, epsilon: 2, splits: "own", class: "" };

/** The notes of files, each of one piece; they are named a, b and so on. */
function notesOf(pieces: readonly AnyPiece[], options: Partial<SeenOptions> = {}): string[] {
  const seen = new SeenFiles({ ...OPTIONS, ...options });
  for (const [i, piece] of pieces.entries()) {
    seen.begin("abc"[i]);
    seen.add(piece);
  }
  return seen.notes;
}

const textOf = (text: string, about: Partial<DrawingPiece> = {}): AnyPiece => ({
  text: { bytes: new TextEncoder().encode(text), ...about },
});

Deno.test("drawings that go right and down alone are told, others are not", () => {
  const places = "no line goes left or up: Sketch-RNN's numbers are steps, are these places?";
  const oneWay = vectorsOf([[-5, -5, 0], [9, 0, 0], [9, 9, 0], [0, 9, 1]]);
  const around = vectorsOf([[5, 5, 0], [9, 0, 0], [0, 9, 0], [-9, 0, 1]]);
  const line = vectorsOf([[5, 5, 0], [9, 0, 1]]);
  const dealt = { splits: "hash" };
  assertEquals(notesOf([oneWay], dealt), [`a: ${places}`]);
  assertEquals(notesOf([around, line], dealt), []);
  assertEquals(notesOf([around, oneWay, line], dealt), [`b: ${places}`]); // whatever other files do
});

Deno.test("names that are not read are told, and where the class may be under one of them", () => {
  const instead = "the class is the file's name, or --class; what names it is called word";
  const csv = textOf("label,drawing\n", { columns: ["label", "drawing", ""] });
  assertEquals(notesOf([csv]), ["columns that are not read: label", `no word is beside label: ${instead}`]);
  const lines = [textOf('{"Word":"cat","drawing":[]}\n'), textOf('{"category":"cat","drawing":[],"age":7}')];
  assertEquals(notesOf(lines), [
    "columns that are not read: Word, category, age",
    `no word is beside Word and category: ${instead}`,
  ]);
  const both = [textOf('{"word":"cat","label":3,"drawing":[]}\n'), textOf("[[[1,2],[3,4]]]\n"), textOf("{")];
  assertEquals(notesOf(both), ["columns that are not read: label"]);
  const named = '{"word":"cat","countrycode":"CH","timestamp":"","recognized":true,"key_id":"7","drawing":[]}\n';
  assertEquals(notesOf([textOf(named), textOf('{"drawing":[]}\n', { word: "cat" })]), []);
  const { vectors } = vectorsOf([[1, 2, 0], [-3, 4, 1]]);
  const [, told] = notesOf([{ vectors: { ...vectors!, others: ["holdout"] } }]);
  assertEquals(told, "arrays that are not read: holdout");
});

Deno.test("options that nothing of the files needs are told", () => {
  const named = textOf('{"word":"cat","drawing":[]}\n');
  const options = { class: "dog", splits: "hash" };
  assertEquals(notesOf([named], options), [
    "--class dog was not used: all drawings name their class",
    "--splits hash was not used: it is of Sketch-RNN's files",
  ]);
  assertEquals(notesOf([named, vectorsOf([[1, 2, 0], [-3, 4, 1]])], options), []);
  assertEquals(notesOf([textOf('{"word":"cat","drawing":[]}\n{"drawing":[]}\n')], { class: "dog" }), []);
});

Deno.test("whether all rows of a table name their class is looked at", async () => {
  const tableWith = async (...words: (string | null)[]): Promise<AnyPiece> => {
    const utf8 = words.map((word) => word === null ? null : new TextEncoder().encode(word));
    const file = tableOf([nestedLists(2), texts("word")], [[words.map(() => [[1, 2, 1]]), utf8]]);
    const [table] = await Array.fromAsync(cutTables(new Blob([file]).stream(), tailOf(file)));
    return { table };
  };
  const dog = { class: "dog", splits: "own" };
  const told = async (...words: (string | null)[]) =>
    notesOf([await tableWith(...words)], dog).filter((note) => note.startsWith("--class"));
  assertEquals(await told("cat", "sun"), ["--class dog was not used: all drawings name their class"]);
  assertEquals(await told("cat", ""), ["--class dog was not used: all drawings name their class"]); // which is a reject
  assertEquals(await told("cat", null), []);
});

Deno.test("records that name their class are not parsed for that", () => {
  const { parse } = JSON;
  let parsed = 0;
  JSON.parse = (...args) => {
    parsed++;
    return parse(...args);
  };
  try {
    const notes = notesOf([textOf('{"word":"cat","drawing":[]}\n'.repeat(50))], { class: "dog" });
    assertEquals(notes, ["--class dog was not used: all drawings name their class"]);
  } finally {
    JSON.parse = parse;
  }
  assertEquals(parsed, 1); // the first, for its names
});
