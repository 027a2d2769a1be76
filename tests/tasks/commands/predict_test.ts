/** `deno task predict`: what it says of files, and that its numbers are those of `loadClassifier`. */
import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import * as tf from "@tensorflow/tfjs-core";
import { InputError } from "../../../pipelines/base/errors.ts";
import { type Fitting, openFormat } from "../../../pipelines/convert/format_reader.ts";
import { mnist } from "../../../pipelines/datasets/mnist.ts";
import type { Dataset } from "../../../pipelines/dataset.ts";
import { encodeNpy } from "../../../pipelines/formats/npy.ts";
import { encodePng } from "../../../pipelines/images/png.ts";
import { renderBitmap } from "../../../pipelines/render/render.ts";
import { readShard } from "../../../pipelines/shards/shard_reader.ts";
import type { Drawing } from "../../../pipelines/strokes/stroke.ts";
import { type Named, nameFile } from "../../../tasks/evaluation/name_files.ts";
import { namerOf } from "../../../tasks/evaluation/naming.ts";
import { loadClassifier } from "../../../tasks/runs/classifier.ts";
import { loadModel } from "../../../tasks/runs/saved_model.ts";
import { FAST, inTemporaryFolder, may } from "../../helpers.ts";
import { CAN_RUN, complaints, runTask } from "../command.ts";
import { embedded, linesOf, prepareTo } from "../prepared.ts";
import { smallData, trainTiny } from "../runs.ts";

const ignore = !may("read", "write");

/** The files of the run, once it was trained: every test wants the same. */
const TRAINED = new Map<string, Uint8Array>();

/** A test with the run of a tiny classifier of circles, lines and suns. */
function test(name: string, fn: (folder: string, run: string) => Promise<void>, unless = false): void {
  Deno.test({
    name: `predict: ${name}`,
    ignore: ignore || unless,
    fn: () =>
      inTemporaryFolder(async (folder) => {
        const run = `${folder}/run`;
        if (TRAINED.size === 0) {
          await smallData(`${folder}/data`);
          await trainTiny(`${folder}/data`, run, { loop: { epochs: 6, learningRate: 0.01 } });
          for (const file of ["best.safetensors", "last.safetensors"]) {
            TRAINED.set(file, await Deno.readFile(`${run}/${file}`));
          }
        }
        await Deno.mkdir(run, { recursive: true });
        for (const [file, bytes] of TRAINED) await Deno.writeFile(`${run}/${file}`, bytes);
        await fn(folder, run);
      }),
  });
}

/** What is said of a file in this process, and what was rejected. */
async function names(run: string, path: string, content?: string | Uint8Array, fitting: Fitting = {}) {
  if (content !== undefined) {
    await Deno.writeFile(path, typeof content === "string" ? new TextEncoder().encode(content) : content);
  }
  using namer = namerOf(await loadModel(run), run);
  const rejects: unknown[] = [];
  const found: Named[] = [];
  const onReject = (at: { readonly line?: number }, { reason }: { readonly reason: string }) =>
    void rejects.push([at.line, reason]);
  for await (const named of nameFile(namer, await openFormat({ path }), { ...fitting, onReject })) found.push(named);
  return { found, rejects };
}

const png = (grey: Uint8Array<ArrayBuffer>, side: number) => encodePng({ width: side, height: side, data: grey });

test("drawings get the very probabilities that loadClassifier gives", async (folder, run) => {
  const lines = (await linesOf(embedded("sun")[0])).slice(0, 5);
  const text = lines.map((line) => JSON.stringify(line)).join("\n");
  const before = tf.memory().numTensors;
  const { found, rejects } = await names(run, `${folder}/x`, `${text}\n{"drawing":[[[0],[300]]]}\nnonsense\n`);
  assertEquals(tf.memory().numTensors, before);
  assertEquals(rejects, [[6, "coordinate out of range"], [7, "bad JSON"]]);
  assertEquals(found.map(({ number, word }) => [number, word]), [1, 2, 3, 4, 5].map((number) => [number, "sun"]));
  assertEquals(found.map(({ keyId }) => String(keyId)), lines.map(({ key_id }) => key_id as string));
  using classifier = await loadClassifier(run);
  for (const [i, { guesses }] of found.entries()) {
    assertEquals(guesses, await classifier.classify(lines[i].drawing as Drawing));
  }
});

