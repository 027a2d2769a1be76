/** LayersModels, loaded and run by stock tfjs on its plain JavaScript backend. */
import type { Network } from "../../../../models/network.ts";
import { may } from "../../../helpers.ts";
import type { Given } from "../built_models.ts";

/** Whether stock tfjs can be loaded: it looks at the environment. */
export const HAS_TFJS = may("read", "env");

/** The files of a LayersModel as they are fetched. */
export type LayersFiles = Readonly<Record<string, Uint8Array<ArrayBuffer>>>;

/** Stock tfjs, on the cpu. */
async function stockTfjs() {
  const [tf, { loadLayersModel }] = await Promise.all([
    import("@tensorflow/tfjs-core"),
    import("@tensorflow/tfjs-layers"),
    import("@tensorflow/tfjs-backend-cpu"),
  ]);
  await tf.setBackend("cpu");
  return { tf, loadLayersModel };
}

/** Loads a model, and runs it on batches. */
export async function layersModel(files: LayersFiles) {
  const { tf, loadLayersModel } = await stockTfjs();
  const { modelTopology, weightsManifest: [{ weights, paths }], userDefinedMetadata } = JSON.parse(
    new TextDecoder().decode(files["model.json"]),
  );
  const model = await loadLayersModel({
    load: () =>
      Promise.resolve({
        ...{ modelTopology, weightSpecs: weights, userDefinedMetadata },
        weightData: files[paths[0]].slice().buffer,
      }),
  });
  return {
    model,
    /** Shapes and values of all outputs of a batch, in their order. */
    async run(inputs: Network["inputs"], given: Given, batch: number) {
      await tf.setBackend("cpu");
      const tensors = inputs.map(({ name, shape }) => {
        return tf.tensor(Float32Array.from(given[name]), [batch, ...shape.length === 0 ? [1] : shape]);
      });
      const results = [model.predict(tensors)].flat();
      const found = await Promise.all(results.map(async ({ shape, data }, i) => {
        return { shape, values: await data.call(results[i]) as Float32Array };
      }));
      tf.dispose([tensors, results]);
      return found;
    },
  };
}
