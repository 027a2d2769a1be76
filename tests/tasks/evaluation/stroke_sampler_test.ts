/** What `sample` makes of a model that draws strokes. */
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { decode } from "fast-png";
import { startBackend } from "../../../models/backends/backend.ts";
import { sketchRnn } from "../../../models/zoo/sketch_rnn/sketch_rnn.ts";
import { InputError } from "../../../pipelines/base/errors.ts";
import { sampleCommand } from "../../../tasks/commands/sample.ts";
import type { SampledRun } from "../../../tasks/evaluation/sampler.ts";
import { sample, type SampleSettings } from "../../../tasks/evaluation/samplers.ts";
import { STROKE_SAMPLER_OPTIONS, type StrokeKind, strokeSampler } from "../../../tasks/evaluation/stroke_sampler.ts";
import { defaultsOf } from "../../../pipelines/base/option_table.ts";
import { loadModel, type SavedModel } from "../../../tasks/runs/saved_model.ts";
import { FAST, inTemporaryFolder, may } from "../../helpers.ts";
import { linesOf, namesIn, prepareTo } from "../prepared.ts";
import { smallData, trainTiny } from "../runs.ts";
import { plainDrawer } from "./plain_drawer.ts";

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const recordsIn = (bytes: Uint8Array) =>
  text(bytes).trimEnd().split("\n").map((line) => JSON.parse(line) as { word?: string; drawing: number[][][] });

const RUN: SampledRun = {
  model: { name: "sketch-rnn", fields: ["stroke3", "label"] },
  ...{ count: 10, seed: 3, data: "nowhere", isAsked: false, onNote: () => {} },
  learnt: {
    ...{ dataset: "quickdraw", identity: "", classes: ["cat", "dog", "owl"], options: {} },
    fields: { stroke3: { dtype: "int16", shape: [-1, 3] }, label: { dtype: "uint16", shape: [] } },
  },
};

/** Files of some kinds by a plain model. */
async function files(
  drawer: ReturnType<typeof plainDrawer>,
  kinds: readonly StrokeKind[],
  given: Partial<typeof options> = {},
  run: Partial<SampledRun> = {},
) {
  await startBackend("cpu");
  return await strokeSampler.draw({ strokes: drawer }, {
    ...{ kinds, run: { ...RUN, ...run }, options: { ...options, formats: ["ndjson", "svg"], ...given } },
  });
}
const options = defaultsOf(STROKE_SAMPLER_OPTIONS);

Deno.test("each class of a model that is told it has a row of its own, and as many samples as the others", async () => {
  const drawer = plainDrawer({ classes: 3 });
  const [{ file, bytes: svg }, { bytes }] = await files(drawer, ["samples"]);
  assertEquals(file, "samples.svg");
  assertEquals(
    recordsIn(bytes).map(({ word }) => word),
    ["cat", "dog", "owl"].flatMap((name) => new Array(4).fill(name)),
  );
  assertEquals(drawer.asked[0].labels, [0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2]);
  assertEquals([drawer.asked[0].temperature, drawer.asked[0].rule], [0.4, "paper"]);
  assertStringIncludes(text(svg), 'viewBox="0 0 404 337"'); // four cells across, three down
  await files(drawer, ["samples"], { classes: ["owl", "cat"], rule: "magenta" });
  assertEquals(drawer.asked[1].labels, [2, 2, 2, 2, 2, 0, 0, 0, 0, 0]);
  assertEquals(drawer.asked[1].rule, "magenta");
});

Deno.test("drawings are cut where the model's were, or at so many points as are asked for, whatever the kind", async () => {
  const drawer = plainDrawer({});
  await files(drawer, ["samples", "temperatures"], { maxPoints: 400 });
  assert(drawer.asked.length > 2 && drawer.asked.every(({ maxPoints }) => maxPoints === 400));
  const before = drawer.asked.length;
  await files(drawer, ["samples"]);
  assertEquals(drawer.asked[before].maxPoints, undefined);
});

Deno.test("a drawing of a count is the same of every count, and of another seed another", async () => {
  const drawingsOf = async (count: number, seed: number) =>
    recordsIn((await files(plainDrawer({}), ["samples"], { formats: ["ndjson"] }, { count, seed }))[0].bytes);
  const [few, many, other] = [await drawingsOf(5, 3), await drawingsOf(130, 3), await drawingsOf(5, 4)];
  assertEquals(many.slice(0, 5), few);
  assert(JSON.stringify(other) !== JSON.stringify(few));
  assertEquals(new Set(many.map((record) => JSON.stringify(record))).size, 130); // keys are their own
});

