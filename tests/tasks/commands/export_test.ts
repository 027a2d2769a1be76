/** `deno task export` to the formats of other programs, of a run that was trained: what is written, read by others. */
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { dispose } from "@tensorflow/tfjs-core";
import { quickdraw } from "../../../pipelines/datasets/quickdraw/quickdraw.ts";
import type { Batch } from "../../../pipelines/dataset.ts";
import { readShard, readShardIndex } from "../../../pipelines/shards/shard_reader.ts";
import { exportCommand } from "../../../tasks/commands/export.ts";
import { loadModel } from "../../../tasks/runs/saved_model.ts";
import { saveCheckpoint } from "../../../tasks/runs/run_directory.ts";
import { FAST, inTemporaryFolder, may } from "../../helpers.ts";
import { CAN_RUN, runTask } from "../command.ts";
import { worstOf } from "../export/built_models.ts";
import { bytesIn, textsIn } from "../export/onnx/protobuf_reader.ts";
import { onnxSession } from "../export/onnx/onnx_runtime.ts";
import { HAS_TFJS, layersModel } from "../export/tfjs/stock_tfjs.ts";
import { checkpointOf, smallData, trainTiny } from "../runs.ts";
import { startBackend } from "../../../models/backends/backend.ts";
import { arrayOf } from "../../../models/network.ts";
import { sketchRnn } from "../../../models/zoo/sketch_rnn/sketch_rnn.ts";
import { defaultsOf } from "../../../pipelines/base/option_table.ts";
import { Prng } from "../../../pipelines/base/prng.ts";

/** A name that nothing on the way may take for anything else. */
const ODD_NAME = 'a "sun", \\ </script> ☀ 日 ' + "x".repeat(10_000);

const STROKES = { dtype: "int16", shape: [-1, 3] } as const;

/** The checkpoint of the run, once it was trained: every test wants the same. */
let trained: Uint8Array | undefined;

/** A test with the run of a tiny classifier of circles, lines and suns, one of which has another name. */
function test(name: string, fn: (folder: string, run: string) => Promise<void>, unless = false): void {
  Deno.test({
    name: `export: ${name}`,
    ignore: FAST || !may("read", "write") || unless,
    fn: () =>
      inTemporaryFolder(async (folder) => {
        const run = `${folder}/run`;
        await smallData(`${folder}/data`);
        if (trained === undefined) {
          const settings = { model: "cnn-lstm", loop: { epochs: 8, learningRate: 0.01 } };
          await trainTiny(`${folder}/data`, run, settings);
          const { tensors, state } = await checkpointOf(run, "best");
          const classes = [...state.data.classes.slice(0, 2), ODD_NAME];
          await saveCheckpoint(`${run}/best.safetensors`, {
            tensors,
            state: { ...state, data: { ...state.data, classes } },
          });
          trained = await Deno.readFile(`${run}/best.safetensors`);
          await Deno.remove(run, { recursive: true }); // whichever test comes first finds what the others do
        }
        await Deno.mkdir(run, { recursive: true });
        await Deno.writeFile(`${run}/best.safetensors`, trained);
        await fn(folder, run);
      }),
  });
}

/** The drawings of a shard, and what the run's own model makes of them. */
async function answered(folder: string, run: string) {
  const { splits: { train: { shards: [shard] } } } = await readShardIndex(`${folder}/data`);
  const { stroke_index: map, stroke_count: count } = await readShard(`${folder}/data`, shard, [
    ...["stroke_index", "stroke_count"],
  ]);
  const given = {
    stroke_index: Uint8Array.from(map.data as Uint8Array),
    stroke_count: Uint8Array.from(count.data as Uint8Array),
  };
  const size = given.stroke_count.length;
  await startBackend("wasm");
  const { model } = await loadModel(run);
  const logProbs = model.classify!({ size, fields: given } as Batch);
  const probabilities = (await logProbs.data<"float32">()).map(Math.exp);
  const inputs = model.networks!.classifier().inputs;
  dispose(logProbs);
  model.dispose();
  return { given, size, probabilities, inputs };
}

test("an ONNX file names real drawings as the run does, and says what there is to know", async (folder, run) => {
  const output = `${folder}/new/model.onnx`;
  await exportCommand([run, "--to", "onnx", "--output", output, "--license", 'CC "BY" 4.0 ©']);
  const bytes = await Deno.readFile(output);
  const { given, size, probabilities, inputs } = await answered(folder, run);
  assert(size > 30 && new Set(given.stroke_count).size > 2);
  const session = await onnxSession(bytes);
  const found = await session.run(inputs, given, size);
  assert(worstOf(found.probabilities.values, probabilities) < 1e-5);
  await session.release();

  assertEquals([textsIn(bytes, 2), textsIn(bytes, 3)], [["strokewise"], ["0.1.0"]]);
  const metadata = Object.fromEntries(bytesIn(bytes, 14).map((entry) => [textsIn(entry, 1)[0], textsIn(entry, 2)[0]]));
  assertEquals([metadata.model, metadata.part, metadata.license], ["cnn-lstm", "classifier", 'CC "BY" 4.0 ©']);
  assertEquals(JSON.parse(metadata.classes), ["circle", "line", ODD_NAME]);
  assertEquals(JSON.parse(metadata.preprocessing).stroke_index, {
    ...{
      canvas: [256, 256],
      lines: "Bresenham",
      size: [16, 16],
      cell: "floor(x * 16 / 256)",
      max_pool: 16,
      strokes: 8,
    },
    ...{ further_strokes: quickdraw.options.overflow.value, range: [0, 8] },
  });
  assertEquals(metadata.producer_license, "Apache-2.0");
  assert(!JSON.stringify(metadata).includes(folder), "nothing of this machine");
});

