/** Sums as texts and pictures, against the definition of the assignment and the digits' own files. */
import { assert, assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import { arithmetic, type ARITHMETIC_OPTIONS } from "../../../../pipelines/datasets/arithmetic/arithmetic.ts";
import { splitExpressions } from "../../../../pipelines/datasets/arithmetic/expression_splits.ts";
import { Expressions } from "../../../../pipelines/datasets/arithmetic/expressions.ts";
import type { Dataset } from "../../../../pipelines/dataset.ts";
import { InputError } from "../../../../pipelines/base/errors.ts";
import type { PartialOptions } from "../../../../pipelines/base/option_table.ts";
import { type Split, SPLITS } from "../../../../pipelines/base/split.ts";
import { decodeNpz } from "../../../../pipelines/formats/npz.ts";
import type { PrepareSettings } from "../../../../pipelines/prepare/prepare.ts";
import { FAST, inTemporaryFolder, may } from "../../../helpers.ts";
import { filesOf, FIXTURES, prepareTo } from "../../../tasks/prepared.ts";
import { digitsIn, numbersOf, sumsIn } from "./sums.ts";

const test = (name: string, fn: (folder: string) => Promise<void>, ignored = false) =>
  Deno.test({
    name: `arithmetic: ${name}`,
    ignore: ignored || !may("read", "write"),
    fn: () => inTemporaryFolder(fn),
  });

const prepareSums = (
  output: string,
  options: PartialOptions<typeof ARITHMETIC_OPTIONS> = {},
  more: Partial<PrepareSettings> = {},
) => prepareTo(output, { dataset: arithmetic as Dataset, options, ...more });

test(
  "every pair once with plus and minus, 80,000 queries of 7 characters with the right answer of 4",
  async (folder) => {
    const index = await prepareSums(`${folder}/out`);
    const found = (await sumsIn(`${folder}/out`, index)).map(({ query, answer, className }) =>
      `${query}=${answer} ${className}`
    );
    const expected: string[] = [];
    const three = (n: number) => n < 10 ? `  ${n}` : n < 100 ? ` ${n}` : `${n}`;
    for (let a = 0; a <= 199; a++) {
      for (let b = 0; b <= 199; b++) {
        expected.push(`${three(a)}+${three(b)}=${("    " + (a + b)).slice(-4)} plus`);
        expected.push(`${three(a)}-${three(b)}=${("    " + (a - b)).slice(-4)} minus`);
      }
    }
    assertEquals(found.length, 80_000);
    assertEquals(found.sort(), expected.sort());
    assertEquals(index.fields.query.characters, "0123456789+- ");
    assertEquals(SPLITS.map((split) => index.splits[split].examples), [64_000, 8000, 8000]);
  },
  FAST,
);

test("the shares of the report's table: 50-50, 25-75 and 10-90 are exact, and each test holds the smaller", async (folder) => {
  let smaller = new Set<string>();
  for (const testShare of [0.1, 0.25, 0.5]) {
    const index = await prepareSums(`${folder}/${testShare}`, { max: 99, testShare, validShare: 0.01 });
    const tests = 20_000 * testShare;
    assertEquals(SPLITS.map((split) => index.splits[split].examples), [20_000 - tests - 200, 200, tests]);
    const sums = await sumsIn(`${folder}/${testShare}`, index);
    const asked = new Set(sums.filter(({ split }) => split === "test").map(({ query }) => query));
    assert(smaller.isSubsetOf(asked));
    smaller = asked;
  }
});

/** What no two splits may share by each rule. */
const KEPT_APART: Readonly<
  Record<(typeof ARITHMETIC_OPTIONS)["by"]["choices"][number], (query: string, answer: string) => string>
> = {
  query: (query) => query,
  pair: (query) => numbersOf(query).sort((a, b) => a - b).join(),
  answer: (_, answer) => answer,
  operand: (query) => query,
};

for (const [by, keyOf] of Object.entries(KEPT_APART)) {
  test(`by ${by}, no two splits share one, and the shares are near what was asked for`, async (folder) => {
    const rule = by as keyof typeof KEPT_APART;
    const index = await prepareSums(folder + "/out", { max: 79, by: rule, testShare: 0.3, validShare: 0.2 });
    const sums = await sumsIn(folder + "/out", index);
    const splits = new Map<string, Set<Split>>();
    for (const { query, answer, split } of sums) {
      const key = keyOf(query, answer);
      splits.set(key, (splits.get(key) ?? new Set()).add(split));
    }
    for (const [key, those] of splits) assertEquals(those.size, 1, key);
    const [train, valid, tests] = SPLITS.map((split) => index.splits[split].examples / 12_800);
    for (const [share, asked] of [[train, 0.5], [valid, 0.2], [tests, 0.3]]) {
      assert(Math.abs(share - asked) < 0.015, `${share}, asked for ${asked}`);
    }
    // the index says what leaks, counted
    const of = (split: Split) => sums.filter((sum) => sum.split === split);
    const learnt = new Set(of("train").map(({ query }) => query.replaceAll(" ", "")));
    const [answers, numbers] = [new Set(of("train").map(({ answer }) => answer)), new Set<number>()];
    for (const { query } of of("train")) for (const number of numbersOf(query)) numbers.add(number);
    const counts = [0, 0, 0];
    for (const { query, answer } of of("test")) {
      const [a, b] = numbersOf(query);
      if (learnt.has(`${b}${query[2]}${a}`)) counts[0]++;
      if (answers.has(answer)) counts[1]++;
      if (numbers.has(a) && numbers.has(b)) counts[2]++;
    }
    const note = index.notes!.find((note) => note.startsWith(`split by ${by}`))!;
    const told = [...note.replaceAll(",", "").matchAll(/\d+/g)].map(Number);
    assertEquals(told, [of("test").length, ...counts]);
    if (rule === "pair") assertEquals(counts[0], 0);
    if (rule === "answer") assertEquals(counts[1], 0);
    if (rule === "operand") assertEquals(counts[2], 0);
  });
}

test("by operand, numbers of valid's own and of the test's are in no query of train", async (folder) => {
  const index = await prepareSums(folder + "/out", { max: 79, by: "operand", testShare: 0.3, validShare: 0.2 });
  const sums = await sumsIn(folder + "/out", index);
  const of = (split: Split) =>
    new Set(sums.filter((sum) => sum.split === split).flatMap(({ query }) => numbersOf(query)));
  const [learnt, later] = [of("train"), of("valid")];
  assertEquals(of("test").size, 80);
  for (const { query } of sums.filter(({ split }) => split === "train")) {
    assert(numbersOf(query).every((number) => learnt.has(number)));
  }
  for (const { query } of sums.filter(({ split }) => split === "valid")) {
    assert(numbersOf(query).some((number) => !learnt.has(number)), query);
  }
  for (const { query } of sums.filter(({ split }) => split === "test")) {
    assert(numbersOf(query).some((number) => !later.has(number)), query);
  }
});

Deno.test("arithmetic: by operand, the smallest share has a number of its own, as long as one is left to learn", () => {
  const counts = (max: number, testShare: number, validShare: number) => {
    const splits = splitExpressions(new Expressions(["plus"], max), { by: "operand", testShare, validShare });
    return [0, 1, 2].map((split) => splits.filter((one) => one === split).length);
  };
  const within = (
    learnt: number,
    known: number,
    all: number,
  ) => [learnt ** 2, known ** 2 - learnt ** 2, all ** 2 - known ** 2];
  assertEquals(counts(199, 0.095, 0.005), within(189, 190, 200));
  assertEquals(counts(199, 0.001, 0.001), within(198, 199, 200));
  assertEquals(counts(199, 0.1, 0), within(190, 190, 200));
  assertEquals(counts(199, 0, 0.1), within(190, 200, 200));
  assertEquals(counts(199, 0.75, 0), within(100, 100, 200));
  assertEquals(counts(199, 0.5, 0.5), within(0, 141, 200)); // nothing is left to learn, as was asked for
  assertEquals(counts(2, 0.01, 0.01), within(1, 2, 3));
  assertEquals(counts(1, 0.01, 0.01), within(1, 1, 2));
  assertEquals(counts(1, 0, 0), within(2, 2, 2));
});

test("products too, and any largest number: lengths follow, the codes of the others stay", async (folder) => {
  const of = (options: PartialOptions<typeof ARITHMETIC_OPTIONS>) => {
    const { query, answer } = arithmetic.fields({
      ...{ max: 199, operations: ["plus", "minus"], by: "query", testShare: 0.1, validShare: 0.1 },
      ...options,
    });
    return [query.shape[0], answer.shape[0], query.max, query.characters];
  };
  assertEquals(of({}), [7, 4, 12, "0123456789+- "]);
  assertEquals(of({ operations: ["plus"] }), [7, 3, 12, "0123456789+- "]);
  assertEquals(of({ operations: ["times"] }), [7, 5, 13, "0123456789+- *"]);
  assertEquals(of({ max: 999, operations: ["plus"] }), [7, 4, 12, "0123456789+- "]);
  assertEquals(of({ max: 9 }), [3, 2, 12, "0123456789+- "]);
  assertEquals(of({ max: 1, operations: ["plus"] }), [3, 1, 12, "0123456789+- "]);
  const index = await prepareSums(folder + "/out", { max: 12, operations: ["times", "minus"] });
  const sums = await sumsIn(folder + "/out", index);
  assertEquals(index.classes, ["minus", "times"]);
  assertEquals(sums.length, 2 * 13 * 13);
  for (const { query, answer, className } of sums) {
    const [a, b] = numbersOf(query);
    assertEquals(Number(answer), className === "times" ? a * b : a - b, query);
    assertEquals([query.length, answer.length, query[2]], [5, 3, className === "times" ? "*" : "-"]);
  }
});

test("each picture is one of the digits' files, of the right label and of the split's own part", async (folder) => {
  const mnist = `${FIXTURES}mnist/`;
  const trains = await digitsIn(`${mnist}train-images-idx3-ubyte.gz`, `${mnist}train-labels-idx1-ubyte.gz`);
  const tests = await digitsIn(`${mnist}t10k-images-idx3-ubyte.gz`, `${mnist}t10k-labels-idx1-ubyte.gz`);
  const parts = { train: trains.slice(0, 550), valid: trains.slice(550), test: tests };
  const index = await prepareSums(folder + "/out", { max: 120 });
  const { shape, data } = decodeNpz(await Deno.readFile(`${folder}/out/bank-glyph.npz`)).glyph;
  assertEquals(shape, [1 + 700 + 3 * 2 * 50, 28, 28]);
  const picture = (row: number) => (data as Uint8Array<ArrayBuffer>).slice(784 * row, 784 * (row + 1)).toBase64();
  const sets = Object.fromEntries(SPLITS.map((split) => {
    const of = (label: number) =>
      new Set(parts[split].filter((one) => one.label === label).map(({ picture }) => picture));
    return [split, Array.from({ length: 10 }, (_, label) => of(label))];
  }));
  const used: Record<Split, Set<number>> = { train: new Set(), valid: new Set(), test: new Set() };
  for (const { split, query, answer, glyphs } of await sumsIn(folder + "/out", index)) {
    [...query + answer].forEach((character, i) => {
      if (character === " ") return assertEquals(glyphs[i], 0);
      used[split].add(glyphs[i]);
      if (/\d/.test(character)) assert(sets[split][Number(character)].has(picture(glyphs[i])), `${query} ${i}`);
    });
  }
  assertEquals(picture(0), new Uint8Array(784).toBase64());
  assert(used.train.isDisjointFrom(used.valid) && used.train.isDisjointFrom(used.test));
  assert(used.valid.isDisjointFrom(used.test));
  const signs = Array.from({ length: 300 }, (_, i) => picture(701 + i));
  assertEquals(new Set(signs).size, 300); // a minus of the test is none of train
  assertEquals(used.train.size, 550 + 100); // each of them is drawn sooner or later
});

test("the seed alone decides on pictures, and no seed on texts and splits; Workers agree", async (folder) => {
  const options = { max: 70 };
  const [one, again, other] = [`${folder}/1`, `${folder}/2`, `${folder}/3`];
  const index = await prepareSums(one, options);
  await prepareSums(again, options, { workers: 3 });
  const another = await prepareSums(other, options, { seed: 1 });
  assertEquals(await filesOf(one), await filesOf(again));
  const [a, b] = [await sumsIn(one, index), await sumsIn(other, another)];
  const texts = (sums: typeof a) => sums.map(({ split, query, answer }) => `${split} ${query} ${answer}`).sort();
  assertEquals(texts(a), texts(b));
  const picked = (sums: typeof a) => new Map(sums.map(({ query, glyphs }) => [query, glyphs]));
  const [those, these] = [picked(a), picked(b)];
  assert([...those].filter(([query, glyphs]) => String(glyphs) === String(these.get(query))).length < those.size / 100);
  assertNotEquals(
    (await filesOf(one))["bank-glyph.npz"],
    (await filesOf(other))["bank-glyph.npz"], // signs
  );
});

test("what cannot be is refused, and what is left out is counted", async (folder) => {
  const refused = async (given: PartialOptions<typeof ARITHMETIC_OPTIONS>, sources: string[], words: string) => {
    await assertRejects(() => prepareSums(folder + "/out", given, { sources }), InputError, words);
  };
  await refused({ operations: [] }, [], "--operations: name one at least");
  await refused({ testShare: 0.6, validShare: 0.5 }, [], "--test-share 0.6 and --valid-share 0.5 are more than all");
  const mnist = `${FIXTURES}mnist/`;
  await refused(
    {},
    [`${mnist}train-images-idx3-ubyte.gz`, `${mnist}train-labels-idx1-ubyte.gz`],
    "for test: give the digits 0 to 9",
  );

  // a digit whose label is none, and pictures of letters
  const idx = (name: string, labels: readonly number[]) =>
    Promise.all([
      Deno.writeFile(
        `${folder}/${name}-labels-idx1-ubyte`,
        Uint8Array.of(0, 0, 8, 1, 0, 0, 0, labels.length, ...labels),
      ),
      Deno.writeFile(
        `${folder}/${name}-images-idx3-ubyte`,
        Uint8Array.from(
          { length: 16 + 784 * labels.length },
          (_, i) => [0, 0, 8, 3, 0, 0, 0, labels.length, 0, 0, 0, 28, 0, 0, 0, 28][i] ?? (i + name.length) % 251,
        ),
      ),
    ]);
  await idx("train", [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 11]);
  await idx("valid", [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  await idx("test", [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  const index = await prepareSums(folder + "/sums", { max: 20 }, { sources: [`${folder}/*ubyte`] });
  assertEquals(index.rejects, { "label out of range": 1 });
  assertEquals(index.splits.train.examples + index.splits.valid.examples + index.splits.test.examples, 2 * 21 * 21);
  for (const split of ["train", "valid", "test"]) {
    for (const part of ["images-idx3", "labels-idx1"]) {
      await Deno.rename(`${folder}/${split}-${part}-ubyte`, `${folder}/emnist-balanced-${split}-${part}-ubyte`);
    }
  }
  const letters = await prepareSums(folder + "/letters", { max: 20 }, { sources: [`${folder}/*ubyte`] });
  assertEquals(letters.filters, { "picture of no digit": 1 });
});
