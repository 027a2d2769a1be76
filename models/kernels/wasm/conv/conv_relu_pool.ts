/**
 * Convolution, bias, ReLU and max-pooling fused, and its gradients, on wasm.
 *
 * @module
 */
import type { WasmKernel } from "../context.ts";

/** x [N, H, W, Cin], filter [3, 3, Cin, Cout], bias [Cout] -> pooled [N, H/2, W/2, Cout] and winners, a byte each. */
export const convReluPool: WasmKernel = ({ functions, at, output, scratch }, { x, filter, bias }) => {
  const [batch, height, width, inputs] = x.shape;
  const outputs = filter.shape[3];
  const shape = [batch, height >> 1, width >> 1, outputs];
  const pooled = output(shape);
  const winners = output(shape, "bool"); // the one-byte type; holds 0 to 4
  const work = scratch(functions.convReluPoolScratch(height, width, inputs, outputs));
  const addresses = [at(x), at(filter), at(bias), at(pooled), at(winners), work];
  functions.convReluPoolForward(batch, height, width, inputs, outputs, ...addresses);
  return [pooled, winners];
};

/** -> the gradients of filter [3, 3, Cin, Cout] and bias [Cout]. */
export const convReluPoolFilterGrad: WasmKernel = ({ functions, at, output, scratch }, { dy, winners, x }) => {
  const [batch, height, width, inputs] = x.shape;
  const outputs = dy.shape[3];
  const dFilter = output([3, 3, inputs, outputs]);
  const dBias = output([outputs]);
  const work = scratch(functions.convReluPoolScratch(height, width, inputs, outputs));
  const addresses = [at(dy), at(winners), at(x), at(dFilter), at(dBias), work];
  functions.convReluPoolFilterGrad(batch, height, width, inputs, outputs, ...addresses);
  return [dFilter, dBias];
};

/** -> the gradient of x [N, H, W, Cin]. */
export const convReluPoolInputGrad: WasmKernel = (
  { functions, at, output, scratch },
  { dy, winners, filter },
  { height, width },
) => {
  const [batch, , , outputs] = dy.shape;
  const inputs = filter.shape[2];
  const dx = output([batch, height, width, inputs]);
  const work = scratch(functions.convReluPoolScratch(height, width, inputs, outputs));
  const addresses = [at(dy), at(winners), at(filter), at(dx), work];
  functions.convReluPoolInputGrad(batch, height, width, inputs, outputs, ...addresses);
  return dx;
};
