/** What `deno task bench` times, and that it times it; never how long it takes. */
import * as tf from "@tensorflow/tfjs-core";
import { assert, assertAlmostEquals, assertEquals, assertStringIncludes } from "@std/assert";
import { startBackend } from "../../../models/backends/backend.ts";
import type { Batch } from "../../../pipelines/dataset.ts";
import { Prng } from "../../../pipelines/base/prng.ts";
import { FEW_FRAMES, KERNEL_CASES } from "../../../tasks/bench/bench_kernel_cases.ts";
import { coreTypesFor } from "../../../tasks/bench/bench_peers.ts";
import { drawingRates, sketchRnnSubjects } from "../../../tasks/bench/bench_sketch_rnn.ts";
import { gpuSubjects, subjects, TIMED_MODELS } from "../../../tasks/bench/bench_subjects.ts";
import { type Drawings, timeSteps } from "../../../tasks/bench/subject.ts";
import { median } from "../../../pipelines/base/median.ts";
import { describeDrawings, randomDrawings } from "../../../tasks/bench/random_drawings.ts";
import { FAST, may } from "../../helpers.ts";
import { CAN_RUN, runTask } from "../command.ts";
import { FIXTURES } from "../prepared.ts";

Deno.test("the median is the middle one by size, of an even count the upper of the two", () => {
  assertEquals([median([5]), median([10, 9, 2]), median([3, 1, 2, 10])], [5, 9, 3]);
});

const KIND = { side: 64, frames: 8, classes: 18 };
const DRAWINGS: Drawings = {
  data: describeDrawings(KIND),
  batch: (size) => randomDrawings({ size, ...KIND }, new Prng(3)),
};

Deno.test("every subject's batch holds what its model reads, and PyTorch gets the same", async () => {
  for (const all of [await subjects(DRAWINGS, 3), await gpuSubjects(DRAWINGS)]) {
    assert(all.every(({ model: { name } }) => TIMED_MODELS.includes(name)));
    for (const { name, model, options, data, batch: { size, fields }, peer, whole } of all) {
      for (const field of model.fieldsOf?.(options as never, data) ?? model.fields) {
        const [first = 1, ...shape] = data.fields[field].shape;
        const rows = first === -1 ? fields[`${field}_offsets`][size] : first * size;
        const length = shape.reduce((product, side) => product * side, Number(rows));
        assertEquals(fields[field].length, length, `${name}: ${field}`);
      }
      assert(fields.label.every((label) => Number(label) < data.classes.length), name);
      assertEquals([...peer.fields.label.data], [...fields.label], name);
      if (peer.fields.frames === undefined) continue;
      assertEquals([...peer.fields.stroke_count.data], [...fields.stroke_count].map(Number), name);
      if (whole) assertEquals([...fields.stroke_count], Array(size).fill(8), name);
      const { frames } = peer.fields;
      assertEquals(frames.shape, [size, 8, 64, 64]);
      const last = (b: number) => frames.data.subarray((b * 8 + 7) * 4096, (b + 1) * 8 * 4096); // all strokes
      for (let b = 0; b < size; b++) {
        const map = (fields.stroke_index as Uint8Array).subarray(b * 4096, (b + 1) * 4096);
        assertEquals([...last(b)], Array.from(map, (stroke) => Number(stroke > 0)), name);
        const first = [...frames.data.subarray(b * 8 * 4096, (b * 8 + 1) * 4096)];
        assertEquals(first, Array.from(map, (stroke) => Number(stroke === 1)), name);
      }
    }
    assertEquals(new Set(all.map(({ name }) => name)).size, all.length);
  }
});

Deno.test("Sketch-RNN's drawings all have N_max offsets, or those that they have; PyTorch gets the same rows", async () => {
  const [whole, real] = await sketchRnnSubjects(DRAWINGS, 3);
  const given = DRAWINGS.batch(3) as Batch;
  const starts = given.fields.stroke3_offsets;
  const offsets = [0, 1, 2].map((b) => Math.min(250, Number(starts[b + 1]) - Number(starts[b]) - 1));
  assertEquals([...real.peer.fields.counts.data], offsets);
  assertEquals([...real.peer.fields.lengths.data], offsets.map((count) => Math.min(250, count + 1)));
  assertEquals([[...whole.peer.fields.counts.data], [...whole.peer.fields.lengths.data]], [
    [250, 250, 250],
    [250, 250, 250],
  ]);
  for (const { batch: { fields }, data, peer: { fields: { rows, counts } } } of [whole, real]) {
    assertEquals(rows.shape, [Math.max(...Array.from(counts.data, Number)) + 1, 3, 5]);
    const deviation = data.statistics!.offsetDeviation;
    for (let b = 0; b < 3; b++) {
      for (let t = 1; t <= Number(counts.data[b]); t++) {
        const at = 3 * (Number(fields.stroke3_offsets[b]) + t);
        const [dx, dy, lifted] = fields.stroke3.slice(at, at + 3) as Int16Array;
        const row = Array.from(rows.data.slice(5 * (3 * t + b), 5 * (3 * t + b + 1)), Number);
        assertEquals(row, [Math.fround(dx / deviation), Math.fround(dy / deviation), 1 - lifted, lifted, 0]);
      }
    }
  }
  const { stroke3: _, ...fields } = DRAWINGS.data.fields;
  assertEquals(await sketchRnnSubjects({ ...DRAWINGS, data: { ...DRAWINGS.data, fields } }, 3), []);
});

