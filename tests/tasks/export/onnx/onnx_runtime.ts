/** ONNX models, run by onnxruntime-web. */
import type { Network } from "../../../../models/network.ts";
import { may } from "../../../helpers.ts";
import type { Given } from "../built_models.ts";

/** Whether the runtime can be started: it reads its WebAssembly. */
export const HAS_RUNTIME = may("read");

/** Loads a model, and runs it on batches. */
export async function onnxSession(file: Uint8Array) {
  const { env, InferenceSession, Tensor } = await import("onnxruntime-web"); // looks at the system when it is loaded
  env.wasm.numThreads = 1; // no Workers, which a test would have to wait for
  const session = await InferenceSession.create(file, { logSeverityLevel: 3 });
  return {
    inputs: session.inputNames,
    outputs: session.outputNames,
    /** All outputs of a batch: shapes and values by name. */
    async run(inputs: Network["inputs"], given: Given, batch: number) {
      const tensors = inputs.map(({ name, dtype, shape }) => [name, new Tensor(dtype, given[name], [batch, ...shape])]);
      const results = await session.run(Object.fromEntries(tensors));
      return Object.fromEntries(
        Object.entries(results).map(([name, { dims, data }]) => [name, { shape: dims, values: data as Float32Array }]),
      );
    },
    release: () => session.release(),
  };
}
