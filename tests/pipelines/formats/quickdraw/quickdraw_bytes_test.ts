/** The byte scanner takes no line that JSON.parse's way refuses, and says the same of every line that both take. */
import { assert, assertEquals } from "@std/assert";
import { encodeDrawing } from "../../../../pipelines/strokes/drawing_bytes.ts";
import { Reject } from "../../../../pipelines/base/errors.ts";
import { openSource, readLines } from "../../../../pipelines/sources/source.ts";
import { Prng } from "../../../../pipelines/base/prng.ts";
import { createScannedLine, scanLine } from "../../../../pipelines/formats/quickdraw/quickdraw_bytes.ts";
import { parseQuickDrawLine } from "../../../../pipelines/formats/quickdraw/quickdraw_line.ts";
import { mutateLine } from "../../../../tasks/fuzz/fuzz_mutate.ts";
import { may, REAL_DATA } from "../../../helpers.ts";
import { embedded, namesIn } from "../../../tasks/prepared.ts";

/** What a line says, comparable. */
interface Said {
  readonly packed: Uint8Array;
  readonly strokes: number;
  readonly word: string | undefined;
  readonly key: bigint | undefined;
  readonly recognized: boolean | undefined;
}

const line = createScannedLine();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** By the scanner, the line between others; undefined where it leaves the line to JSON.parse. */
function scan(text: string): Said | undefined {
  const bytes = new TextEncoder().encode(`0,255],\n${text}\n7,7]]]}`);
  const [start, end] = [8, bytes.length - 8];
  const out = new Uint8Array(3 + end - start + 3).fill(170);
  scanLine({ bytes, start, end }, { out, at: 3 }, line);
  assert(out.subarray(0, 3).every((byte) => byte === 170), "it wrote before its place");
  assert(out.subarray(-3).every((byte) => byte === 170), "it wrote more than the line is long");
  if (line.length === 0) return undefined;
  return {
    packed: out.subarray(3, 3 + line.length),
    strokes: line.strokes,
    word: line.wordStart < 0 ? undefined : decoder.decode(bytes.subarray(line.wordStart, line.wordEnd)),
    key: line.hasKey ? (BigInt(line.keyHigh) << 32n) | BigInt(line.keyLow) : undefined,
    recognized: line.recognized,
  };
}

/** By JSON.parse; undefined where the line is refused. */
function parse(text: string): Said | undefined {
  try {
    const { drawing, word, keyId: key, recognized } = parseQuickDrawLine(text);
    return { packed: encodeDrawing(drawing), strokes: drawing.length, word, key, recognized };
  } catch (error) {
    if (error instanceof Reject) return undefined;
    throw error;
  }
}

/** Whether the scanner took the line. */
function check(text: string): boolean {
  const scanned = scan(text);
  if (scanned !== undefined) assertEquals(scanned, parse(text), text);
  return scanned !== undefined;
}

Deno.test("scanner: the usual shape of a line, with other orders, spaces and keys, needs no JSON.parse", () => {
  const lines = [
    '{"word":"cat","countrycode":"US","timestamp":"2017","recognized":true,"key_id":"18446744073709551615","drawing":[[[0,255],[9,7]]]}',
    '{ "drawing" : [ [ [0, 1], [2,3] ],[[10 ,20],[ 30,200]] ] , "key_id" : "007" } \r',
    '{"drawing":[[[7],[8]]],"recognized":false}\t',
    '{"key_id":18446744073709551615,"drawing":[[[7],[8]]]}',
    '{"a":null,"b":-1.50,"c":0,"drawing":[[[0],[0]]],"d":"","e":true,"word":""}',
  ];
  for (const text of lines) assert(check(text), text);
});

Deno.test("scanner: what is unusual is left to JSON.parse, good or bad", () => {
  const drawing = '"drawing":[[[0,255],[9,7]]]';
  const good = [
    `{"word":"\\u0063at",${drawing}}`,
    `{"word":"naïve",${drawing}}`,
    `{"x":{"y":[1]},${drawing}}`,
    `{"x":1e2,${drawing}}`,
    `{${drawing},${drawing}}`,
    '{"drawing":[[[0.0,2.55e2],[-0,7]]]}',
    '{"dr\\u0061wing":[[[0],[9]]]}',
    '{"drawing":[[[0\t],[9]]]}',
  ];
  for (const text of good) assertEquals([scan(text), parse(text) !== undefined], [undefined, true], text);
  const bad = [
    ...[
      "",
      "{}",
      "[]",
      "null",
      '{"drawing":[]}',
      '{"drawing":[[]]}',
      '{"drawing":[[[],[]]]}',
      '{"drawing":[[[0],[]]]}',
      '{"drawing":[[[0],[9],[100]]]}',
    ],
    ...[
      '{"drawing":[[[256],[0]]]}',
      '{"drawing":[[[01],[0]]]}',
      '{"drawing":[[[1000],[0]]]}',
      '{"drawing":[[[0,],[0,]]]}',
    ],
    ...[
      `{${drawing},}`,
      `{,${drawing}}`,
      `{${drawing}`,
      `${drawing}}`,
      `{${drawing}}x`,
      `{${drawing}}}`,
      `{${drawing} "x":1}`,
    ],
    ...[
      `{"x":01,${drawing}}`,
      `{"x":truth,${drawing}}`,
      `{"x":-,${drawing}}`,
      `{"x":1.,${drawing}}`,
      `{"x",${drawing}}`,
    ],
    ...[`{"key_id":"18446744073709551616",${drawing}}`, `{"key_id":"",${drawing}}`, `{"key_id":7.5,${drawing}}`],
    ...[`{"recognized":null,${drawing}}`, `{"recognized":"true",${drawing}}`, `{"word":true,${drawing}}`],
    ...[`{"x":"a\tb",${drawing}}`, `\u00a0{${drawing}}`, `{"drawing":[[[0,255],[9,7]]`, '{"drawing":[[[0'],
  ];
  for (const text of bad) assertEquals([scan(text), parse(text)], [undefined, undefined], text);
});

Deno.test({
  name: "scanner: 20,000 mutations of the embedded lines",
  ignore: !may("read"),
  fn: async () => {
    const lines: string[] = [];
    for (const path of embedded("sun", "line", "house")) {
      for await (const some of readLines(openSource({ path }))) lines.push(...some.map(({ text }) => text));
    }
    const prng = new Prng(2017);
    let taken = 0;
    for (let i = 0; i < 20_000; i++) if (check(mutateLine(lines[prng.integer(lines.length)], prng))) taken++;
    assert(taken > 2000 && taken < 18_000, `${taken} were taken: the mutations are too mild or too wild`);
  },
});

Deno.test({
  name: "scanner: every real line",
  ignore: REAL_DATA === undefined,
  fn: async () => {
    let [taken, left] = [0, 0];
    for (const folder of ["quickdraw", "quickdraw-minimal"]) {
      for (const name of await namesIn(`${REAL_DATA}${folder}`)) {
        if (!/\.(ndjson|jsonl)(\.gz)?$/.test(name)) continue;
        for await (const lines of readLines(openSource({ path: `${REAL_DATA}${folder}/${name}` }))) {
          for (const { text } of lines) check(text) ? taken++ : left++;
        }
      }
    }
    assert(taken > 10_000, `only ${taken} lines`);
    assert(left < taken / 100, `${left} of ${taken + left} lines went the slow way`);
  },
});
