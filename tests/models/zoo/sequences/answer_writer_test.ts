import * as tf from "@tensorflow/tfjs-core";
import { assert, assertAlmostEquals, assertEquals, assertRejects } from "@std/assert";
import { startBackend } from "../../../../models/backends/backend.ts";
import { type Answering, answeringModel } from "../../../../models/zoo/sequences/answer_writer.ts";
import { seq2seq } from "../../../../models/zoo/seq2seq/seq2seq.ts";
import { transformer } from "../../../../models/zoo/transformer/transformer.ts";
import { Prng } from "../../../../pipelines/base/prng.ts";
import { TINY_BATCH, TINY_SUMS } from "./patterned_sums.ts";

const [ALPHABET, LENGTH] = [3, 3];

/** Probabilities of the next of three characters by what is written, `tree` in order of writing; of any query the same. */
function answering(tree: (written: string) => number[], reversed = false): Answering {
  return {
    variables: {},
    reads: "query",
    answers: { length: LENGTH, alphabetSize: ALPHABET, reversed },
    feedsBack: true,
    read: ({ size }, _pass, copies) => ({ memory: [tf.zeros([size * copies])] }),
    foretell([memory], former) {
      const rows = memory.size;
      assertEquals(former.length, LENGTH * rows);
      const logits = Array.from({ length: LENGTH * rows }, (_, i) => {
        const [t, row] = [Math.floor(i / rows), i % rows];
        const before = Array.from({ length: t }, (_, s) => former[(s + 1) * rows + row]);
        return tree(before.some((c) => c < 0) ? "" : before.join("")).map((p) => Math.log(p) + 7);
      });
      return tf.tensor2d(logits, [LENGTH * rows, ALPHABET]);
    },
  };
}

/** The likeliest first character leads to less likely answers than the second. */
const TREE: Record<string, number[]> = {
  "": [0.5, 0.4, 0.1],
  "0": [0.34, 0.33, 0.33],
  "1": [0.05, 0.05, 0.9],
  "12": [0.2, 0.7, 0.1],
};
const garden = (written: string) => TREE[written] ?? [0.4, 0.35, 0.25];

/** All 27 answers with their probabilities, the likeliest first. */
function everyAnswer(tree: (written: string) => number[]): { text: string; probability: number }[] {
  let all = [{ text: "", probability: 1 }];
  for (let t = 0; t < LENGTH; t++) {
    all = all.flatMap(({ text, probability }) =>
      tree(text).map((p, c) => ({ text: `${text}${c}`, probability: probability * p }))
    );
  }
  return all.toSorted((one, other) => other.probability - one.probability);
}

const batch = { size: 2, fields: { query: new Uint8Array(2), answer: new Uint8Array(2 * LENGTH) } };

Deno.test("greedy writing takes the likeliest character each time, a wide beam finds the likeliest answer of all", async () => {
  await startBackend("cpu");
  const before = tf.memory().numTensors;
  for (const reversed of [false, true]) {
    const { sequences } = answeringModel(answering(garden, reversed));
    const written = async (beam?: number) => {
      const { characters, logProbs } = await sequences!.write(batch, beam === undefined ? {} : { beam });
      const texts = [0, 1].map((b) => [...characters.subarray(b * LENGTH, (b + 1) * LENGTH)]);
      return { texts: texts.map((text) => (reversed ? text.toReversed() : text).join("")), logProbs };
    };
    const greedy = await written();
    assertEquals(greedy.texts, ["000", "000"]);
    assertAlmostEquals(greedy.logProbs[1], Math.log(0.5 * 0.34 * 0.4), 1e-5);
    const [best] = everyAnswer(garden);
    assertEquals(best.text, "121");
    for (const beam of [2, 3, 9, 40]) { // 40 are more than there are answers
      const found = await written(beam);
      assertEquals(found.texts, ["121", "121"], `beam ${beam}`);
      assertAlmostEquals(found.logProbs[0], Math.log(best.probability), 1e-5);
    }
  }
  const { sequences } = answeringModel(answering(garden));
  for (const beam of [0, -1, 1.5, NaN]) {
    await assertRejects(() => sequences!.write(batch, { beam }), RangeError, `a beam of ${beam}`);
  }
  assertEquals(tf.memory().numTensors, before);
});

for (
  const [name, spec, options] of [
    ["seq2seq", seq2seq, { encoderUnits: [5], decoderUnits: [4, 3], teacherForcing: true, attention: true }],
    ["seq2seq, all at once", seq2seq, { encoderUnits: [5], decoderUnits: [4] }],
    ["a GRU", seq2seq, {
      encoderUnits: [5],
      decoderUnits: [4],
      cell: "gru",
      teacherForcing: true,
      reverseAnswer: true,
    }],
    ["transformer", transformer, transformer.tiny],
  ] as const
) {
  Deno.test(`${name}: what it writes and how likely, against its own loss of every answer`, async () => {
    await startBackend("cpu");
    const model = spec.build(options as never, TINY_SUMS, new Prng(3));
    const one = { size: 1, fields: { query: TINY_BATCH.fields.query.slice(3, 6), answer: new Uint8Array(2) } };
    /** ln p of an answer: minus the loss, which is a mean over its two characters. */
    const logProbOf = (first: number, second: number) =>
      tf.tidy(() => {
        const fields = { ...one.fields, answer: Uint8Array.of(first, second) };
        const pass = { prng: new Prng(1), training: undefined, firstExample: 0 };
        const { loss, metrics } = model.objectives[0].loss({ size: 1, fields }, pass);
        return { logProb: -2 * loss.dataSync()[0], answers: metrics.answers.dataSync()[0] };
      });
    const all = Array.from({ length: 25 }, (_, i) => ({ i, ...logProbOf(Math.floor(i / 5), i % 5) }));
    assertAlmostEquals(all.reduce((sum, { logProb }) => sum + Math.exp(logProb), 0), 1, 1e-5);
    // The beam is as wide as there are answers: it finds the likeliest.
    const best = all.reduce((one, other) => other.logProb > one.logProb ? other : one);
    const wide = await model.sequences!.write(one, { beam: 25 });
    assertEquals(5 * wide.characters[0] + wide.characters[1], best.i);
    assertAlmostEquals(wide.logProbs[0], best.logProb, 1e-4);
    // Greedy: the only answer of which every character is the likeliest behind those before it.
    const greedy = await model.sequences!.write(one);
    const at = 5 * greedy.characters[0] + greedy.characters[1];
    assertAlmostEquals(greedy.logProbs[0], all[at].logProb, 1e-4);
    assertEquals(all.filter(({ answers }) => answers === 1).map(({ i }) => i), [at]);
    // Examples do not depend on their neighbours.
    const many = await model.sequences!.write(TINY_BATCH, { beam: 25 });
    assertEquals([...many.characters.subarray(2, 4)], [...wide.characters]);
    assert(model.sequences!.alphabetSize === 5 && model.sequences!.length === 2);
    model.dispose();
  });
}
