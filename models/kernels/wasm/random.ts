/**
 * Random tensors on wasm.
 *
 * @module
 */
import type { WasmKernel } from "./context.ts";

/** Row ids int32 [N] -> uniform or normal numbers, [N, columns]. */
export function random(name: "randomUniform" | "randomNormal"): WasmKernel {
  return ({ functions, at, output, scratch }, { rows }, { key0, key1, columns }) => {
    const [count] = rows.shape;
    const values = output([count, columns]);
    functions[name](count, columns, key0, key1, at(rows), at(values), scratch(64));
    return values;
  };
}
