/** Runs to the files of sketch-rnn-js and back. */
import { RunClaim } from "../../../tasks/runs/run_claim.ts";
import * as tf from "@tensorflow/tfjs-core";
import { assert, assertAlmostEquals, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { startBackend } from "../../../models/backends/backend.ts";
import type { Model } from "../../../models/model.ts";
import { Prng } from "../../../pipelines/base/prng.ts";
import { InputError } from "../../../pipelines/base/errors.ts";
import { randomDrawings } from "../../../tasks/bench/random_drawings.ts";
import { runOfDecoderFile, writeDecoderFile } from "../../../tasks/runs/decoder_file.ts";
import { loadModel } from "../../../tasks/runs/saved_model.ts";
import { FAST, inTemporaryFolder, may } from "../../helpers.ts";
import { CAN } from "../../models/backends.ts";
import { CAN_RUN, complaints, runTask } from "../command.ts";
import { smallData, trainTiny } from "../runs.ts";
import { sketchRnn } from "../../../models/zoo/sketch_rnn/sketch_rnn.ts";

const ignore = !may("read", "write") || !CAN.wasm;

/** What twenty drawings cost. */
function scoresOf({ strokes }: Model): number[] {
  const batch = randomDrawings({ size: 20, side: 16, frames: 4, classes: 1 }, new Prng(3));
  return tf.tidy(() => {
    const { offsets, pen } = strokes!.score(batch, new Prng(1));
    return tf.add(offsets, pen).arraySync() as number[];
  });
}

Deno.test({
  name:
    "a run, the file of its decoder, and the run that is made of that: the same model, as far as the file's digits go",
  ignore: FAST || ignore,
  fn: () =>
    inTemporaryFolder(async (folder) => {
      await smallData(`${folder}/data`);
      const modelOptions = { ...sketchRnn.tiny, conditional: false };
      const loop = { steps: 3, emaDecay: 0.5, learningRate: 0.05 };
      await trainTiny(`${folder}/data`, `${folder}/run`, { model: "sketch-rnn", modelOptions, loop });
      const file = `${folder}/tiny.gen.json`;
      assertEquals((await writeDecoderFile(`${folder}/run`, { output: file, overwrite: false })).cut, 0);
      const [{ name, mode, max_seq_len, scale_factor }, shapes] = JSON.parse(await Deno.readTextFile(file));
      assertEquals([name, mode, max_seq_len], ["circle line sun", 2, 12]);
      assertEquals(shapes, [[10, 15], [15], [5, 40], [10, 40], [40]]);
      await runOfDecoderFile(file, { output: `${folder}/again` });

      await startBackend("wasm");
      const [first, second] = [await loadModel(`${folder}/run`), await loadModel(`${folder}/again`)];
      assertEquals(scale_factor, first.state.data.statistics!.offsetDeviation);
      assertEquals(second.state.data.statistics, first.state.data.statistics);
      const [expected, found] = [scoresOf(first.model), scoresOf(second.model)];
      found.forEach((nats, i) => assertAlmostEquals(nats, expected[i], 0.01 * Math.abs(expected[i])));
      assert(found.some((nats, i) => nats !== expected[i]), "int16 has fewer digits");
      const [{ rows }] = await second.model.strokes!.draw({ count: 1, prng: new Prng(1) });
      assertEquals(rows.length % 3, 0);
      const again = `${folder}/again.gen.json`;
      await writeDecoderFile(`${folder}/again/best.safetensors`, { output: again, overwrite: false });
      const named = (text: string) => text.replace("circle line sun", "");
      assertEquals(named(await Deno.readTextFile(again)), named(await Deno.readTextFile(file)));
      first.model.dispose();
      second.model.dispose();

      const fresh = { output: `${folder}/new` };
      await runOfDecoderFile(file, { output: `${folder}/other`, deviation: 5 });
      const { model, state } = await loadModel(`${folder}/other`);
      assertEquals(state.data.statistics, { offsetDeviation: 5 });
      model.dispose();
      await assertRejects(
        () => writeDecoderFile(`${folder}/run`, { output: file, overwrite: false }),
        InputError,
        "already there",
      );
      await writeDecoderFile(`${folder}/run`, { output: file, overwrite: true });
      await assertRejects(() => runOfDecoderFile(file, { output: `${folder}/run` }), InputError, "already there");
      await assertRejects(() => runOfDecoderFile(`${folder}/none.json`, fresh), InputError, "none.json: ");
      await assertRejects(() => runOfDecoderFile(`${folder}/run/options.json`, fresh), InputError);
    }),
});

Deno.test({
  name: "deno task convert --to run and --to sketchrnn-js say what they wrote, and refuse what is not for them",
  ignore: !CAN_RUN || ignore,
  fn: () =>
    inTemporaryFolder(async (folder) => {
      const tensor = (length: number) => new Uint8Array(2 * length).toBase64();
      const info = { mode: 2, name: "dot", max_seq_len: 4, scale_factor: 3 };
      const text = JSON.stringify([info, [[2, 9], [9], [5, 8], [2, 8], [8]], [18, 9, 40, 16, 8].map(tensor)]);
      await Deno.writeTextFile(`${folder}/dot.json`, text);
      const convert = (...args: string[]) => runTask("convert", args);
      const made = await convert("--to", "run", "--source", `${folder}/dot.json`, "--output", `${folder}/dot/`);
      assertStringIncludes(made.stdout, `wrote      a Sketch-RNN as run, to ${folder}/dot/`);
      const shown = await runTask("inspect", [`${folder}/dot`]);
      assertEquals([shown.code, shown.stdout.includes("--resume")], [0, false], shown.stdout); // it has no last weights
      const unread = await runTask("inspect", [`${folder}/dot`, "--fit"]);
      assertEquals(unread.code, 2);
      assertStringIncludes(unread.stderr, "--fit: not of");
      await Deno.mkdir(`${folder}/busy`);
      {
        using _claim = await RunClaim.of(`${folder}/busy`);
        const busy = await convert("--to", "run", "--source", `${folder}/dot.json`, "--output", `${folder}/busy`);
        assertEquals(busy.code, 2, busy.stdout);
        assertStringIncludes(busy.stderr, "busy: another training is writing it");
      }
      const back = await convert("--to", "sketchrnn-js", `${folder}/dot`, "--output", `${folder}/back.json`);
      assertEquals([back.code, back.stderr], [0, ""]);
      const [, shapes, weights] = JSON.parse(await Deno.readTextFile(`${folder}/back.json`));
      assertEquals([shapes, weights], JSON.parse(text).slice(1));
      for (
        const [args, message] of [
          [["--to", "run", "a", "b", "--output", "c"], "expected one source, found 2"],
          [["--to", "run", "a", "--output", "c", "--fit"], "--fit: not with --to run"],
          [["--to", "run", "a", "--output", "c", "--overwrite"], "--overwrite: not with --to run"],
          [["--to", "ndjson", "a", "--output", "c", "--deviation", "3"], "--deviation: only with --to run"],
          [["--to", "sketchrnn-js", `${folder}/none`, "--output", `${folder}/c`], "no such folder"],
          [["--to", "sketchrnn", `${folder}/dot.json`, "--output", `${folder}/c`], "dot.json"],
        ] as const
      ) {
        const refused = await convert(...args);
        assertEquals([refused.code, complaints(refused).length], [2, 1], refused.stderr);
        assertStringIncludes(refused.stderr, message);
      }
    }),
});