test("SVG of any size; PNG of a drawing, dark or light, of any size, is traced", async (folder, run) => {
  const svg = await names(run, `${folder}/x`, '<svg><circle cx="500" cy="500" r="400"/></svg>');
  assertEquals([svg.found.length, svg.found[0].number, svg.found[0].guesses[0].name], [1, undefined, "circle"]);
  const line: Drawing = [[[0, 255], [40, 60]]];
  for (const side of [40, 300, 500]) {
    const grey = renderBitmap(line, { side, lineDiameter: 10 });
    for (const [ink, pixels] of [["light", grey], ["dark", grey.map((value) => 255 - value)]] as const) {
      const { found: [{ guesses, note }] } = await names(run, `${folder}/x`, png(pixels, side));
      assertEquals(note, `${ink} ink, traced to 1 stroke`);
      assertEquals(guesses[0].name, "line");
      const probability = guesses.reduce((sum, guess) => sum + guess.probability, 0);
      assertAlmostEquals(probability, 1, 1e-5);
    }
  }
});

test("photographs, filled areas and blank pictures are refused", async (folder, run) => {
  const side = 60;
  const cases: [(x: number, y: number) => number, says: string][] = [
    [
      (x, y) => x < 6 || y < 6 || x > 53 || y > 53 ? 255 : (17 * x * y + x * x) % 256,
      "% of it is neither ink nor paper",
    ],
    [(x, y) => Math.hypot(x - 30, y - 30) < 25 ? 0 : 255, "54 % of it is ink; filled areas?"],
    [(x, y) => x % 5 === 2 && y % 5 === 2 ? 0 : 255, "traced to 144 strokes; a page?"],
    [() => 255, "blank"],
    [() => 128, "its edges are neither light nor dark"],
  ];
  for (const [pixel, says] of cases) {
    const grey = Uint8Array.from({ length: side * side }, (_, i) => pixel(i % side, Math.floor(i / side)));
    await assertRejects(() => names(run, `${folder}/x`, png(grey, side)), InputError, says);
  }
  await assertRejects(() => names(run, `${folder}/x.csv`, "1,2\n"), InputError, "x.csv");
});

test("how drawings are simplified is refused where nothing reads it", async (folder, run) => {
  const ndjson = '{"drawing":[[[0,255,255],[9,7,8]]]}\n';
  const large = png(renderBitmap([[[0, 255], [40, 60]]], { side: 100, lineDiameter: 10 }), 100);
  const svg = '<svg><circle cx="500" cy="500" r="400"/></svg>';
  let fits = 0;
  const onFit = () => void fits++;
  const ask = async (content: string | Uint8Array, fitting: Fitting) => {
    fits = 0;
    const { found } = await names(run, `${folder}/x`, content, { ...fitting, onFit });
    return [found.length, fits];
  };
  assertEquals(await ask(ndjson, {}), [1, 0]);
  assertEquals(await ask(ndjson, { fit: true, epsilon: 5 }), [1, 1]);
  assertEquals(await ask(svg, { epsilon: 50 }), [1, 1]);
  assertEquals(await ask(large, { epsilon: 0 }), [1, 1]);
  const wrong: [content: string | Uint8Array, fitting: Fitting, says: string][] = [
    [ndjson, { epsilon: 5 }, `--epsilon: not with ${folder}/x, whose drawings are taken as they are; --fit has them`],
    [large, { fit: true }, `--fit: not with ${folder}/x, which is traced`],
  ];
  for (const [content, fitting, says] of wrong) {
    await assertRejects(() => ask(content, fitting), InputError, says);
  }
});

