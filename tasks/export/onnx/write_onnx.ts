/**
 * A network as an ONNX model.
 *
 * @module
 */
import type { Network } from "../../../models/network.ts";
import { VERSION } from "../../runs/provenance.ts";
import { PRODUCER } from "../about_model.ts";
import { FLOAT, OnnxGraph } from "./onnx_graph.ts";
import { addOnnxLayer } from "./onnx_layers.ts";
import { OnnxValues } from "./onnx_values.ts";

/** The dimension of the batch, which is free. */
const BATCH = "N";

/**
 * Writes a network as an ONNX file.
 *
 * @param about Texts by name, for the file's `metadata_props`; `summary` is its description too.
 */
export function encodeOnnx(
  network: Network,
  { name, about }: { readonly name: string; readonly about: Readonly<Record<string, string>> },
): Uint8Array<ArrayBuffer> {
  const graph = new OnnxGraph();
  const layers = new OnnxValues(graph);
  for (const input of network.inputs) {
    const { dtype, shape, meaning } = input;
    const given = graph.input(input.name, { dtype, shape: [BATCH, ...shape], meaning });
    // Operators take no uint8 where they take float32; to layers all values are float32.
    layers.hold(input, { plain: dtype === "float32" ? given : graph.node("Cast", [given], `${given}/floats`, FLOAT) });
  }
  for (const node of network.nodes) addOnnxLayer(layers, node);
  for (const { name, value, meaning } of network.outputs) {
    graph.output(name, layers.plainOf(value), { dtype: "float32", shape: [BATCH, ...value.shape], meaning });
  }
  return graph.encode({
    ...{ producer: PRODUCER, version: VERSION, name, meaning: about.summary ?? "", metadata: about },
  });
}
