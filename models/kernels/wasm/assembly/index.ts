// What the module exports: pure functions on addresses in the memory of tfjs's wasm backend. Nothing is kept here.

export { activationGrad } from "./activation";
export { attentionBackward, attentionForward } from "./attention";
export { batchNormBackward, batchNormForward, batchNormMoments, batchNormSums } from "./batch_norm";
export { conv, convScratch } from "./conv/conv";
export { convFilterGrad, convFilterGradScratch } from "./conv/conv_filter_grad";
export { convInputGrad, convInputGradScratch } from "./conv/conv_input_grad";
export { convReluPoolForward } from "./conv/conv_relu_pool";
export { convReluPoolFilterGrad, convReluPoolInputGrad } from "./conv/conv_relu_pool_grad";
export { convReluPoolScratch } from "./conv/conv_relu_pool_image";
export { gemm, gemmScratch } from "./gemm/gemm";
export { gemmSmall, gemmSmallScratch } from "./gemm/gemm_small";
export { gruBackward, gruForward, gruScratch } from "./recurrent/gru";
export { layerNormBackward, layerNormForward } from "./layer_norm";
export { layerNormGatesBackward, layerNormGatesForward, normGatesScratch } from "./recurrent/layer_norm_gates";
export { lstmBackward, lstmForward, lstmScratch } from "./recurrent/lstm";
export { lstmGatesBackward, lstmGatesForward, lstmGatesScratch } from "./recurrent/lstm_gates";
export { unpackSteps } from "./recurrent/sequence_plan";
export { maxPoolGrad } from "./conv/max_pool_grad";
export { mixtureDensity, mixtureDensityGrad } from "./mixture_density";
export { adamUpdate, moveTowards, rmspropUpdate, sgdUpdate, squaredSum } from "./optimizer";
export { randomNormal, randomUniform } from "./random";
export { gatherRows, segmentSum, strokeFrames } from "./segment";
export { sumRows, sumRowsScratch } from "./sum_rows";
export { sigmoidFloats, softplusFloats, tanhFloats } from "./unary";
export { windowFilters, windowFiltersGrad } from "./window_filters";
