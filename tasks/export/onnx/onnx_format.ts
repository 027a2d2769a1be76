/**
 * ONNX, for onnxruntime in any language, and in browsers.
 *
 * @module
 */
import { PRODUCER } from "../about_model.ts";
import { borderLines, defineFormat, networkOf, PART_OPTION } from "../model_format.ts";
import { IR_VERSION, OPSET } from "./onnx_graph.ts";
import { encodeOnnx } from "./write_onnx.ts";

/** How every file begins: field 1, the version of the form; field 2, the producer. */
const HEAD = [8, IR_VERSION, 18, PRODUCER.length, ...new TextEncoder().encode(PRODUCER)];

/** ONNX. */
export const onnx = defineFormat({
  summary: `an ONNX model, opset ${OPSET}, for onnxruntime`,
  options: { part: PART_OPTION },
  place: { ending: ".onnx", isOurs: (head) => HEAD.every((byte, i) => head[i] === byte) },
  encode(saved, { options, about }) {
    const { name, network } = networkOf(saved, options.part);
    const file = encodeOnnx(network, { name: `${saved.spec.name} ${name}`, about: { ...about, part: name } });
    return { files: { "model.onnx": file }, lines: borderLines(network) };
  },
});
