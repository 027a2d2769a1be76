/**
 * Registers this project's kernels for the wasm backend.
 *
 * @module
 */
import { attention, attentionGrad } from "./attention.ts";
import { batchNorm, batchNormGrad } from "./batch_norm.ts";
import { loadWasmKernels, registerWasmKernel } from "./context.ts";
import { activatedConv, activationGrad, transposedConv } from "./conv/fused_conv.ts";
import { conv, convFilterGrad, convInputGrad, fusedConv } from "./conv/conv.ts";
import { convReluPool, convReluPoolFilterGrad, convReluPoolInputGrad } from "./conv/conv_relu_pool.ts";
import { identity, slice, split } from "./products/copies.ts";
import { gru, gruGrad } from "./recurrent/gru.ts";
import { layerNormGates, layerNormGatesGrad } from "./recurrent/layer_norm_gates.ts";
import { lstm, lstmGrad, unpackSteps } from "./recurrent/lstm.ts";
import { lstmGates, lstmGatesGrad } from "./recurrent/lstm_gates.ts";
import { reduction } from "./products/reductions.ts";
import { batchMatMul, fusedMatMul } from "./products/mat_mul.ts";
import { layerNorm, layerNormGrad } from "./layer_norm.ts";
import { maxPoolGrad } from "./conv/max_pool_grad.ts";
import { mixtureDensity, mixtureDensityGrad } from "./mixture_density.ts";
import { adamUpdate, moveTowards, rmspropUpdate, sgdUpdate, squaredSum } from "./optimizer.ts";
import { random } from "./random.ts";
import { gatherRows, segmentSum, strokeFrames } from "./products/segment.ts";
import { unary } from "./unary.ts";
import { windowFilters, windowFiltersGrad } from "./window_filters.ts";

let registered = false;

/** Loads the kernels beside the wasm backend in use and registers them; calling it again does no harm. */
export async function registerWasmKernels(): Promise<void> {
  await loadWasmKernels();
  if (registered) return;
  registered = true;
  // In place of stock kernels that are missing or slow.
  registerWasmKernel("BatchMatMul", batchMatMul);
  registerWasmKernel("_FusedMatMul", fusedMatMul);
  registerWasmKernel("Conv2D", conv());
  registerWasmKernel("Conv2DBackpropFilter", convFilterGrad);
  registerWasmKernel("Conv2DBackpropInput", convInputGrad);
  registerWasmKernel("FusedConv2D", fusedConv());
  registerWasmKernel("GatherV2", gatherRows());
  registerWasmKernel("Identity", identity);
  registerWasmKernel("MaxPoolGrad", maxPoolGrad);
  registerWasmKernel("Mean", reduction("Mean"));
  registerWasmKernel("Sigmoid", unary("Sigmoid"));
  registerWasmKernel("Slice", slice());
  registerWasmKernel("Softplus", unary("Softplus"));
  registerWasmKernel("SplitV", split());
  registerWasmKernel("Sum", reduction("Sum"));
  registerWasmKernel("Tanh", unary("Tanh"));
  registerWasmKernel("UnsortedSegmentSum", segmentSum);
  // The project's own fused operations.
  registerWasmKernel("StrokewiseActivationGrad", activationGrad);
  registerWasmKernel("StrokewiseAdamUpdate", adamUpdate);
  registerWasmKernel("StrokewiseAttention", attention);
  registerWasmKernel("StrokewiseAttentionGrad", attentionGrad);
  registerWasmKernel("StrokewiseBatchNorm", batchNorm);
  registerWasmKernel("StrokewiseBatchNormGrad", batchNormGrad);
  registerWasmKernel("StrokewiseConv", activatedConv);
  registerWasmKernel("StrokewiseConvReluPool", convReluPool);
  registerWasmKernel("StrokewiseConvReluPoolFilterGrad", convReluPoolFilterGrad);
  registerWasmKernel("StrokewiseConvReluPoolInputGrad", convReluPoolInputGrad);
  registerWasmKernel("StrokewiseGru", gru);
  registerWasmKernel("StrokewiseGruGrad", gruGrad);
  registerWasmKernel("StrokewiseLayerNorm", layerNorm);
  registerWasmKernel("StrokewiseLayerNormGrad", layerNormGrad);
  registerWasmKernel("StrokewiseLayerNormGates", layerNormGates);
  registerWasmKernel("StrokewiseLayerNormGatesGrad", layerNormGatesGrad);
  registerWasmKernel("StrokewiseLayerNormLstm", lstm);
  registerWasmKernel("StrokewiseLayerNormLstmGrad", lstmGrad);
  registerWasmKernel("StrokewiseLstm", lstm);
  registerWasmKernel("StrokewiseLstmGates", lstmGates);
  registerWasmKernel("StrokewiseLstmGatesGrad", lstmGatesGrad);
  registerWasmKernel("StrokewiseLstmGrad", lstmGrad);
  registerWasmKernel("StrokewiseMixtureDensity", mixtureDensity);
  registerWasmKernel("StrokewiseMixtureDensityGrad", mixtureDensityGrad);
  registerWasmKernel("StrokewiseMoveTowards", moveTowards);
  registerWasmKernel("StrokewiseRandomNormal", random("randomNormal"));
  registerWasmKernel("StrokewiseRandomUniform", random("randomUniform"));
  registerWasmKernel("StrokewiseRmspropUpdate", rmspropUpdate);
  registerWasmKernel("StrokewiseSgdUpdate", sgdUpdate);
  registerWasmKernel("StrokewiseSquaredSum", squaredSum);
  registerWasmKernel("StrokewiseStrokeFrames", strokeFrames);
  registerWasmKernel("StrokewiseTransposedConv", transposedConv);
  registerWasmKernel("StrokewiseUnpackSteps", unpackSteps);
  registerWasmKernel("StrokewiseWindowFilters", windowFilters);
  registerWasmKernel("StrokewiseWindowFiltersGrad", windowFiltersGrad);
}
