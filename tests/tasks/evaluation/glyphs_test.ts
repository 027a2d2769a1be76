import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { startBackend } from "../../../models/backends/backend.ts";
import type { GlyphWriter } from "../../../models/glyph_writer.ts";
import type { Fields } from "../../../pipelines/base/arrays.ts";
import { InputError } from "../../../pipelines/base/errors.ts";
import { Prng } from "../../../pipelines/base/prng.ts";
import type { Batch } from "../../../pipelines/dataset.ts";
import type { GlyphPair } from "../../../tasks/evaluation/glyph_likeness.ts";
import { likenessOf, varietyOf } from "../../../tasks/evaluation/glyph_likeness.ts";
import { GlyphPool } from "../../../tasks/evaluation/glyph_pool.ts";
import { placesOf, readGlyphs } from "../../../tasks/evaluation/glyph_reading.ts";
import { glyphsJudge } from "../../../tasks/evaluation/glyphs.ts";
import type { JudgedRun } from "../../../tasks/evaluation/judge.ts";

const CHARACTERS = "01- ";
const [SIDE, LENGTH] = [12, 2];
const CELLS = SIDE * SIDE;

/** A bar of some brightness: at the left for 0, at the right for 1, across for a minus; nothing for a space. */
function bar(character: number, ink: number): number[] {
  return Array.from({ length: CELLS }, (_, at) => {
    const [x, y] = [at % SIDE, Math.floor(at / SIDE)];
    return [x < 3, x > 8, y > 4 && y < 8, false][character] ? ink : 0;
  });
}

/** Answers, a text each, with bars of some brightness. */
function batchOf(texts: readonly string[], ink: number): Batch {
  const answer = Uint8Array.from(texts.join(""), (character) => CHARACTERS.indexOf(character));
  const answer_image = Uint8Array.from([...answer].flatMap((character, i) => bar(character, ink - i % 2)));
  const query = Uint8Array.from({ length: texts.length }, (_, b) => b % 2);
  return { size: texts.length, fields: { query, answer, answer_image } };
}

const FIELD_NAMES = { answer: "answer", field: "answer_image", side: SIDE };

function poolOf(...batches: Batch[]): GlyphPool {
  const pool = new GlyphPool(FIELD_NAMES);
  batches.forEach((batch) => pool.add(batch));
  return pool;
}

Deno.test("glyphs: real pictures are kept by their characters, a hundred of each", () => {
  const pool = poolOf(batchOf(["0-", "- "], 255), batchOf(Array.from({ length: 120 }, () => "00"), 200));
  assertEquals(pool.characters, [0, 2, 3]);
  assertEquals([0, 1, 2, 3].map((character) => pool.of(character).length), [100, 0, 2, 1]);
  assertEquals([...pool.of(0)[0]], bar(0, 1).map(Math.fround));
  const mean = pool.meanOf(2);
  assertAlmostEquals(mean[5 * SIDE], (254 + 255) / 2 / 255, 1e-6); // one picture of each brightness
  assertEquals(mean[0], 0);
});

Deno.test("glyphs: which digit, a classifier says; whether it is one, the nearest real picture", async () => {
  await startBackend("cpu");
  const pool = poolOf(batchOf(["01", "- ", "10", " -"], 255));
  // Knows the digits by other labels than the alphabet has, and always likes a class best that is no character.
  const names = ["1", "cat", "0"];
  const asked: number[] = [];
  const read = (images: Uint8Array<ArrayBuffer>) => {
    const count = images.length / CELLS;
    asked.push(count);
    const rows = Array.from({ length: count }, (_, i) => {
      const isLeft = images[i * CELLS] > 0;
      return [isLeft ? -3 : -1, 0, isLeft ? -1 : -3];
    });
    return Promise.resolve(Float32Array.from(rows.flat()));
  };
  const wanted = Array.from({ length: 1001 }, (_, i) => (i * 7) % 4);
  const pictures = Uint8Array.from(wanted.flatMap((character) => bar(character, 180)));
  const found = await readGlyphs(pictures, { classifier: { names, read }, pool, characters: CHARACTERS });
  assertEquals([...found], wanted);
  assertEquals(asked, [1001]);
  // A class of two characters is none, though they follow each other in the alphabet; of no class a digit is read.
  assertEquals(placesOf({ names: ["01", "1", "", "sun"] }, CHARACTERS), [-1, 1, -1, -1]);
  assertThrows(() => placesOf({ names: ["sun", "cat"] }, CHARACTERS), InputError, "it knows sun, cat, none of the");
  // Where the classifier is mistaken, so is the reading: pictures say only that they are digits.
  const mistaken = { names, read: (images: Uint8Array<ArrayBuffer>) => read(images.map((ink) => ink > 0 ? 0 : 255)) };
  const other = await readGlyphs(pictures.slice(0, 4 * CELLS), { classifier: mistaken, pool, characters: CHARACTERS });
  const order = wanted.slice(0, 4).map((character) => [1, 0, 2, 3][character]);
  assertEquals([...other], order);
});