Deno.test("each column of temperatures has one, and all the same latents and luck", async () => {
  const drawer = plainDrawer({ latentSize: 2 });
  const [{ bytes }] = await files(drawer, ["temperatures"]);
  assertEquals(drawer.asked.map(({ temperature }) => temperature), [0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]);
  assertEquals([...text(bytes).matchAll(/>(0\.\d)<\/text>/g)].slice(0, 8).map(([, name]) => name), [
    ...["0.2", "0.3", "0.4", "0.5", "0.6", "0.7", "0.8", "0.9"],
  ]);
  const records = recordsIn((await files(drawer, ["temperatures"], { formats: ["ndjson"] }))[0].bytes);
  assertEquals(records.length, 64);
  for (let n = 1; n < 8; n++) assertEquals(records[n].drawing, records[0].drawing); // it does not heed it
});

/** A file of one drawing a line. */
async function withFile<T>(drawings: readonly (readonly [string, number[][][]])[], use: (path: string) => Promise<T>) {
  const path = await Deno.makeTempFile({ suffix: ".ndjson" });
  try {
    const lines = drawings.map(([word, drawing]) => JSON.stringify({ word, drawing }));
    await Deno.writeTextFile(path, lines.join("\n"));
    return await use(path);
  } finally {
    await Deno.remove(path);
  }
}

/** Drawings whose mean latent is their second offset. */
const THREE: [string, number[][][]][] = [
  ["cat", [[[0, 3], [0, 0]]]],
  ["dog", [[[10, 19], [5, 5]]]],
  ["fish", [[[0, 4], [7, 7]]]],
];

Deno.test({
  name: "drawings of a file are drawn again, mixed, and completed from where they end",
  ignore: !may("read", "write"),
  fn: () =>
    withFile(THREE, async (drawings) => {
      const drawer = plainDrawer({ latentSize: 1 });
      const asked = async (kind: StrokeKind) => {
        drawer.asked.length = 0;
        const z: number[][] = [];
        const { draw } = drawer;
        const spied = {
          ...drawer,
          draw: async (request: Parameters<typeof draw>[0]) => {
            z.push([...await request.latents?.data() ?? []]);
            return await draw(request);
          },
        };
        const [{ bytes }] = await files(spied, [kind], { drawings, formats: ["ndjson"], endings: 2 });
        return { z, records: recordsIn(bytes) };
      };
      assertEquals((await asked("reconstructions")).z, [[3, 9, 4]]);
      const between = await asked("interpolation");
      assertEquals(between.z.length, 9);
      assertEquals(between.z.map(([value]) => Math.round(100 * value) / 100), [
        ...[3, 3.75, 4.5, 5.25, 6, 6.75, 7.5, 8.25, 9], // in one dimension the arc is the line
      ]);
      assertEquals(between.records.map(({ word }) => word), [..."aaaabbbbb"].map((of) => of === "a" ? "cat" : "dog"));
      assertEquals((await asked("arithmetic")).z, [[-2, -2]]); // 3 - 9 + 4
      const { records } = await asked("completions");
      assertEquals(records.length, 6);
      const prefixes = drawer.asked[0].prefixes!.map((prefix) => [...Array.from(prefix)]);
      assertEquals(prefixes.slice(2, 4), [[10, 5, 0, 9, 0, 1], [10, 5, 0, 9, 0, 1]]);
      const [[begun], strokes] = [records[2].drawing, records[2].drawing.length];
      assertEquals([begun, strokes], [[[0, 9], [0, 0]], 2]); // aligned, and a stroke behind it
    }),
});

