/**
 * Registers this project's kernels for the webgpu backend.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { WebgpuBackend } from "./backend.ts";
import { registerWebgpuKernel } from "./context.ts";
import { convFilterGrad, convInputGrad } from "./conv/conv_grad.ts";
import { convReluPool, convReluPoolFilterGrad, convReluPoolInputGrad } from "./conv/conv_relu_pool.ts";
import { batchMatMul, fusedMatMul } from "./products/mat_mul.ts";
import { segmentSum } from "./products/segment.ts";
import { watchStockDispatches } from "./dispatches.ts";
import { gru, gruGrad } from "./recurrent/gru.ts";
import { lstm, lstmGrad } from "./recurrent/lstm.ts";
import { mixtureDensity, mixtureDensityGrad } from "./mixture_density.ts";
import { adamUpdate, moveTowards, rmspropUpdate, sgdUpdate, squaredSum } from "./optimizer.ts";
import { random } from "./random.ts";
import { strokeFrames } from "./stroke_frames.ts";

let registered = false;

/** Registers the kernels for the webgpu backend, which must be the current one; calling it again does no harm. */
export function registerWebgpuKernels(): void {
  watchStockDispatches(tf.backend() as unknown as WebgpuBackend);
  if (registered) return;
  registered = true;
  // In place of stock kernels that are slow, or give other bits at every run.
  registerWebgpuKernel("BatchMatMul", batchMatMul());
  registerWebgpuKernel("_FusedMatMul", fusedMatMul());
  registerWebgpuKernel("Conv2DBackpropFilter", convFilterGrad());
  registerWebgpuKernel("Conv2DBackpropInput", convInputGrad());
  registerWebgpuKernel("UnsortedSegmentSum", segmentSum());
  // The project's own fused operations.
  registerWebgpuKernel("StrokewiseAdamUpdate", adamUpdate);
  registerWebgpuKernel("StrokewiseConvReluPool", convReluPool);
  registerWebgpuKernel("StrokewiseConvReluPoolFilterGrad", convReluPoolFilterGrad);
  registerWebgpuKernel("StrokewiseConvReluPoolInputGrad", convReluPoolInputGrad);
  registerWebgpuKernel("StrokewiseGruOfProjected", gru);
  registerWebgpuKernel("StrokewiseGruOfProjectedGrad", gruGrad);
  registerWebgpuKernel("StrokewiseLstm", lstm);
  registerWebgpuKernel("StrokewiseLstmGrad", lstmGrad);
  registerWebgpuKernel("StrokewiseMixtureDensity", mixtureDensity);
  registerWebgpuKernel("StrokewiseMixtureDensityGrad", mixtureDensityGrad);
  registerWebgpuKernel("StrokewiseMoveTowards", moveTowards);
  registerWebgpuKernel("StrokewiseRandomNormal", random("randomNormal"));
  registerWebgpuKernel("StrokewiseRandomUniform", random("randomUniform"));
  registerWebgpuKernel("StrokewiseRmspropUpdate", rmspropUpdate);
  registerWebgpuKernel("StrokewiseSgdUpdate", sgdUpdate);
  registerWebgpuKernel("StrokewiseSquaredSum", squaredSum);
  registerWebgpuKernel("StrokewiseStrokeFrames", strokeFrames);
}
