/** What a dataset gives is what it says, or is refused in one line that names both. */
import { assertEquals, assertThrows } from "@std/assert";
import type { Field, Fields, NdArray } from "../../pipelines/base/arrays.ts";
import { InputError } from "../../pipelines/base/errors.ts";
import { checkFields, type Dataset, packChecked, type PictureField, pictureForm } from "../../pipelines/dataset.ts";
import { RowPacker } from "../../pipelines/shards/packed_rows.ts";

Deno.test("fields have a dtype and a shape; those that pictures show are square, grey or in colour", () => {
  const check = (fields: unknown, picture?: string) =>
    checkFields(
      { name: "mine", ...(picture === undefined ? {} : { picture: { field: picture, grey: true } }) },
      fields as Fields,
    );
  check({ a: { dtype: "int64", shape: [] }, b: { dtype: "int16", shape: [-1, 3] } });
  check({ a: { dtype: "uint8", shape: [4, 4] } }, "a");
  check({ a: { dtype: "uint8", shape: [4, 4, 3] } }, "a");
  check({ a: { dtype: "uint8", shape: [7] } }, "left out by an option");
  const cases: [fields: unknown, words: string][] = [
    [undefined, "dataset mine: has no fields"],
    [{}, "dataset mine: has no fields"],
    [{ a: null }, "field a is undefined [undefined]"],
    [{ a: { dtype: "uint9", shape: [] } }, "field a is uint9 []"],
    [{ a: { dtype: "uint8", shape: [2.5] } }, "field a is uint8 [2.5]"],
    [{ a: { dtype: "uint8", shape: [3, -1] } }, "field a is uint8 [3,-1]"],
    [
      { a: { dtype: "uint8", shape: [7] } },
      "pictures show field a, uint8 [7], expected uint8 [S,S], [S,S,3] or [n,S,S]",
    ],
    [{ a: { dtype: "uint8", shape: [4, 5] } }, "pictures show field a, uint8 [4,5]"],
    [{ a: { dtype: "float32", shape: [4, 4] } }, "pictures show field a, float32 [4,4]"],
  ];
  for (const [fields, words] of cases) assertThrows(() => check(fields, "a"), InputError, words);
});

Deno.test("a field is looked up by whole numbers that shards hold, and a row of pictures stands beside its like", () => {
  const by: Field = { dtype: "uint16", shape: [7] };
  const bank = { name: "glyph", by: "by" };
  const image: Field = { dtype: "uint8", shape: [7, 4, 4], bank };
  const check = (fields: Record<string, unknown>, picture?: PictureField) =>
    checkFields({ name: "mine", ...(picture ? { picture } : {}) }, fields as Fields);
  check({ by, image }, { field: "image", grey: true });
  const beside = { field: "image", grey: true, beside: "other" };
  check({ by, image, other: { dtype: "uint8", shape: [2, 4, 4] } }, beside);
  assertThrows(
    () => check({ by, image, other: { dtype: "uint8", shape: [2, 5, 5] } }, beside),
    InputError,
    "other cannot be shown beside image, expected uint8 [n,4,4]",
  );
  assertThrows(() => check({ by, image }, beside), InputError, "other cannot be shown beside image");
  const words = "field image, uint8 [7,4,4], looked up in glyph by by: expected a stored field of whole numbers";
  assertThrows(() => check({ image }), InputError, words);
  for (const wrong of [{ dtype: "float32" }, { shape: [6] }, { shape: [-1] }, { bank: { name: "a", by: "image" } }]) {
    assertThrows(() => check({ by: { ...by, ...wrong }, image }), InputError, "looked up in");
  }
  assertThrows(
    () => check({ by, image: { ...image, bank: { ...bank, name: "../x" } } }),
    InputError,
    "expected a bank's name of small letters",
  );
});

Deno.test("the form of pictures is told by their shape", () => {
  const form = (...shape: number[]) => pictureForm({ dtype: "uint8", shape });
  assertEquals(form(4, 4), { side: 4, count: 1, colour: false });
  assertEquals(form(4, 4, 3), { side: 4, count: 1, colour: true });
  assertEquals(form(7, 4, 4), { side: 4, count: 7, colour: false });
  for (const shape of [[], [4], [4, 5], [4, 4, 2], [0, 0], [2, 3, 4], [2, 4, 4, 4]]) {
    assertEquals(form(...shape), undefined, String(shape));
  }
  assertEquals(pictureForm({ dtype: "int8", shape: [4, 4] }), undefined);
});