Deno.test({
  name: "what cannot be shown is told, or refused where it was asked for",
  ignore: !may("read", "write"),
  fn: async () => {
    const notes: string[] = [];
    const onNote = (note: string) => void notes.push(note);
    const all = ["samples", "reconstructions", "completions"] as const;
    const made = await files(plainDrawer({ latentSize: 1 }), all, { formats: ["svg"] }, { onNote });
    assertEquals(made.map(({ file }) => file), ["samples.svg"]);
    assertEquals(notes, [
      "data nowhere: no index.json where the run was trained on it; --data says where its shards lie now: nothing is shown " +
      "of its drawings",
    ]);
    const ask = (drawer: ReturnType<typeof plainDrawer>, given: Partial<typeof options>) => () =>
      files(drawer, all, given, { isAsked: true });
    await assertRejects(ask(plainDrawer({}), {}), InputError, "no index.json where the run was trained");
    await assertRejects(
      ask(plainDrawer({}), { classes: ["cat"] }),
      InputError,
      "--classes: the model is not told classes",
    );
    await assertRejects(
      ask(plainDrawer({ classes: 3 }), { classes: ["owk"] }),
      InputError,
      "no owk; did you mean owl?",
    );
    for (
      const [drawings, message] of [
        [".", "--drawings .: a folder, expected a file of drawings"],
        ["none.ndjson", "--drawings none.ndjson: no such file"],
      ]
    ) await assertRejects(ask(plainDrawer({}), { drawings }), InputError, message);
    await withFile([], async (drawings) => {
      await assertRejects(ask(plainDrawer({}), { drawings }), InputError, `${drawings}: holds no drawing`);
    });
    await withFile(THREE.slice(0, 1), async (drawings) => {
      const lone = () => files(plainDrawer({ latentSize: 1 }), ["interpolation"], { drawings }, { isAsked: true });
      await assertRejects(lone, InputError, "too few drawings for interpolation, which takes 2");
      const short = () => files(plainDrawer({ maxLength: 1 }), ["completions"], { drawings });
      await assertRejects(short, InputError, "its drawings have up to 2 points, the model reads 1");
    });
    await withFile([...THREE, ["cat", [[[0, 1, 2], [0, 0, 0]]]]], async (drawings) => {
      notes.length = 0;
      await files(plainDrawer({ maxLength: 2 }), ["completions"], { drawings }, { onNote });
      assertStringIncludes(notes.join(), "1 of its drawings have more points than the model reads, 2");
    });
  },
});

Deno.test("options of strokes are refused by a model that draws none", async () => {
  const saved = { model: { images: {} }, spec: { name: "draw" }, state: {} } as unknown as SavedModel;
  for (const given of [{ temperature: 1 }, { formats: ["png"] }, { drawings: "mine.svg" }]) {
    const [name] = Object.keys(given);
    const ask = () => sample(saved, { count: 1, seed: 0, ...given });
    await assertRejects(ask, InputError, `--${name}: draw draws no strokes`);
  }
});

Deno.test("options that nothing reads beside the others are refused by name", async () => {
  const [spec, state] = [{ name: "sketch-rnn" }, { data: RUN.learnt, settings: { data: "" } }];
  const saved = {
    model: { strokes: plainDrawer({ classes: 3, latentSize: 1 }) },
    spec,
    state,
  } as unknown as SavedModel;
  const refused = async (settings: SampleSettings, message: string) =>
    assertEquals((await assertRejects(() => sample(saved, settings), InputError)).message, message);
  const shown = "reconstructions or interpolation or arithmetic or completions";
  const asked = [
    [{ drawings: "mine.svg" }, shown],
    [{ data: "data/mine" }, `${shown} and --drawings none`],
    [{ split: "valid" }, `${shown} and --drawings none`],
    [{ keep: 0.3 }, "completions and --drawings none"],
    [{ endings: 3 }, "arithmetic or completions"],
  ] as const;
  for (const [given, condition] of asked) {
    const [name] = Object.keys(given);
    const message = `--${name}: read with --pictures ${condition} alone, found --pictures samples`;
    await refused({ kinds: ["samples"], ...given }, message);
  }
  for (const given of [{ data: "data/mine" }, { split: "valid" }] as const) {
    const message = `--${
      Object.keys(given)
    }: read with --pictures ${shown} and --drawings none alone, found --drawings x`;
    await refused({ drawings: "x", ...given }, message);
  }
  await refused(
    { drawings: "x", keep: 0.3 },
    "--keep: read with --pictures completions and --drawings none alone, found --drawings x",
  );
  await refused(
    { kinds: ["completions"], count: 7 },
    "--count: read with --pictures samples or temperatures or reconstructions alone, found --pictures completions",
  );
  await refused(
    { kinds: ["temperatures"], temperature: 1 },
    "--temperature: read with --pictures samples or reconstructions or interpolation or arithmetic or completions " +
      "alone, found --pictures temperatures",
  );
  await refused(
    { kinds: ["completions"], classes: ["cat"] },
    "--classes: completions take drawings of the split, each of its own class",
  );
});