Deno.test({
  name: "predict: a model of pictures reads those of its size as they are, and traced drawings",
  ignore: ignore || FAST,
  fn: () =>
    inTemporaryFolder(async (folder) => {
      const index = await prepareTo(`${folder}/data`, { dataset: mnist as Dataset, perClass: 40 });
      await trainTiny(`${folder}/data`, `${folder}/run`, { loop: { epochs: 8, learningRate: 0.01 } });
      const shard = await readShard(`${folder}/data`, index.splits.train.shards[0]);
      const pixels = (shard.image.data as Uint8Array).slice(0, 784);
      const asIs = await names(`${folder}/run`, `${folder}/x`, png(pixels, 28));
      const inverted = await names(`${folder}/run`, `${folder}/y`, png(pixels.map((value) => 255 - value), 28));
      assertEquals(asIs.found[0].note, "as it is");
      assertEquals(inverted.found[0].note, "dark ink, inverted");
      assertEquals(inverted.found[0].guesses, asIs.found[0].guesses);
      // The very numbers that the model gives for the batch of that digit.
      const { model } = await loadModel(`${folder}/run`);
      const logProbs = model.classify!({ size: 1, fields: { image: pixels } });
      const values = (await logProbs.data()).map(Math.exp);
      logProbs.dispose();
      model.dispose();
      const best = values.indexOf(Math.max(...values));
      assertEquals(asIs.found[0].guesses[0].name, index.classes[best]);
      assertAlmostEquals(asIs.found[0].guesses[0].probability, values[best], 1e-6);

      // A picture that shows nothing is no more of a class at its own size than at any other.
      for (const value of [0, 255, 90]) {
        const ask = () => names(`${folder}/run`, `${folder}/blank`, png(new Uint8Array(784).fill(value), 28));
        await assertRejects(ask, InputError, `${folder}/blank: blank: all of its pixels are alike`);
      }
      const bitmaps = encodeNpy({ dtype: "uint8", shape: [3, 784], data: new Uint8Array(3 * 784) });
      bitmaps.set(pixels, bitmaps.length - 784);
      const { found, rejects } = await names(`${folder}/run`, `${folder}/x.npy`, bitmaps);
      assertEquals(rejects, [[undefined, "blank"], [undefined, "blank"]]);
      assertEquals(found, [{ path: `${folder}/x.npy`, number: 1, guesses: asIs.found[0].guesses }]);

      for (const fitting of [{ fit: true }, { epsilon: 2 }]) {
        const ask = () => names(`${folder}/run`, `${folder}/x`, undefined, fitting);
        await assertRejects(ask, InputError, `not with ${folder}/x, which is taken as it is`);
      }

      const large = Uint8Array.from({ length: 140 * 140 }, (_, i) =>
        pixels[28 * Math.floor(i / 700) + Math.floor(i % 140 / 5)]);
      const traced = await names(`${folder}/run`, `${folder}/z`, png(large, 140));
      assertStringIncludes(traced.found[0].note!, "light ink, traced to ");
      const digits = await names(`${folder}/run`, `${folder}/mine.ndjson`, '{"drawing":[[[0,10],[0,255]]]}');
      assertEquals(digits.found.length, 1);
    }),
});

test("the command: a line a drawing, JSON, standard input, rejects with their lines", async (folder, run) => {
  const [sun] = await linesOf(embedded("sun")[0]);
  await Deno.writeTextFile(`${folder}/mine.ndjson`, `${JSON.stringify({ drawing: sun.drawing })}\n{}\n`);
  await Deno.writeTextFile(`${folder}/line.svg`, '<svg><line x2="50" y2="3"/></svg>');
  const args = ["--run", run, "--backend", "wasm"];
  const both = await runTask("predict", [...args, `${folder}/mine.ndjson`, `${folder}/line.svg`]);
  const [first, second, ...more] = both.stdout.trimEnd().split("\n");
  assertEquals([both.code, more], [0, []]);
  assertMatch(first, /mine\.ndjson 1 +(\w+ +\d+\.\d % *){3}$/);
  assertMatch(second, /line\.svg +line +\d+\.\d % /);
  assertEquals(complaints(both).length, 1);
  assertStringIncludes(complaints(both)[0], "mine.ndjson:2: ");

  const input = new TextEncoder().encode(`${JSON.stringify(sun)}\n`);
  const piped = await runTask("predict", [...args, "-", "--json"], { input });
  const said = JSON.parse(piped.stdout);
  assertEquals([said.file, said.drawing, said.key_id, said.word], ["-", 1, sun.key_id, "sun"]);
  using classifier = await loadClassifier(run);
  assertEquals(said.guesses, await classifier.classify(sun.drawing as Drawing));
  const one = await runTask("predict", [...args, "--top", "1", `${folder}/line.svg`]);
  assert(!one.stdout.includes("sun"), one.stdout);
}, !CAN_RUN || FAST);

test("the command: one line and exit code 2 for what is wrong", async (folder, run) => {
  await Deno.writeTextFile(`${folder}/bad.ndjson`, '{"drawing":[[[0],[300]]]}\n');
  await Deno.writeTextFile(`${folder}/bad.svg`, "<svg><text>hi</text></svg>");
  const wrong: [string[], string][] = [
    [[`${folder}/bad.svg`], "--run is missing"],
    [["--run", run], "expected files of drawings"],
    [["--run", run, `${folder}/none.svg`], "no such file"],
    [["--run", `${folder}/none`, `${folder}/bad.svg`], "no such folder"],
    [["--run", run, `${folder}/bad.svg`], "<text> is no stroke"],
    [["--run", run, `${folder}/bad.ndjson`, "--epsilon", "5"], "--epsilon: not with "],
    [["--run", run, `${folder}/bad.ndjson`], "nothing was named: 1 reject"],
    [["--run", run, `${folder}/run/last.safetensors`], "last.safetensors"],
  ];
  for (const [args, words] of wrong) {
    const ended = await runTask("predict", args);
    assertEquals([ended.code, ended.stdout], [2, ""], ended.stderr);
    const [last] = complaints(ended).slice(-1);
    assertStringIncludes(ended.stderr, words);
    assertMatch(last, /^strokewise predict: /);
  }
}, !CAN_RUN || FAST);
