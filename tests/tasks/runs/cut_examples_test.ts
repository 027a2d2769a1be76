import { assertEquals } from "@std/assert";
import { cnn } from "../../../models/zoo/stroke_classifier/stroke_classifier.ts";
import type { ModelSpec } from "../../../models/model_spec.ts";
import { sketchRnn } from "../../../models/zoo/sketch_rnn/sketch_rnn.ts";
import { sketchesOf } from "../../../models/zoo/sketch_rnn/sketches.ts";
import { defaultsOf } from "../../../pipelines/base/option_table.ts";
import { readBatches } from "../../../pipelines/batches/batch.ts";
import type { Batch } from "../../../pipelines/dataset.ts";
import { runOf } from "../../../tasks/commands/train.ts";
import { cutExamples } from "../../../tasks/runs/cut_examples.ts";
import { FAST, inTemporaryFolder, may } from "../../helpers.ts";
import { smallData, tinyFlags } from "../runs.ts";

/** Drawings of so many points. */
function drawings(...points: number[]): Batch {
  const stroke3_offsets = Int32Array.of(0, ...points);
  points.forEach((_, b) => stroke3_offsets[b + 1] += stroke3_offsets[b]);
  return {
    size: points.length,
    fields: { stroke3: new Int16Array(3 * stroke3_offsets[points.length]), stroke3_offsets },
  };
}

const cut = (model: ModelSpec, maxLength = 1000) =>
  cutExamples({ model, modelOptions: { ...defaultsOf(model.options), maxLength } });

Deno.test("examples that are longer than the model reads are counted over all batches, those of its length are not", () => {
  const notes = (...batches: Batch[]) => {
    const watched = cut(sketchRnn, 1000)!;
    batches.forEach(watched.see);
    return watched.notes({ unit: "drawing" });
  };
  assertEquals(notes(), []);
  assertEquals(notes(drawings(1, 1000), drawings(1001)), []);
  assertEquals(notes(drawings(1002)), [
    "1 of 1 training drawing is longer than the 1,001 rows of stroke3 that sketch-rnn reads, it has 1,002: its end is " +
    "cut off; --model.max-length decides",
  ]);
  assertEquals(notes(drawings(3, 1002, 5), drawings(3000, 9)), [
    "2 of 5 training drawings are longer than the 1,001 rows of stroke3 that sketch-rnn reads, the longest has 3,000: " +
    "their ends are cut off; --model.max-length decides",
  ]);
  assertEquals(cut(cnn), undefined);
});

Deno.test("the limit is that of what Sketch-RNN reads", () => {
  const { rows } = sketchRnn.sequenceLimit!({ ...defaultsOf(sketchRnn.options), maxLength: 7 });
  const offsetsRead = (points: number) =>
    sketchesOf(drawings(points), { scale: 1, maxLength: 7, padded: false }).counts[0];
  assertEquals([rows - 1, rows, rows + 1].map(offsetsRead), [rows - 2, rows - 1, rows - 1]);
});

Deno.test({
  name: "a run says how many of its training drawings are cut",
  ignore: FAST || !may("read", "write"),
  fn: () =>
    inTemporaryFolder(async (folder) => {
      await smallData(`${folder}/data`);
      const read = { folder: `${folder}/data`, split: "train", batchSize: 1, fields: ["stroke3"], epochs: 1 } as const;
      const points = (await Array.fromAsync(readBatches(read))).map(({ fields }) => fields.stroke3.length / 3);
      const long = points.filter((count) => count > 21).length; // 20 offsets behind the first point
      const notes = async (name: string, maxLength: number) => {
        const flags = ["--data", `${folder}/data`, "--run", `${folder}/${name}`, ...tinyFlags("sketch-rnn")];
        const run = await runOf([...flags, "--backend", "wasm", `--model.maxLength=${maxLength}`]);
        run.claim[Symbol.dispose]();
        return run.notes;
      };
      assertEquals((await notes("short", 20)).map((note) => note.split(" rows")[0]), [
        `${long} of ${points.length} training drawings are longer than the 21`,
      ]);
      assertEquals(await notes("whole", Math.max(...points) - 1), []);
    }),
});
