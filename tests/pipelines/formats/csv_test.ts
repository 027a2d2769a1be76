/** CSV as RFC 4180 has it. The expected fields are what Python's csv module reads of the same text. */
import { assertEquals, assertRejects } from "@std/assert";
import { Reject } from "../../../pipelines/base/errors.ts";
import { cutCsv, parseCsv } from "../../../pipelines/formats/csv.ts";

const TEXT = 'a,"b, c",\r\n"x ""y"" z","two\nlines",""\n\n"",q"r"\n"[[[0, 1], [2, 3]]]",last';
/** list(csv.reader(io.StringIO(TEXT, newline=""))), without its empty row */
const ROWS = [
  ["a", "b, c", ""],
  ['x "y" z', "two\nlines", ""],
  ["", 'q"r"'],
  ["[[[0, 1], [2, 3]]]", "last"],
];

Deno.test("csv: quotes, commas and line feeds in fields, with the line of each record", () => {
  const records = [...parseCsv(TEXT)];
  assertEquals(records.map(({ fields }) => fields), ROWS);
  assertEquals(records.map(({ line }) => line), [1, 2, 5, 6]);
  assertEquals([...parseCsv('a,"b\nc')].map(({ fields, isOpen }) => [fields, isOpen]), [[["a", "b\nc"], true]]);
});

Deno.test("csv: pieces of any size are cut behind records, at places that depend on the bytes alone", async () => {
  const bytes = new TextEncoder().encode(TEXT);
  for (const size of [1, 20, 1000]) {
    const cuts = new Set<string>();
    for (const step of [1, 3, 1000]) {
      const parts = async function* () {
        for (let at = 0; at < bytes.length; at += step) yield bytes.subarray(at, at + step);
      };
      const pieces = (await Array.fromAsync(cutCsv(parts(), size))).map((piece) => new TextDecoder().decode(piece));
      assertEquals(pieces.flatMap((piece) => [...parseCsv(piece)].map(({ fields }) => fields)), ROWS);
      cuts.add(pieces.join("|"));
    }
    assertEquals(cuts.size, 1);
  }
});

Deno.test("csv: a quote within a field without quotes opens nothing, however long the file", async () => {
  const rows = ['5" nail,1\n', 'b"",2\n', '"a"",\nb"x,3\n'].map((row) => row.repeat(30)).join("");
  const bytes = new TextEncoder().encode(rows);
  for (const size of [1, 64, 10_000]) {
    const parts = async function* () {
      yield bytes;
    };
    const pieces = (await Array.fromAsync(cutCsv(parts(), size))).map((piece) => new TextDecoder().decode(piece));
    const fields = pieces.flatMap((piece) => [...parseCsv(piece)].map(({ fields }) => fields));
    // what Python's csv module reads
    assertEquals(fields, [['5" nail', "1"], ['b""', "2"], ['a",\nbx', "3"]].flatMap((row) => Array(30).fill(row)));
    assertEquals(pieces.length > 1, size < 10_000);
  }
});

Deno.test("csv: a quote that is never closed ends with an error, not with the memory", async () => {
  const parts = async function* () {
    yield new TextEncoder().encode('a,b\n"');
    for (let i = 0; i < 40; i++) yield new Uint8Array(2 ** 20).fill(0x0a);
  };
  const pieces: number[] = [];
  const error = await assertRejects(async () => {
    for await (const { length } of cutCsv(parts())) pieces.push(length);
  }, Reject);
  assertEquals([error.reason, pieces], ["record too long", [4]]);
});
