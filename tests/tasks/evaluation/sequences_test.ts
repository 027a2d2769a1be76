import { assertAlmostEquals, assertEquals } from "@std/assert";
import type { SequenceWriter, WriteOptions } from "../../../models/sequence_writer.ts";
import type { Fields } from "../../../pipelines/base/arrays.ts";
import type { PlacedBatch } from "../../../pipelines/batches/batch.ts";
import type { Batch } from "../../../pipelines/dataset.ts";
import type { JudgedRun } from "../../../tasks/evaluation/judge.ts";
import { sequencesJudge } from "../../../tasks/evaluation/sequences.ts";

const CHARACTERS = "0123456789+- ";
const code = (texts: readonly string[]) =>
  Uint8Array.from(texts.join(""), (character) => CHARACTERS.indexOf(character));
const SIDE = 2;
const TEXT = { dtype: "uint8", max: 12, characters: CHARACTERS } as const;
const FIELDS: Fields = {
  query: { ...TEXT, shape: [3] },
  answer: { ...TEXT, shape: [2] },
  query_image: { dtype: "uint8", shape: [3, SIDE, SIDE] },
};

function runOf(fields: Fields): JudgedRun {
  return { ...{ classes: ["plus"], strokes: 0, split: "test", fields, picture: undefined }, trainExamples: 0, seed: 1 };
}

/** Writes the same to any query, and remembers with which beam. */
function writerOf(reads: string, text: string): SequenceWriter & { readonly beams: (number | undefined)[] } {
  const beams: (number | undefined)[] = [];
  return {
    ...{ reads, field: "answer", length: 2, alphabetSize: 13, beams },
    write({ size }: Batch, { beam }: WriteOptions = {}) {
      beams.push(beam);
      const characters = Int32Array.from({ length: 2 * size }, (_, i) => CHARACTERS.indexOf(text[i % 2]));
      return Promise.resolve({ characters, logProbs: new Float32Array(size).fill(Math.log(0.25)) });
    },
  };
}

const batches: PlacedBatch[] = [[["1+2", "2+2"], [" 3", " 4"]], [["9+3"], ["12"]]].map(([queries, answers], i) => ({
  ...{ size: queries.length, epoch: 0, seen: i === 0 ? 2 : 3 },
  fields: {
    query: code(queries),
    answer: code(answers),
    query_image: Uint8Array.from({ length: queries.length * 3 * SIDE * SIDE }, (_, at) => 100 * i + at),
  },
}));

async function judge(writer: SequenceWriter, fields: Fields, beam = 1) {
  const judging = sequencesJudge.begin({ sequences: writer }, runOf(fields), { beam });
  for (const batch of batches) await judging.add(batch);
  return { fields: judging.fields, ...await judging.finish((async function* () {})()) };
}

Deno.test("answers are decoded, told by kind, and shown with what the model read", async () => {
  const writer = writerOf("query_image", " 3");
  const { score, pictures, fields } = await judge(writer, FIELDS, 4);
  assertEquals(fields, ["answer", "query_image", "query"]);
  assertEquals(writer.beams, [4, 4]);
  assertEquals([score.examples, score.beam], [3, 4]);
  assertAlmostEquals(score.answers, 1 / 3, 1e-12);
  assertAlmostEquals(score.characters, 3 / 6, 1e-12);
  assertEquals(score.mistakes, [
    { query: "2+2", right: " 4", written: " 3", confidence: score.mistakes[0].confidence },
    { query: "9+3", right: "12", written: " 3", confidence: score.mistakes[1].confidence },
  ]);
  assertAlmostEquals(score.mistakes[0].confidence, 0.25, 1e-6);
  assertEquals(score.kinds.map(({ kind, examples }) => [kind, examples]), [
    ["plus", 3],
    ["plus, carried", 1],
    ["plus, nothing carried", 2],
    ["1 digit", 2],
    ["2 digits", 1],
  ]);
  assertEquals(pictures.maps.map(({ sign, side }) => [sign, side]), [["+", 10]]);
  const rows = pictures.mistakes!.map(({ count, side, pixels }) => [count, side, [...pixels]]);
  assertEquals(rows, [
    [3, SIDE, Array.from({ length: 12 }, (_, at) => 12 + at)], // the second of its batch
    [3, SIDE, Array.from({ length: 12 }, (_, at) => 100 + at)],
  ]);
});

Deno.test("codes that the data has no letter for are told apart all the same", async () => {
  const answers = [[27, 28], [30, 39]];
  const writer: SequenceWriter = {
    ...{ reads: "query", field: "answer", length: 2, alphabetSize: 40 },
    write: ({ size }) =>
      Promise.resolve({ characters: new Int32Array(2 * size).fill(39), logProbs: new Float32Array(size) }),
  };
  const judging = sequencesJudge.begin({ sequences: writer }, runOf({ answer: { dtype: "uint8", shape: [2] } }), {
    beam: 1,
  });
  const fields = { answer: Uint8Array.from(answers.flat()), query: new Uint8Array(2) };
  await judging.add({ ...{ size: 2, epoch: 0, seen: 2 }, fields });
  const { score } = await judging.finish((async function* () {})());
  assertEquals([score.answers, score.characters], [0, 0.25]);
  assertEquals(score.mistakes.every(({ right, written }) => right !== written), true);
});

Deno.test("sums of numbers too large for a map have none", async () => {
  const fields = { ...FIELDS, query: { ...TEXT, shape: [6] } };
  const judging = sequencesJudge.begin({ sequences: writerOf("query", " 3") }, runOf(fields), { beam: 1 });
  await judging.add({ ...{ size: 1, epoch: 0, seen: 1 }, fields: { query: code(["9999+1"]), answer: code([" 3"]) } });
  const { score, pictures } = await judging.finish((async function* () {})());
  assertEquals([score.answers, pictures.maps], [1, []]);
});

Deno.test("texts that are read show no pictures; data without texts has letters, and no kinds", async () => {
  const text = await judge(writerOf("query", " 3"), FIELDS);
  assertEquals(text.pictures.mistakes, undefined);
  const { score, pictures, fields } = await judge(writerOf("query_image", "01"), {
    answer: { dtype: "uint8", shape: [2] },
    query_image: FIELDS.query_image,
  });
  assertEquals(fields, ["answer", "query_image"]);
  assertEquals([score.kinds, pictures.maps], [[], []]);
  assertEquals(score.mistakes.map(({ query, right, written }) => [query, right, written]), [
    [undefined, "md", "ab"],
    [undefined, "me", "ab"],
    [undefined, "bc", "ab"],
  ]);
});
