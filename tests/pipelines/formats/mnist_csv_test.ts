import { assertEquals, assertRejects } from "@std/assert";
import { Reject } from "../../../pipelines/base/errors.ts";
import { mnistColumns, readMnistCsv } from "../../../pipelines/formats/mnist_csv.ts";

const PIXELS = Array.from({ length: 784 }, (_, i) => i % 256);
const named = (name: (i: number) => string) => PIXELS.map((_, i) => name(i)).join();

/** Reads a text that comes in parts of so many bytes. */
async function read(text: string, step = 1000) {
  const bytes = new TextEncoder().encode(text);
  const parts = async function* () {
    for (let at = 0; at < bytes.length; at += step) yield bytes.subarray(at, at + step);
  };
  const rows = await Array.fromAsync(readMnistCsv(parts()));
  return [rows.flatMap(({ labels }) => [...labels]), rows.flatMap(({ pixels }) => [...pixels])];
}

Deno.test("mnist-csv: with names or without, labels or none", async () => {
  const rows = `5,${PIXELS}\r\n\n7, ${PIXELS.toReversed().join(", ")}`;
  for (
    const head of [
      "",
      `label,${named((i) => `pixel${i}`)}\n`,
      `"label",${named((i) => `${1 + i / 28 | 0}x${1 + i % 28}`)}\r\n`,
    ]
  ) {
    for (const step of [1, 1000]) {
      assertEquals(await read(head + rows, step), [[5, 7], [...PIXELS, ...PIXELS.toReversed()]]);
    }
  }
  assertEquals(await read(`${named((i) => `pixel${i}`)}\n${PIXELS}\n`), [[], PIXELS]);
});

Deno.test("mnist-csv: a label that is the last number of each line, and not the first, is found", async () => {
  const dark = "0,".repeat(783);
  const lines = (...ends: number[]) => ends.map((end) => `0,${dark}${end}\n`).join("");
  await assertRejects(() => read(lines(5, 3)), Reject, "expected the label first");
  assertEquals((await read(lines(0, 0)))[0], [0, 0]); // two zeros
  assertEquals((await read(`${lines(5, 3)}7,${dark}9\n`))[0], [0, 0, 7]);
});

Deno.test("mnist-csv: names that say another order of the pixels are refused, of any numbering", async () => {
  const cases: [name: (i: number) => string, found: string][] = [
    [(i) => `pixel${783 - i}`, "pixel783 comes first"],
    [() => "pixel0", "pixel0 comes after pixel0"],
    [(i) => `pixel${i < 9 ? i : i + 1}`, "pixel10 comes after pixel8"],
    [(i) => `${1 + i % 28}x${1 + i / 28 | 0}`, "2x1 comes after 1x1"], // column by column
    [(i) => `${2 + i}`, "2 comes first"],
  ];
  for (const [name, found] of cases) {
    const error = await assertRejects(() => read(`label,${named(name)}\n5,${PIXELS}\n`), Reject);
    assertEquals(error.detail, `the columns are not in the order of the pixels: ${found}`);
  }
  for (const name of [(i: number) => `pixel_${1 + i}`, (i: number) => `${i / 28 | 0}x${i % 28}`, String]) {
    assertEquals((await read(`label,${named(name)}\n5,${PIXELS}\n`))[1], PIXELS);
  }
});

Deno.test("mnist-csv: other tables are none", () => {
  for (const text of ["", "1,2,3", `label,${PIXELS},1`, `word,${named((i) => `pixel${i}`)}`, named((i) => `a${i}`)]) {
    assertEquals(mnistColumns(text), undefined);
  }
});

for (
  const [what, line, reason, detail] of [
    ["a pixel of 256", `5,256,${PIXELS.slice(1)}`, "not a pixel", "line 2: field 2 has 256"],
    ["a fraction", `5,0.5,${PIXELS.slice(1)}`, "not a pixel", 'line 2: field 2 has "."'],
    ["two numbers in a field", `5,1 2,${PIXELS.slice(1)}`, "not a pixel", "line 2: field 2"],
    ["nothing", `5,,${PIXELS.slice(1)}`, "not a pixel", "line 2: field 2 has nothing"],
    ["a pixel too few", `5,${PIXELS.slice(1)}`, "wrong number of fields", "line 2: 784, expected 785"],
    ["a pixel too many", `5,${PIXELS},1`, "wrong number of fields", "line 2: more than 785"],
    ["a negative one", `5,-1,${PIXELS.slice(1)}`, "not a pixel", 'line 2: field 2 has "-"'],
  ]
) {
  Deno.test(`mnist-csv: ${what} is refused with its line`, async () => {
    const error = await assertRejects(() => read(`5,${PIXELS}\n${line}\n`), Reject);
    assertEquals([error.reason, error.detail.includes(detail) || error.detail], [reason, true]);
  });
}
