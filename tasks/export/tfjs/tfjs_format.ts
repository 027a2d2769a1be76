/**
 * A LayersModel, for tfjs in browsers.
 *
 * @module
 */
import { PRODUCER } from "../about_model.ts";
import { borderLines, defineFormat, networkOf, PART_OPTION } from "../model_format.ts";
import { TOPOLOGY_FILE, WEIGHTS_FILE } from "./keras_model.ts";
import { encodeTfjs } from "./write_tfjs.ts";

/** A LayersModel of tfjs. */
export const tfjs = defineFormat({
  summary: "a LayersModel, a folder for tf.loadLayersModel",
  options: { part: PART_OPTION },
  place: {
    folder: {
      what: "LayersModel",
      index: TOPOLOGY_FILE,
      filesOf(index) {
        const { generatedBy } = index as { readonly generatedBy?: unknown };
        return String(generatedBy).startsWith(`${PRODUCER} `) ? [WEIGHTS_FILE] : undefined;
      },
    },
  },
  encode(saved, { options, about }) {
    const { name, network } = networkOf(saved, options.part);
    const files = encodeTfjs(network, { name: `${saved.spec.name}-${name}`, about: { ...about, part: name } });
    return { files, lines: borderLines(network) };
  },
});