Deno.test("options of images that nothing reads beside the others are refused by name", async () => {
  const images = { prior: "normal", latentShape: [3, 2] };
  const [spec, state] = [{ name: "draw" }, { data: RUN.learnt, settings: { data: "" } }];
  const saved = { model: { images }, spec, state } as unknown as SavedModel;
  const asked = [
    ["samples", { classes: ["3"] }, "read with --pictures arithmetic alone, found --pictures samples"],
    ["samples", { data: "data/mine" }, "samples show nothing of it"],
    ["nearest", { split: "valid" }, "read with --pictures reconstructions or arithmetic or interpolation alone, found"],
    ["kernels", { latents: "codes" }, "read with --pictures samples or interpolation or sweep or nearest or steps or"],
    ["kernels", { seed: 3 }, "read with --pictures samples or reconstructions or"],
    ["sweep", { count: 7 }, "read with --pictures samples or nearest or steps or fixed alone, found --pictures sweep"],
  ] as const;
  for (const [kind, given, message] of asked) {
    const ask = () => sample(saved, { kinds: [kind], ...given });
    await assertRejects(ask, InputError, `--${Object.keys(given)}: ${message}`);
  }
});

Deno.test("the more drawings on a sheet, the smaller they are, and never too small", async () => {
  const widthOf = async (count: number) => {
    const [{ bytes }] = await files(plainDrawer({}), ["samples"], { formats: ["svg"] }, { count });
    return Number(/viewBox="0 0 (\d+)/.exec(text(bytes))![1]);
  };
  assertEquals(await widthOf(400), 4 + 20 * (96 + 4));
  assertEquals(await widthOf(2500), 4 + 50 * (40 + 4));
  assertEquals(await widthOf(10_000), 4 + 100 * (24 + 4));
});

Deno.test({
  name: "sample: sheets of a run in every format, and its lines as data again",
  ignore: FAST || !may("read", "write"),
  fn: () =>
    inTemporaryFolder(async (folder) => {
      const [data, run] = [`${folder}/data`, `${folder}/run`];
      await smallData(data);
      await trainTiny(data, run, {
        ...{ model: "sketch-rnn", modelOptions: { ...sketchRnn.tiny, classCondition: true, maxLength: 60 } },
        loop: { steps: 3 },
      });
      await sampleCommand(["--run", run, "--backend", "wasm", "--count", "12", "--split", "train", "--endings", "2"]);
      const kinds = ["arithmetic", "completions", "interpolation", "reconstructions", "samples", "temperatures"];
      const extensions = ["-moving.svg", ".gif", ".ndjson", ".png", ".svg"];
      assertEquals(await namesIn(`${run}/samples`), kinds.flatMap((kind) => extensions.map((name) => kind + name)));
      const { width, height } = decode(await Deno.readFile(`${run}/samples/samples.png`));
      assertEquals([width, height], [4 + 4 * 100, 4 + 3 * 111]); // a row of four a class
      const lines = await linesOf(`${run}/samples/samples.ndjson`);
      assertEquals(lines.map(({ word }) => word), ["circle", "line", "sun"].flatMap((name) => new Array(4).fill(name)));
      const again = await prepareTo(`${folder}/again`, {
        ...{ sources: [`${run}/samples/samples.ndjson`], options: { size: 16 } },
      });
      assertEquals(again.classes, ["circle", "line", "sun"]);
      assertEquals(Object.values(again.splits).reduce((sum, { examples }) => sum + examples, 0), 12);

      const saved = await loadModel(run);
      const more = { count: 2, seed: 0, kinds: ["samples"] as const };
      await assertRejects(
        () => sample(saved, { ...more, temperature: 0 }),
        RangeError,
        "sampling: temperature: expected",
      );
      const misspelt: object = { tempreature: 1 };
      await assertRejects(() => sample(saved, { ...more, ...misspelt }), TypeError, "did you mean temperature?");
      const kernels = { ...more, kinds: ["kernels"] as const };
      await assertRejects(() => sample(saved, kernels), InputError, "nothing to show for kernels");
      saved.model.dispose();
      const draws = `${folder}/draws`;
      await trainTiny(data, draws, { model: "cnn", loop: { steps: 1 } });
      await assertRejects(
        () => sampleCommand(["--run", draws, "--temperature", "1", "--backend", "wasm"]),
        InputError,
        "cnn draws nothing",
      );
    }),
});
