/** JSON files of drawings, cut into items; JSON.parse of the whole text is the oracle. */
import { assertEquals, assertRejects } from "@std/assert";
import { Reject } from "../../../../pipelines/base/errors.ts";
import { cutJsonItems, type JsonPiece } from "../../../../pipelines/formats/quickdraw/json_items.ts";

const DRAWING = [[[0, 255], [9, 7]], [[1], [2]]];
const RECORD = { note: 'a "]}\\" b', drawing: DRAWING };

async function cut(text: string, step: number, size?: number): Promise<JsonPiece[]> {
  const bytes = new TextEncoder().encode(text);
  const parts = async function* () {
    for (let at = 0; at < bytes.length; at += step) yield bytes.subarray(at, at + step);
  };
  return await Array.fromAsync(cutJsonItems(parts(), size));
}

/** The items of pieces, each with its class and number. */
function itemsOf(pieces: readonly JsonPiece[]): [unknown, string | undefined, number][] {
  return pieces.filter(({ bytes }) => bytes.length > 0).flatMap(({ bytes, word, first }) =>
    new TextDecoder().decode(bytes).trimEnd().split("\n").map((line, i): [unknown, string | undefined, number] => [
      JSON.parse(line),
      word,
      first + i,
    ])
  );
}

for (
  const [what, value, items] of [
    ["a list of records", [RECORD, RECORD], [[RECORD, undefined], [RECORD, undefined]]],
    ["a list of drawings", [DRAWING, DRAWING], [[DRAWING, undefined], [DRAWING, undefined]]],
    ["one drawing", DRAWING, [[DRAWING, undefined]]],
    ["one record", { word: "sun", ...RECORD }, [[{ word: "sun", ...RECORD }, undefined]]],
    ["a record that begins with a list of another name", { boxes: [[0, 0, 5, 5]], tag: { drawing: 1 }, ...RECORD }, [
      [{ boxes: [[0, 0, 5, 5]], tag: { drawing: 1 }, ...RECORD }, undefined],
    ]],
    ["lists by class", { cat: [DRAWING, RECORD], dog: [], 'a "b"': [DRAWING] }, [
      [DRAWING, "cat"],
      [RECORD, "cat"],
      [DRAWING, 'a "b"'],
    ]],
    ["an empty list", [], []],
    [
      "what is no drawing",
      [RECORD, null, 7, "a, b", []],
      [RECORD, null, 7, "a, b", []].map((item) => [item, undefined]),
    ],
  ] as [string, unknown, [unknown, string | undefined][]][]
) {
  Deno.test(`json: ${what}, pretty-printed or not, in pieces of any size`, async () => {
    for (const text of [JSON.stringify(value), JSON.stringify(value, null, 2), ` ${JSON.stringify(value)}\r\n`]) {
      for (const [step, size] of [[1, 1], [7, 100], [10_000, undefined]] as const) {
        const expected = items.map(([item, word], i) => [item, word, i + 1]);
        assertEquals(itemsOf(await cut(text, step, size)), expected as ReturnType<typeof itemsOf>);
      }
    }
  });
}

Deno.test("json: of a class without drawings there is a piece without bytes", async () => {
  for (const size of [1, 10_000]) {
    const pieces = await cut(JSON.stringify({ ant: [], cat: [DRAWING], dog: [] }), 7, size);
    assertEquals(pieces.map(({ word, bytes, first }) => [word, bytes.length > 0, first]), [
      ["ant", false, 1],
      ["cat", true, 1],
      ["dog", false, 2],
    ]);
  }
});

Deno.test("json: where it is cut depends on the bytes alone", async () => {
  const text = JSON.stringify({ cat: [DRAWING, RECORD, DRAWING], dog: [DRAWING] }, null, 1);
  for (const size of [1, 100, 10_000]) {
    const [expected, ...others] = await Promise.all([1, 7, 64, 10_000].map((step) => cut(text, step, size)));
    for (const pieces of others) assertEquals(pieces, expected);
  }
});

Deno.test("json: one value after another, as jq prints them; a class ends with its object", async () => {
  const text = `${JSON.stringify({ cat: [DRAWING] }, null, 1)}\n${JSON.stringify(RECORD, null, 1)}\n[${
    JSON.stringify(DRAWING)
  }]`;
  const items = itemsOf(await cut(text, 5));
  assertEquals(items, [[DRAWING, "cat", 1], [RECORD, undefined, 2], [DRAWING, undefined, 3]]);
});

for (
  const [what, text, reason, delivered] of [
    ["a file that ends in a drawing", '[{"drawing":[[[0],[1]]]},{"drawing":[[[0', "truncated file", 1],
    ["a file that ends between drawings", '{"cat":[[[[0],[1]]]],', "truncated file", 1],
    ["a missing comma", "[[[[0],[1]]] [[[0],[1]]]]", "bad JSON", 1],
    ["text after the list", "[[[[0],[1]]]] x", "bad JSON", 1],
    ["a class that is no list", '{"cat":[[[[0],[1]]]],"dog":7}', "wrong type", 1],
    ["a comma too many", "[[[[0],[1]]],]", "bad JSON", 1],
    ["a class without quotes", '{"cat":[[[[0],[1]]]], dog: []}', "bad JSON", 1],
  ] as [string, string, string, number][]
) {
  Deno.test(`json: ${what} is told, after what came before`, async () => {
    for (const step of [1, 1000]) {
      const pieces: JsonPiece[] = [];
      const error = await assertRejects(async () => {
        const parts = async function* () {
          for (let at = 0; at < text.length; at += step) yield new TextEncoder().encode(text.slice(at, at + step));
        };
        for await (const piece of cutJsonItems(parts())) pieces.push(piece);
      }, Reject);
      assertEquals([error.reason, itemsOf(pieces).length], [reason, delivered]);
    }
  });
}
