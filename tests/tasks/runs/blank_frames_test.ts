import { assertEquals } from "@std/assert";
import { blankFrameNotes } from "../../../tasks/runs/blank_frames.ts";
import { runOf } from "../../../tasks/commands/train.ts";
import { evaluate } from "../../../tasks/evaluation/evaluate.ts";
import { train } from "../../../tasks/training/train.ts";
import type { ShardIndex } from "../../../pipelines/shards/shard_index.ts";
import { FAST, inTemporaryFolder, may } from "../../helpers.ts";
import { embedded, prepareTo } from "../prepared.ts";
import { tinyFlags } from "../runs.ts";

/** As much of an index as is read. */
function index(max: number, strokes?: Readonly<Record<string, number>>): ShardIndex {
  const fields = { stroke_count: { dtype: "uint8", shape: [], max } };
  return { fields, histograms: strokes ? { strokes } : {} } as unknown as ShardIndex;
}

Deno.test("frames that no drawing fills are told", () => {
  const notes = (data: ShardIndex, built = data, fields = ["stroke_count"]) =>
    blankFrameNotes(data, { fields, built, folder: "data" });
  assertEquals(notes(index(8, { "1": 5, "9": 1 })), []);
  assertEquals(notes(index(8, { "1": 5, "8": 1 })), []);
  assertEquals(notes(index(8)), []);
  assertEquals(notes(index(8, { "3": 5, "1": 1 })), [
    "no drawing of data has more than 3 strokes: of the model's 8 frames, frames 4 to 8 are always blank; " +
    "--max-strokes of prepare decides",
  ]);
  assertEquals(
    notes(index(2, { "1": 5 }))[0].split(";")[0],
    "no drawing of data has more than 1 stroke: of the model's 2 frames, frame 2 is always blank",
  );
  assertEquals(
    notes(index(4, { "9": 1 }), index(8))[0].split(";")[0],
    "data was prepared with 4 frames a drawing: of the model's 8 frames, frames 5 to 8 are always blank",
  );
  assertEquals(notes(index(8, { "3": 5 }), index(8), ["image"]), []);
});

Deno.test({
  name: "a run on drawings of fewer strokes than frames says so, and so does its evaluation on data of fewer frames",
  ignore: FAST || !may("read", "write"),
  fn: () =>
    inTemporaryFolder(async (folder) => {
      const prepared = (name: string, maxStrokes: number) =>
        prepareTo(`${folder}/${name}`, {
          ...{ sources: embedded("circle", "sun"), perClass: 30, options: { size: 16, maxStrokes } },
        });
      const { histograms } = await prepared("few", 2);
      await prepared("many", 100);
      const most = Math.max(...Object.keys(histograms.strokes).map(Number));
      const flags = ["--data", `${folder}/many`, "--run", `${folder}/run`, "--backend", "wasm", ...tinyFlags("cnn")];
      const run = await runOf([...flags, "--train.steps", "1"]);
      assertEquals(run.notes.map((note) => note.split(":")[0]), [
        `no drawing of ${folder}/many has more than ${most} strokes`,
      ]);
      await Array.fromAsync(train(run.settings, run));
      const { notes } = await evaluate({ folder: `${folder}/run`, data: `${folder}/few`, split: "train" });
      assertEquals(notes.map((note) => note.split(":")[0]), [
        `data ${folder}/few`, // is not what was learnt from
        `${folder}/few was prepared with 2 frames a drawing`,
      ]);
    }),
});
