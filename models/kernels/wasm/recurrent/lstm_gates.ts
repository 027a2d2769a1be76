/**
 * One step of an LSTM cell, and its gradient, on wasm.
 *
 * @module
 */
import type { WasmKernel } from "../context.ts";

/** z [B, 4H], cell [B, H] -> hidden, next [B, H], and the gates after their non-linearities [B, 4H]. */
export const lstmGates: WasmKernel = ({ functions, at, output, scratch }, { z, cell }) => {
  const [batch, units] = cell.shape;
  const [hidden, next, gates] = [output(cell.shape), output(cell.shape), output(z.shape)];
  functions.lstmGatesForward(
    batch,
    units,
    ...[z, cell, hidden, next, gates].map(at),
    scratch(functions.lstmGatesScratch(units)),
  );
  return [hidden, next, gates];
};

/** -> the gradients of z and cell. */
export const lstmGatesGrad: WasmKernel = (
  { functions, at, output, scratch },
  { dHidden, dNext, gates, cell, next },
) => {
  const [batch, units] = cell.shape;
  const [dz, dCell] = [output(gates.shape), output(cell.shape)];
  functions.lstmGatesBackward(
    batch,
    units,
    ...[dHidden, dNext, gates, cell, next, dz, dCell].map(at),
    scratch(functions.lstmGatesScratch(units)),
  );
  return [dz, dCell];
};
