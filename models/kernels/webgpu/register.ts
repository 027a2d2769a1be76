/**
 * Registers this project's kernels for the webgpu backend.
 *
 * @module
 */
import { batchNorm, batchNormGrad } from "./batch_norm.ts";
import { registerWebgpuKernel } from "./context.ts";
import { convFilterGrad, convInputGrad } from "./conv/conv_grad.ts";
import { convReluPool, convReluPoolFilterGrad, convReluPoolInputGrad } from "./conv/conv_relu_pool.ts";
import { activatedConv, activationGrad, conv, transposedConv } from "./conv/fused_conv.ts";
import { reduction } from "./products/column_sums.ts";
import { batchMatMul, fusedMatMul } from "./products/mat_mul.ts";
import { segmentSum } from "./products/segment.ts";
import { gru, gruGrad } from "./recurrent/gru.ts";
import { lstm, lstmGrad } from "./recurrent/lstm.ts";
import { layerNormGates, layerNormGatesGrad } from "./recurrent/layer_norm_gates.ts";
import { mixtureDensity, mixtureDensityGrad } from "./mixture_density.ts";
import { lstmGates, lstmGatesGrad } from "./recurrent/lstm_gates.ts";
import { adamUpdate, moveTowards, rmspropUpdate, sgdUpdate, squaredSum } from "./elementwise/optimizer.ts";
import { random } from "./elementwise/random.ts";
import { sampleLatent, sampleLatentGrad } from "./elementwise/sample_latent.ts";
import { strokeFrames } from "./elementwise/stroke_frames.ts";
import { windowFilters, windowFiltersGrad } from "./windows/window_filters.ts";
import { windowRead, windowReadGrad, windowWrite, windowWriteGrad } from "./windows/window_products.ts";

let registered = false;

/** Registers the kernels for the webgpu backend, which must be the current one; calling it again does no harm. */
export function registerWebgpuKernels(): void {
  if (registered) return;
  registered = true;
  // In place of stock kernels that are slow, or give other bits at every run.
  registerWebgpuKernel("BatchMatMul", batchMatMul());
  registerWebgpuKernel("_FusedMatMul", fusedMatMul());
  registerWebgpuKernel("Conv2D", conv());
  registerWebgpuKernel("Conv2DBackpropFilter", convFilterGrad());
  registerWebgpuKernel("Conv2DBackpropInput", convInputGrad());
  registerWebgpuKernel("Mean", reduction("Mean"));
  registerWebgpuKernel("Sum", reduction("Sum"));
  registerWebgpuKernel("UnsortedSegmentSum", segmentSum());
  // The project's own fused operations.
  registerWebgpuKernel("StrokewiseActivationGrad", activationGrad);
  registerWebgpuKernel("StrokewiseAdamUpdate", adamUpdate);
  registerWebgpuKernel("StrokewiseBatchNorm", batchNorm);
  registerWebgpuKernel("StrokewiseBatchNormGrad", batchNormGrad);
  registerWebgpuKernel("StrokewiseConv", activatedConv);
  registerWebgpuKernel("StrokewiseConvReluPool", convReluPool);
  registerWebgpuKernel("StrokewiseConvReluPoolFilterGrad", convReluPoolFilterGrad);
  registerWebgpuKernel("StrokewiseConvReluPoolInputGrad", convReluPoolInputGrad);
  registerWebgpuKernel("StrokewiseGruOfProjected", gru);
  registerWebgpuKernel("StrokewiseGruOfProjectedGrad", gruGrad);
  registerWebgpuKernel("StrokewiseLayerNormGates", layerNormGates);
  registerWebgpuKernel("StrokewiseLayerNormGatesGrad", layerNormGatesGrad);
  registerWebgpuKernel("StrokewiseLstm", lstm);
  registerWebgpuKernel("StrokewiseLstmGates", lstmGates);
  registerWebgpuKernel("StrokewiseLstmGatesGrad", lstmGatesGrad);
  registerWebgpuKernel("StrokewiseLstmGrad", lstmGrad);
  registerWebgpuKernel("StrokewiseMixtureDensity", mixtureDensity);
  registerWebgpuKernel("StrokewiseMixtureDensityGrad", mixtureDensityGrad);
  registerWebgpuKernel("StrokewiseMoveTowards", moveTowards);
  registerWebgpuKernel("StrokewiseRandomNormal", random("randomNormal"));
  registerWebgpuKernel("StrokewiseRandomUniform", random("randomUniform"));
  registerWebgpuKernel("StrokewiseRmspropUpdate", rmspropUpdate);
  registerWebgpuKernel("StrokewiseSampleLatent", sampleLatent);
  registerWebgpuKernel("StrokewiseSampleLatentGrad", sampleLatentGrad);
  registerWebgpuKernel("StrokewiseSgdUpdate", sgdUpdate);
  registerWebgpuKernel("StrokewiseSquaredSum", squaredSum);
  registerWebgpuKernel("StrokewiseStrokeFrames", strokeFrames);
  registerWebgpuKernel("StrokewiseTransposedConv", transposedConv);
  registerWebgpuKernel("StrokewiseWindowFilters", windowFilters);
  registerWebgpuKernel("StrokewiseWindowFiltersGrad", windowFiltersGrad);
  registerWebgpuKernel("StrokewiseWindowRead", windowRead);
  registerWebgpuKernel("StrokewiseWindowReadGrad", windowReadGrad);
  registerWebgpuKernel("StrokewiseWindowWrite", windowWrite);
  registerWebgpuKernel("StrokewiseWindowWriteGrad", windowWriteGrad);
}