test("a LayersModel names real drawings as the run does", async (folder, run) => {
  const output = `${folder}/layers`;
  await exportCommand([run, "--to", "tfjs", "--output", output]);
  const names = ["model.json", "weights.bin"];
  assertEquals((await Array.fromAsync(Deno.readDir(output), ({ name }) => name)).sort(), names);
  const files = Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await Deno.readFile(`${output}/${name}`)] as const)),
  );
  const { given, size, probabilities, inputs } = await answered(folder, run);
  const layers = await layersModel(files);
  const [found] = await layers.run(inputs, given, size);
  assert(worstOf(found.values, probabilities) < 1e-5);
  const { classes } = layers.model.getUserDefinedMetadata() as { readonly classes: string };
  assertEquals(JSON.parse(classes), ["circle", "line", ODD_NAME]);
  layers.model.dispose();
}, !HAS_TFJS);

test("safetensors hold the run's weights, by name", async (folder, run) => {
  const output = `${folder}/weights.safetensors`;
  await exportCommand([run, "--to", "safetensors", "--output", output]);
  const bytes = await Deno.readFile(output);
  const length = Number(new DataView(bytes.buffer).getBigUint64(0, true));
  const { __metadata__: metadata, ...entries } = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length)));
  const { tensors } = await checkpointOf(run, "best");
  const own = Object.keys(tensors).filter((name) => name.startsWith("model/"));
  assertEquals(Object.keys(entries).map((name) => `model/${name}`), own);
  for (const name of own) {
    const { shape, data_offsets: [from, to] } = entries[name.slice("model/".length)];
    const values = new Float32Array(bytes.slice(8 + length + from, 8 + length + to).buffer);
    assertEquals([shape, values], [tensors[name].shape, tensors[name].data]);
  }
  assertEquals([metadata.format, metadata.layout, JSON.parse(metadata.classes)[2]], [
    ...["strokewise weights", "strokewise", ODD_NAME],
  ]);
  await exportCommand([run, "--to", "safetensors", "--layout", "torch", "--output", output, "--overwrite"]);
  assertStringIncludes(new TextDecoder().decode(await Deno.readFile(output)), '"lstm1.weight_ih_l0"');
});

test("what is in the way is replaced when that is asked for, and it is of an earlier export", async (folder, run) => {
  const [file, made, diary] = [`${folder}/a.onnx`, `${folder}/a`, `${folder}/diary.txt`];
  await Deno.writeTextFile(diary, "Dear diary\n");
  for (const [to, output] of [["onnx", file], ["tfjs", made], ["safetensors", `${folder}/a.safetensors`]]) {
    const again = [run, "--to", to, "--output", output];
    await exportCommand(again);
    await assertRejects(() => exportCommand(again), Error, `output ${output}: already there; --overwrite replaces it`);
    await exportCommand([...again, "--overwrite"]);
    const other = () => exportCommand([run, "--to", to, "--output", diary, "--overwrite"]);
    await assertRejects(other, Error, `output ${diary}: already there and`);
  }
  const refused: [args: string[], says: string][] = [
    [["--to", "onnx", "--output", made], `output ${made}: a folder, expected a file such as onnx.onnx`],
    [["--to", "onnx", "--output", `${folder}/b/`], "a folder, expected a file"],
    [["--to", "onnx", "--output", `${folder}/a.safetensors`, "--overwrite"], "not of an earlier export --to onnx"],
    [["--to", "safetensors", "--output", `${run}/best.safetensors`, "--overwrite"], "not of an earlier export"],
    [["--to", "tfjs", "--output", run, "--overwrite"], "holds no strokewise LayersModel"],
    [["--to", "tfjs", "--output", file, "--overwrite"], "holds no strokewise LayersModel"],
    [["--to", "tfjs", "--output", folder, "--overwrite"], "holds no strokewise LayersModel"],
    [["--to", "onnx", "--output", `${file}/c.onnx`], "File exists"],
  ];
  for (const [args, says] of refused) await assertRejects(() => exportCommand([run, ...args]), Error, says);
  await Deno.writeTextFile(`${made}/mine.txt`, "mine");
  await assertRejects(
    () => exportCommand([run, "--to", "tfjs", "--output", made, "--overwrite"]),
    Error,
    "mine.txt, so it is not replaced",
  );
  assertEquals(await Deno.readTextFile(diary), "Dear diary\n");
});

