/**
 * A run's model, built from the file that the page loads, and what it can do on a page. Browser safe.
 *
 * @module
 */
import { decodeCheckpoint } from "../../../models/checkpoint.ts";
import type { FrameReader, ImageDrawer, Model } from "../../../models/model.ts";
import { fieldsRead, type ModelSpec } from "../../../models/model_spec.ts";
import type { StrokeDrawer } from "../../../models/stroke_drawer.ts";
import { type DrawingReader, drawingReader } from "../../../models/zoo/drawing_reader.ts";
import { MODELS } from "../../../models/zoo/registry.ts";
import { buildTrained, type TrainedState } from "../../../models/zoo/trained_model.ts";
import { InputError } from "../../../pipelines/base/errors.ts";
import type { Codes } from "../../evaluation/code_neighbourhoods.ts";
import { type LatentSource, latentSource } from "../../evaluation/latent_source.ts";

/** A run's model, and what is known of it. */
export interface BuiltRun {
  /** The caller disposes of it. */
  readonly model: Model;
  readonly spec: ModelSpec;
  readonly state: TrainedState;
  /** By which samples of images are drawn; missing where it is the model's prior, or nobody knows. */
  readonly codes?: Codes;
}

/** The name of the tensor of {@linkcode BuiltRun.codes} in a file, float32 [N, D]. */
export const CODES_TENSOR = "latents/codes";

/**
 * Builds the model of a file. The backend must have been started.
 *
 * @param bytes As `modelFile` encodes it, or a run's checkpoint.
 * @param path Names it in messages.
 * @throws {InputError} When it is no checkpoint, or of a model that is not built in.
 */
export async function buildRun(bytes: Uint8Array<ArrayBuffer>, path: string): Promise<BuiltRun> {
  const checkpoint = await decodeCheckpoint<TrainedState>(bytes, path);
  const { name } = checkpoint.state.settings.model;
  if (!Object.hasOwn(MODELS, name)) {
    throw new InputError(`${path}: its model ${name} is unknown here; there are ${Object.keys(MODELS).join(", ")}`);
  }
  const spec = MODELS[name];
  const codes = checkpoint.tensors[CODES_TENSOR];
  const built = { model: buildTrained(spec, checkpoint, path), spec, state: checkpoint.state };
  return codes === undefined ? built : { ...built, codes: { values: codes.data, size: codes.shape[1] } };
}

/** What draws images on a page. */
export interface PageDrawer {
  readonly drawer: ImageDrawer;
  readonly source: LatentSource;
}

/** Undefined where there is nothing to draw samples from. */
function pageDrawer(drawer: ImageDrawer, codes: Codes | undefined): PageDrawer | undefined {
  const source = latentSource(drawer, codes);
  return source && { drawer, source };
}

/** What a run can do on a page: it can what it has, one part or more. */
export interface RunParts {
  /** It names drawings, and says where a class comes from where it looks at frames. */
  readonly naming?: { readonly reader: DrawingReader; readonly frames?: FrameReader };
  /** It draws strokes. */
  readonly strokes?: StrokeDrawer;
  /** It draws images. */
  readonly images?: PageDrawer;
  /** What is worth saying of them. */
  readonly notes: readonly string[];
}

/**
 * What a run can do on a page.
 *
 * @throws {InputError} When there is nothing, as of a classifier of pictures that drawings do not become.
 */
export function partsOf({ model, spec, state, codes }: BuiltRun): RunParts {
  const { strokes, frames } = model;
  const images = model.images && pageDrawer(model.images, codes);
  const drawers = { ...(strokes ? { strokes } : {}), ...(images ? { images } : {}) };
  const drawsNothing = Object.keys(drawers).length === 0;
  if (model.classify === undefined) {
    if (drawsNothing && model.images) {
      throw new InputError(
        `${spec.name} draws no samples without its training pictures: it has nothing to do on the page`,
      );
    }
    if (drawsNothing) {
      throw new InputError(`${spec.name} neither names drawings nor draws: it has nothing to do on the page`);
    }
    return { ...drawers, notes: [] };
  }
  try {
    const fields = fieldsRead(spec, state.settings.modelOptions, state.data);
    const reader = drawingReader(model, { fields, data: state.data });
    return { ...drawers, naming: { reader, ...(frames ? { frames } : {}) }, notes: reader.view.notes };
  } catch (error) {
    if (drawsNothing || !(error instanceof InputError)) throw error;
    return { ...drawers, notes: [`it names no drawings here: ${error.message}`] };
  }
}