Deno.test("what is packed has the dtypes and shapes of the fields, ragged ones with their offsets", () => {
  const fields: Fields = { word: { dtype: "uint8", shape: [2] }, line: { dtype: "int16", shape: [-1, 3] } };
  const rows = [1n, 2n].map((key) => ({ key, label: 0, payload: new Uint8Array(1) }));
  const good: Record<string, NdArray> = {
    word: { dtype: "uint8", shape: [2, 2], data: new Uint8Array(4) },
    line: { dtype: "int16", shape: [5, 3], data: new Int16Array(15) },
    line_offsets: { dtype: "int64", shape: [3], data: BigInt64Array.of(0n, 2n, 5n) },
  };
  const pack = (arrays: Record<string, unknown>) => {
    const dataset = { name: "mine", pack: () => arrays } as unknown as Dataset;
    return packChecked(dataset, rows, { options: {}, fields });
  };
  assertEquals(pack(good), good);
  const cases: [arrays: Record<string, unknown>, words: string][] = [
    [{ ...good, word: undefined }, "pack gave nothing for word, expected uint8 [2,2]"],
    [{ ...good, word: { ...good.word, shape: [2, 3] } }, "pack gave uint8 [2,3] of 4 values for word"],
    [{ ...good, word: { ...good.word, data: new Uint8Array(3) } }, "pack gave uint8 [2,2] of 3 values for word"],
    [{ ...good, word: { ...good.word, dtype: "int8" } }, "pack gave int8 [2,2] of 4 values for word"],
    [{ ...good, line: { ...good.line, shape: [3, 5] } }, "for line, expected int16 [n,3]"],
    [{ ...good, line_offsets: undefined }, "pack gave nothing for line_offsets, expected int64 [3]"],
    [{ ...good, more: good.word }, "pack gave more, which is no field"],
  ];
  for (const [arrays, words] of cases) assertThrows(() => pack(arrays), InputError, words);
});

Deno.test("a field of one number has none above its maximum, and a label is the row's", () => {
  const rows = [1, 0].map((label) => ({ key: BigInt(label), label, payload: new Uint8Array(1) }));
  const pack = (fields: Fields, arrays: Record<string, NdArray>) => {
    const dataset = { name: "mine", pack: () => arrays } as unknown as Dataset;
    return packChecked(dataset, rows, { options: {}, fields });
  };
  const count: Field = { dtype: "uint8", shape: [], max: 2 };
  const counted = (...counts: number[]) =>
    pack({ count }, { count: { dtype: "uint8", shape: [2], data: Uint8Array.from(counts) } });
  counted(0, 2);
  assertThrows(() => counted(2, 200), InputError, "dataset mine: pack gave count 200, expected 2 at most");
  const labelled = (...labels: number[]) => {
    const label: NdArray = { dtype: "uint64", shape: [2], data: BigUint64Array.from(labels, BigInt) };
    return pack({ label: { dtype: "uint64", shape: [] } }, { label });
  };
  labelled(1, 0);
  assertThrows(() => labelled(1, 7), InputError, "dataset mine: pack gave label 7 of a row of label 0");
  pack({ label: { dtype: "uint8", shape: [-1] } }, { // no number each
    label: { dtype: "uint8", shape: [3], data: Uint8Array.of(5, 6, 7) },
    label_offsets: { dtype: "int64", shape: [3], data: BigInt64Array.of(0n, 1n, 3n) },
  });
});

Deno.test("a row has a class and a split that there is, a key that is a bigint and bytes", () => {
  const row = { key: 1n, className: "sun", payload: new Uint8Array(1) };
  const add = (more: object) => new RowPacker(0).add({ ...row, ...more });
  add({ split: "test" });
  assertThrows(() => add({ className: undefined }), InputError, "a row's class is undefined, expected a name");
  assertThrows(() => add({ className: "" }), InputError, 'a row\'s class is "", expected a name');
  assertThrows(() => add({ split: "tset" }), InputError, 'a row\'s split is "tset", expected train, valid, test');
  add({ key: undefined });
  assertThrows(() => add({ key: 5.27 }), InputError, "a row's key is 5.27, expected a bigint");
  assertThrows(() => add({ key: "5" }), InputError, "a row's key is a text, expected a bigint");
  assertThrows(() => add({ payload: undefined }), InputError, "a row's payload is undefined, expected a Uint8Array");
  assertThrows(() => add({ payload: "abc" }), InputError, "a row's payload is a text, expected a Uint8Array");
});
