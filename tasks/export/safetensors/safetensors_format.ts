/**
 * The plain weights in a safetensors file, for Python, Rust and whatever else reads that.
 *
 * @module
 */
import { arrayOf } from "../../../models/network.ts";
import { encodeSafetensors } from "../../../models/safetensors.ts";
import { counted, grouped } from "../../../pipelines/base/text.ts";
import { defineFormat } from "../model_format.ts";
import { torchTensors } from "./torch_layout.ts";

/** What the header says first: by it a file is known as of an earlier export. */
const FORMAT = "strokewise weights";

/** What the dimensions of tensors are, by the end of their names; in the header, as JSON. */
const AXES = {
  strokewise: {
    filter: "height, width, inputs, outputs; of a transposed convolution height, width, outputs, inputs",
    weights: "inputs, outputs",
    kernel: "inputs, gates by units; gates of an LSTM i f g o, of a GRU r z n",
    recurrentKernel: "units, gates by units",
    features: "what follows a map takes it in the order height, width, channels",
  },
  torch: {
    "weight of a convolution": "outputs, inputs, height, width; of a transposed one inputs, outputs, height, width",
    "weight of a linear layer": "outputs, inputs",
    "weight_ih_l0, weight_hh_l0": "gates by units, inputs or units; gates of an LSTM i f g o, of a GRU r z n",
    features: "what follows a map takes it in the order height, width, channels: x.permute(0, 2, 3, 1).flatten(1)",
  },
} as const;

/** Safetensors. */
export const safetensors = defineFormat({
  summary: "the weights by name, a safetensors file",
  options: {
    layout: {
      value: "strokewise",
      choices: ["strokewise", "torch"],
      help: "names and order of dimensions: this project's, or those of PyTorch's modules",
    },
  },
  place: {
    ending: ".safetensors",
    isOurs: (head) => new TextDecoder().decode(head.subarray(8)).startsWith(`{"__metadata__":{"format":"${FORMAT}"`),
  },
  encode({ model }, { options: { layout }, about }) {
    const own = Object.fromEntries(Object.entries(model.variables).map(([name, value]) => [name, arrayOf(value)]));
    const tensors = layout === "torch" ? torchTensors(own) : own;
    const metadata = { format: FORMAT, layout, ...about, axes: JSON.stringify(AXES[layout]) };
    const all = Object.values(tensors);
    const count = all.reduce((sum, { data }) => sum + data.length, 0);
    return {
      files: { "model.safetensors": encodeSafetensors(tensors, metadata) },
      lines: [`tensors    ${counted(all.length, "tensor")}, ${grouped(count)} numbers, ${layout} layout`],
    };
  },
});