Deno.test("glyphs: likeness is 1 for copies, variety their distance; blank ones are left out", async () => {
  await startBackend("cpu");
  const prng = new Prng(3);
  const noise = () => Float32Array.from({ length: CELLS }, () => prng.integer(256) / 255);
  const real = Array.from({ length: 6 }, noise);
  const batch: Batch = {
    size: 4,
    fields: {
      answer: Uint8Array.of(0, 0, 0, 0, 0, 0, 3, 3),
      answer_image: Uint8Array.from(
        [...real, new Float32Array(CELLS), new Float32Array(CELLS)].flatMap((picture) =>
          Array.from(picture, (ink) => Math.round(255 * ink))
        ),
      ),
    },
  };
  const pool = poolOf(batch);
  const blank: GlyphPair = { character: 3, drawn: noise(), real: new Float32Array(CELLS) };
  const copies = real.map((picture): GlyphPair => ({ character: 0, drawn: picture, real: picture }));
  const likeness = (await likenessOf([...copies, blank], pool, SIDE))!;
  assertEquals([likeness.pictures, likeness.among], [6, 6]);
  assertAlmostEquals(likeness.nearest.drawn, 1, 1e-5);
  assertAlmostEquals(likeness.nearest.real, 1, 1e-5);
  assertAlmostEquals(likeness.own.drawn, 1, 1e-5);
  assert(likeness.nearest.mean < 0.7 && likeness.own.mean < likeness.nearest.mean, JSON.stringify(likeness));
  const strange = (await likenessOf(real.map((one) => ({ character: 0, drawn: noise(), real: one })), pool, SIDE))!;
  assert(strange.nearest.drawn < 0.4 && strange.own.drawn < 0.2, JSON.stringify(strange));
  assertEquals(await likenessOf([blank], pool, SIDE), undefined);

  // Three bars one and two steps of brightness apart: 36 pixels, so distances of 6, 6 and 12 steps.
  const bars = [0.2, 0.3, 0.4].map((ink): GlyphPair => {
    return { character: 0, drawn: Float32Array.from(bar(0, ink)), real: real[0] };
  });
  const [{ character, drawn, real: varied }, ...others] = varietyOf(bars, pool);
  assertEquals([character, others], [0, []]);
  assertAlmostEquals(drawn, 0.1 * (6 + 6 + 12) / 3, 1e-6);
  // Of uniform noise: the root of 144 times 1/6, less a little.
  assertAlmostEquals(varied, Math.sqrt(CELLS / 6), 0.4);
});

const TEXT = { dtype: "uint8", max: 3, characters: CHARACTERS } as const;
const FIELDS: Fields = {
  query: { ...TEXT, shape: [1] },
  answer: { ...TEXT, shape: [LENGTH] },
  answer_image: { dtype: "uint8", shape: [LENGTH, SIDE, SIDE] },
};

Deno.test("glyphs: the judge draws 2,000 answers, tells what was meant, and shows wrong ones first", async () => {
  await startBackend("cpu");
  const told: unknown[] = [];
  // Writes what is right but for "1-", which becomes "10", and draws it plainly.
  const writer: GlyphWriter = {
    ...{ reads: "query", length: LENGTH, ...FIELD_NAMES },
    draw({ fields }, options) {
      told.push(options);
      const characters = Int32Array.from(fields.answer as Uint8Array, (character) => character === 2 ? 0 : character);
      const pictures = Uint8Array.from([...characters].flatMap((character) => bar(character, 255)));
      return Promise.resolve({ characters, pictures });
    },
  };
  const about = { classes: ["plus"], strokes: 0, fields: FIELDS, picture: undefined, trainExamples: 4, seed: 5 };
  const run: JudgedRun = { ...about, split: "test" };
  const judging = glyphsJudge.begin({ glyphs: writer }, run, { classifier: "", beam: 3, glyphTemperature: 0.5 });
  assertEquals(judging.fields, ["query", "answer", "answer_image", "query"]);
  const texts = Array.from({ length: 1500 }, (_, b) => b === 700 ? "1-" : ["01", " 1", "10"][b % 3]);
  for (let batch = 0; batch < 2; batch++) {
    await judging.add({ ...batchOf(texts, 250), epoch: 0, seen: 1500 * (batch + 1) });
  }
  assertEquals(told, [0, 1500].map((firstExample) => ({ beam: 3, temperature: 0.5, seed: 5, firstExample })));
  const train = batchOf(["01", "- ", "10", " -"], 255);
  const { score, pictures } = await judging.finish((async function* () {
    yield await Promise.resolve(train);
  })());
  assertEquals([score.answers, score.temperature, score.read], [2000, 0.5, undefined]);
  assertAlmostEquals(score.written.answers, 1 - 1 / 2000, 1e-12);
  assertAlmostEquals(score.written.characters, 1 - 1 / 4000, 1e-12);
  assertEquals(score.shown.length, 13);
  assertEquals(score.shown.slice(0, 3), [
    { query: "0", right: "1-", written: "10" },
    { query: "0", right: "01", written: "01" },
    { query: "1", right: " 1", written: " 1" },
  ]);
  assertEquals([...pictures.shown[0].pixels], [...bar(1, 255), ...bar(0, 255)]);
  assertEquals(score.variety.map(({ character, drawn }) => [character, drawn]), [["0", 0], ["1", 0], [" ", 0]]);
  assert(score.likeness!.own.drawn > 0.99);
});
