/** Small runs as the page gets them: untrained models of every kind, with their stored checks. */
import { startBackend } from "../../../../models/backends/backend.ts";
import { encodeCheckpoint } from "../../../../models/checkpoint.ts";
import { Prng } from "../../../../pipelines/base/prng.ts";
import { sha256 } from "../../../../pipelines/base/sha256.ts";
import { mergeOptions, type OptionValue } from "../../../../pipelines/base/option_table.ts";
import { MODELS } from "../../../../models/zoo/registry.ts";
import type { TrainedData, TrainedState } from "../../../../models/zoo/trained_model.ts";
import type { Drawing } from "../../../../pipelines/strokes/stroke.ts";
import { buildRun, type BuiltRun, partsOf } from "../../../../tasks/web/engine/built_run.ts";
import type { SiteRun } from "../../../../tasks/web/site/manifest.ts";
import { makeSelfCheck } from "../../../../tasks/web/site/self_check.ts";

/** A house: walls, roof, door. */
export const HOUSE: Drawing = [
  [[20, 20, 235, 235, 20], [110, 255, 255, 110, 110]],
  [[0, 128, 255], [110, 0, 110]],
  [[100, 100, 150, 150], [255, 170, 170, 255]],
];

const label = { dtype: "uint8", shape: [] } as const;

/** Drawings of three classes, 32 x 32 cells, four frames. */
export const DRAWINGS: TrainedData = {
  classes: ["house", "sun", "fish"],
  dataset: "quickdraw",
  options: { overflow: "truncate" },
  statistics: { offsetDeviation: 31 },
  fields: {
    stroke_index: { dtype: "uint8", shape: [32, 32], max: 4 },
    stroke_count: { dtype: "uint8", shape: [], max: 4 },
    stroke3: { dtype: "int16", shape: [-1, 3] },
    label,
  },
};

/** Pictures of two classes, 28 x 28. */
export const PICTURES: TrainedData = {
  classes: ["0", "1"],
  fields: { image: { dtype: "uint8", shape: [28, 28] }, label },
};

/** Pictures in red, green and blue, 12 x 12. */
export const COLOURS: TrainedData = {
  ...PICTURES,
  fields: { image: { dtype: "uint8", shape: [12, 12, 3] }, label },
};

/** An untrained model as a run's file. */
export interface Made {
  readonly model: string;
  readonly data?: TrainedData;
  /** Beside those of the tiny model. */
  readonly options?: Readonly<Record<string, OptionValue>>;
}

/** What leads to a latent and from it begins at almost nothing, and training makes something of it. */
const scaleOf = (name: string) => /^(posterior|initial)\/weights/.test(name) ? 300 : 1;

/** Encodes a file; its weights are not those that its seed gives. */
export async function makeFile({ model, data = DRAWINGS, options = {} }: Made): Promise<Uint8Array<ArrayBuffer>> {
  await startBackend("wasm");
  const spec = MODELS[model];
  const modelOptions = mergeOptions(spec.options, { ...spec.tiny, ...options }, "the model");
  const state: TrainedState = { settings: { model: { name: model }, modelOptions, seed: 1 }, data };
  const built = spec.build(state.settings.modelOptions, data, new Prng(2));
  const tensors = Object.fromEntries(
    Object.entries(built.variables).map(([name, variable]) => [
      `model/${name}`,
      { shape: variable.shape, data: Float32Array.from(variable.dataSync(), (value) => scaleOf(name) * value) },
    ]),
  );
  built.dispose();
  if (model === "sketch-rnn") tensors["model/output/bias"].data[2] = -1; // or untrained ones end their drawings at once
  return await encodeCheckpoint({ tensors, state });
}

/** A run on the page, and its file. */
export async function makeSiteRun(
  made: Made,
): Promise<{ readonly run: SiteRun; readonly bytes: Uint8Array<ArrayBuffer> }> {
  const bytes = await makeFile(made);
  const built = await buildRun(bytes, made.model);
  const hash = await sha256(bytes);
  const run: SiteRun = {
    ...{ name: `${made.model}-1`, model: made.model, classes: built.state.data.classes, notes: ["small"] },
    names: partsOf(built).naming !== undefined,
    looks: partsOf(built).images === undefined,
    weights: { path: `models/${hash.slice(0, 16)}.safetensors`, size: bytes.length, sha256: hash },
    check: await makeSelfCheck(built, HOUSE, 3),
  };
  built.model.dispose();
  return { run, bytes };
}

/** Builds a run's model; the caller disposes of it. */
export async function makeBuilt(made: Made): Promise<BuiltRun> {
  return await buildRun(await makeFile(made), made.model);
}