test("a run that cannot be written is told in one line, and nothing is left", async (folder, run) => {
  const out = `${folder}/out`;
  const [cut, foreign] = [`${folder}/cut`, `${folder}/foreign`];
  await Deno.mkdir(cut);
  await Deno.writeFile(`${cut}/best.safetensors`, trained!.subarray(0, trained!.length - 10));
  const { tensors, state } = await checkpointOf(run, "best");
  await Deno.mkdir(foreign);
  const settings = { ...state.settings, model: { name: "mine", url: `file://${folder}/mine.ts`, sha256: "0" } };
  await saveCheckpoint(`${foreign}/best.safetensors`, { tensors, state: { ...state, settings } });
  const cases: [args: string[], says: string][] = [
    [[`${folder}/none`, "--to", "onnx"], `run ${folder}/none: no such folder`],
    [[`${folder}/data`, "--to", "onnx"], "no run's folder"],
    [[cut, "--to", "tfjs"], `checkpoint ${cut}/best.safetensors: `],
    [[foreign, "--to", "onnx"], "mine.ts"],
    [["--to", "onnx"], "--to onnx writes one run, such as runs/cnn-1; found 0"],
    [[run, run, "--to", "safetensors"], "--to safetensors writes one run, such as runs/cnn-1; found 2"],
    [[run, "--to", "onnx", "--part", "encoder"], "--part encoder: the model has classifier"],
    [[run, "--to", "onnx", "--checkpoint", "last"], "checkpoint"],
    [[run, "--to", "onnx", "--layout", "torch"], "unknown option --layout"],
    [[run, "--to", "site", "--part", "classifier"], "unknown option --part"],
    [[run, "--to", "tensorflow"], "--to: expected one of site, tfevents, onnx, tfjs, safetensors"],
  ];
  for (const [args, says] of cases) await assertRejects(() => exportCommand([...args, "--output", out]), Error, says);
  await assertRejects(
    () => exportCommand([run, "--to", "onnx", "--output", "-"]),
    Error,
    "output -: standard output is not written to; --output names a file",
  );
  await assertRejects(
    () => exportCommand([run, "--to", "onnx"]),
    Error,
    "--output: expected the file or folder to be made",
  );
  const left = await Array.fromAsync(Deno.readDir(folder), ({ name }) => name);
  assertEquals(left.sort(), ["cut", "data", "foreign", "run"]);
});

test("what a model is not for is refused with what it is for, and parts are named", async (folder, run) => {
  /** A run of an untrained Sketch-RNN. */
  const sketches = async (decoderCell: string) => {
    const modelOptions = { ...defaultsOf(sketchRnn.options), ...sketchRnn.tiny, decoderCell };
    const { state } = await checkpointOf(run, "best");
    const data = {
      ...state.data,
      statistics: { offsetDeviation: 2 },
      fields: { ...state.data.fields, stroke3: STROKES },
    };
    await startBackend("wasm");
    const model = sketchRnn.build(modelOptions as typeof sketchRnn.tiny, data, new Prng(1));
    const tensors = Object.fromEntries(
      Object.entries(model.variables).map(([name, variable]) => [`model/${name}`, arrayOf(variable)]),
    );
    model.dispose();
    const made = `${folder}/${decoderCell}`;
    await Deno.mkdir(made);
    const settings = { ...state.settings, model: { name: "sketch-rnn" }, modelOptions };
    await saveCheckpoint(`${made}/best.safetensors`, { tensors, state: { ...state, settings, data } });
    return made;
  };
  const [plain, hyper] = [await sketches("lstm"), await sketches("hyper-lstm")];
  const out = `${folder}/out`;
  const cases: [args: string[], says: string][] = [
    [
      [hyper, "--to", "onnx"],
      "cannot be written as onnx: no graph of layers is known of it; it can with --to safetensors",
    ],
    [[plain, "--to", "tfjs", "--part", "step"], "of an LSTM; it can with --to onnx and --to safetensors"],
    [[plain, "--to", "onnx"], `run ${plain}, sketch-rnn: --part is missing: the model has step and initial`],
    [[plain, "--to", "onnx", "--part", "steps"], "the model has step and initial; did you mean step?"],
  ];
  for (const [args, says] of cases) await assertRejects(() => exportCommand([...args, "--output", out]), Error, says);
  await exportCommand([plain, "--to", "tfjs", "--part", "initial", "--output", out]);
  await exportCommand([hyper, "--to", "safetensors", "--output", `${folder}/hyper.safetensors`]);
});

test(
  "a process of its own needs no more than its permissions, and ends with exit code 2 on what it is told wrong",
  async (folder, run) => {
    const done = await runTask("export", [run, "--to", "onnx", "--output", "m.onnx"], { folder });
    assertEquals([done.code, done.stderr], [0, ""]);
    assertEquals(done.stdout.split("\n").map((line) => line.slice(0, 10).trim()), [
      "input",
      "input",
      "output",
      "wrote",
      "",
    ]);
    const wrong = await runTask("export", [run, "--to", "onnx", "--output", "m.onnx"], { folder });
    assertEquals([wrong.code, wrong.stdout], [2, ""]);
    assertEquals(wrong.stderr.trimEnd().split("\n").length, 1);
  },
  !CAN_RUN,
);