Deno.test("PyTorch is told only core types whose instructions the processor has", () => {
  assertEquals(coreTypesFor("model name\t: X\nflags\t\t: fpu avx avx2 avx512f\n"), ["SkylakeX", "Zen", "Haswell"]);
  assertEquals(coreTypesFor("flags\t\t: fpu avx avx2\n"), ["Zen", "Haswell"]);
  assertEquals(coreTypesFor("flags\t\t: fpu avx\n"), []);
  assertEquals(coreTypesFor(""), []);
});

Deno.test({
  name: "a step of sketches, digits and images that are drawn is timed, and leaves no tensor behind",
  ignore: FAST || !may("read"),
  fn: async () => {
    await startBackend("wasm");
    const before = tf.memory().numTensors;
    const [spared, whole, , , digits, , images, , ...sketchRnns] = await subjects(DRAWINGS, 2);
    for (const subject of [spared, whole, digits, images, ...sketchRnns]) {
      assert(await timeSteps(subject, { warmUp: 0, steps: 1, patience: Infinity }) > 0, subject.name);
    }
    assertEquals(tf.memory().numTensors, before);
  },
});

Deno.test({
  name: "the drawings a second that are learnt from are told of shuffled ones and of those of like length",
  ignore: FAST || !may("read"),
  fn: async () => {
    await startBackend("wasm");
    const before = tf.memory().numTensors;
    const [, real] = await sketchRnnSubjects(DRAWINGS, 2);
    const { shuffled, alike } = await drawingRates(real, await DRAWINGS.batch(5), 1);
    assert(shuffled > 0 && alike > 0);
    assertEquals(tf.memory().numTensors, before);
  },
});

/** The tensors of a result, whatever holds them. */
function tensorsIn(result: unknown): tf.Tensor[] {
  if (result instanceof tf.Tensor) return [result];
  return typeof result === "object" && result !== null ? Object.values(result).flatMap(tensorsIn) : [];
}

for (const what of new Set(KERNEL_CASES.map(({ what }) => what))) {
  Deno.test({
    name: `kernels: ${what} is the same work here and in stock tfjs`,
    ignore: FAST || !may("read"),
    fn: async () => {
      const { prepare, prepareStock = prepare, flops, bytes } = KERNEL_CASES.find((work) => work.what === what)!;
      assert(flops >= 0 && bytes > 0);
      const values = async (backend: "cpu" | "wasm", prepare: typeof prepareStock) => {
        await startBackend(backend);
        tf.engine().startScope();
        const result = prepare(new Prng(1), FEW_FRAMES)();
        const sums = tensorsIn(result).map((tensor) => tf.sum(tf.abs(tensor)).dataSync()[0]);
        tf.engine().endScope();
        tf.disposeVariables();
        return sums;
      };
      const [stock, ours] = [await values("cpu", prepareStock), await values("wasm", prepare)];
      assertEquals(ours.length, stock.length);
      ours.forEach((sum, i) => assertAlmostEquals(sum, stock[i], 1e-3 * stock[i] + 1e-6, what));
    },
  });
}

Deno.test({
  name: "deno task bench refuses what it would not read, with who reads it",
  ignore: !CAN_RUN,
  fn: async () => {
    for (
      const [args, words] of [
        [["--only", "render", "--steps", "3"], "--steps: not with --only render; --only step reads it"],
        [
          ["--only", "kernels", "--python", "x"],
          "--python: not with --only kernels; --only prepare and --only step read it",
        ],
        [["--gpu", "--only", "step"], "--only: not with --gpu"],
        [["--rows", "accept", "--seconds", "3"], "--seconds: not with --rows; --only step reads it"],
      ] as const
    ) {
      const { code, stderr } = await runTask("bench", args);
      assertEquals(code, 2);
      assertStringIncludes(stderr, `bench: ${words} (`);
    }
  },
});

Deno.test({
  name: "deno task bench --only render prints the rates of both sizes, and ratios to cairo where it is installed",
  ignore: !CAN_RUN,
  fn: async () => {
    const source = `${FIXTURES}quickdraw/eye.ndjson.gz`;
    const { code, stdout, stderr } = await runTask("bench", ["--only", "render", "--source", source]);
    assertEquals(code, 0, stderr);
    for (const work of ["28 x 28 bitmap", "8 cumulative 64 x 64 frames"]) {
      const [, rate] = new RegExp(`^${work}, TypeScript +([\\d,]+) drawings/s`, "m").exec(stdout)!;
      assert(Number(rate.replaceAll(",", "")) > 0);
    }
    const compared = /\d\.\d\d x cairo$/m.test(stdout);
    assertEquals(compared, !stdout.includes("npm:canvas"));
    if (compared) assertStringIncludes(stdout, "pictures equal");
  },
});
