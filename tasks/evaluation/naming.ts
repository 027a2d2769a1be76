/**
 * A run's classifier for drawings and pictures that come one at a time.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { fieldsRead } from "../../models/model_spec.ts";
import { type DrawingClassifier, drawingClassifier, type Guess } from "../../models/zoo/drawing_classifier.ts";
import { InputError } from "../../pipelines/base/errors.ts";
import { greyShapeOf } from "../../pipelines/batches/batch_fields.ts";
import type { Drawing } from "../../pipelines/strokes/stroke.ts";
import type { SavedModel } from "../runs/saved_model.ts";

/** Names drawings, pictures or both; disposing of it frees the model. */
export interface Namer extends Disposable {
  readonly classes: readonly string[];
  readonly notes: readonly string[];
  /** Names a drawing as `loadClassifier` does; missing of a model that reads pictures of other sizes than drawings become. */
  nameDrawing?(drawing: Drawing): Promise<Guess[]>;
  /** Missing of a model that reads strokes. */
  readonly pictures?: {
    /** Pixels down and across. */
    readonly height: number;
    readonly width: number;
    /** Names a picture, uint8 [height, width], 0 paper and 255 ink, or as light as the data was. */
    name(pixels: Uint8Array): Promise<Guess[]>;
  };
}

/**
 * Makes a namer of a run's model.
 *
 * @param saved Becomes the namer's.
 * @param run Names the run in messages.
 * @throws {InputError} When the model names neither.
 */
export function namerOf({ model, spec, state, notes }: SavedModel, run: string): Namer {
  const { data } = state;
  try {
    const fields = fieldsRead(spec, state.settings.modelOptions, data);
    const seesPictures = model.classify !== undefined && fields.includes("image") && isGrey(data.fields.image);
    const [height, width] = seesPictures ? greyShapeOf(data, "image") : [0, 0];
    let drawings: DrawingClassifier | undefined;
    try {
      drawings = drawingClassifier(model, { fields, data, notes });
    } catch (error) {
      if (!seesPictures) throw error;
    }
    return {
      classes: data.classes,
      notes: drawings?.notes ?? notes,
      ...drawings ? { nameDrawing: (drawing: Drawing) => drawings.classify(drawing) } : {},
      ...seesPictures
        ? {
          pictures: {
            ...{ height, width },
            async name(pixels: Uint8Array): Promise<Guess[]> {
              const image = Uint8Array.from(pixels); // [1, height, width]
              const logProbs = tf.tidy(() => model.classify!({ size: 1, fields: { image } })); // [1, classes]
              const values = [...await logProbs.data()];
              logProbs.dispose();
              return values.map((value, label) => ({ name: data.classes[label], probability: Math.exp(value) }))
                .sort((a, b) => b.probability - a.probability);
            },
          },
        }
        : {},
      [Symbol.dispose]: () => model.dispose(),
    };
  } catch (error) {
    model.dispose();
    throw error instanceof InputError ? new InputError(`run ${run}, ${spec.name}: ${error.message}`) : error;
  }
}

function isGrey(field: { readonly dtype: string; readonly shape: readonly number[] } | undefined): boolean {
  return field?.dtype === "uint8" && field.shape.length === 2;
}
