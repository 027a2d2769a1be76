/** What the runs say of what is drawn, and whether Deno says the same. */
import { assert, assertEquals } from "@std/assert";
import { startBackend } from "../../../../models/backends/backend.ts";
import { simplifyRaw } from "../../../../pipelines/formats/quickdraw/simplify_raw.ts";
import { loadClassifier } from "../../../../tasks/runs/classifier.ts";
import { SHAPE_NAMES, shapeByHand } from "./hand.ts";
import type { PaintCase } from "./paint_case.ts";
import { savedNdjson } from "./saved.ts";

/** The runs that name drawings. */
const CLASSIFIERS = ["cnn-lstm", "cnn"];

/** Half of the bars' last digit, and the tolerance that the page promises. */
const TOLERANCE = 0.00005 + 1e-4;

export const NAMING_CASES: readonly PaintCase[] = SHAPE_NAMES.map((shape): PaintCase => ({
  name: `a ${shape} is named so by both runs, with the very probabilities that Deno computes of the saved strokes`,
  async check({ paint, stage }) {
    await paint.draw(shapeByHand(shape, 7));
    const said = await Promise.all(CLASSIFIERS.map((run) => paint.bars(run)));
    const [saved] = await savedNdjson(paint);
    const drawing = simplifyRaw(saved.drawing);
    await startBackend("wasm");
    for (const [i, bars] of said.entries()) {
      assertEquals(bars[0].name, shape);
      using classifier = await loadClassifier((await stage.runs()).find((run) => run.endsWith(`/${CLASSIFIERS[i]}`))!);
      const guesses = await classifier.classify(drawing);
      for (const { name, probability } of bars) {
        const expected = guesses.find((guess) => guess.name === name)!.probability;
        assert(
          Math.abs(probability - expected) <= TOLERANCE,
          `${CLASSIFIERS[i]}, ${name}: ${probability}, ${expected}`,
        );
      }
    }
  },
}));
