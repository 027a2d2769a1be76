/**
 * A run's classifier, for drawings that come one at a time.
 *
 * @module
 */
import { fieldsRead } from "../../models/model_spec.ts";
import { type DrawingClassifier, drawingClassifier } from "../../models/zoo/drawing_classifier.ts";
import { InputError } from "../../pipelines/base/errors.ts";
import type { CheckpointName } from "./run_directory.ts";
import { loadModel } from "./saved_model.ts";

/**
 * Loads the classifier of a run that was trained on drawings. The backend must have been started.
 *
 * @param folder The run's folder.
 * @param checkpoint Which weights; `best` when left out.
 * @throws {InputError} When there is no such run, or its model does not name drawings.
 *
 * @example
 * ```ts
 * import { cnn, loadClassifier, prepare, quickdraw, startBackend, train } from "@strokewise/strokewise";
 * import { assertEquals } from "@std/assert";
 *
 * const folder = await Deno.makeTempDir();
 * const data = `${folder}/data`;
 * await prepare({ dataset: quickdraw, options: { classes: ["circle", "line"], size: 16 }, perClass: 40, output: data });
 * await startBackend("wasm");
 * for await (const _line of train({ data, folder, model: cnn, loop: { epochs: 8, learningRate: 0.01 } }));
 *
 * using classifier = await loadClassifier(folder);
 * const [best] = await classifier.classify([[[0, 255], [0, 90]]]);
 * assertEquals(best.name, "line");
 * await Deno.remove(folder, { recursive: true });
 * ```
 */
export async function loadClassifier(
  folder: string,
  checkpoint: CheckpointName = "best",
): Promise<DrawingClassifier> {
  const { model, spec, state, notes } = await loadModel(folder, checkpoint);
  try {
    const fields = fieldsRead(spec, state.settings.modelOptions, state.data);
    return drawingClassifier(model, { fields, data: state.data, notes });
  } catch (error) {
    model.dispose();
    throw error instanceof InputError ? new InputError(`run ${folder}, ${spec.name}: ${error.message}`) : error;
  }
}
