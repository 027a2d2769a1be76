/**
 * Models of tfjs's layers: `model.json` and `weights.bin`, which `tf.loadLayersModel` reads.
 *
 * @module
 */
import type { NamedArray } from "../../../models/safetensors.ts";
import { bytesOf, concatBytes } from "../../../pipelines/base/bytes.ts";

/** The files of a model. */
export const [TOPOLOGY_FILE, WEIGHTS_FILE] = ["model.json", "weights.bin"];

/** What a layer is told, by Keras's names. */
export type KerasConfig = Readonly<Record<string, unknown>>;

/** A layer with what it is told. */
export interface KerasLayer {
  readonly class_name: string;
  readonly config: KerasConfig;
}

/** A model in the making; layers go by their names. */
export class KerasModel {
  readonly #layers: (KerasLayer & { readonly name: string; readonly inbound_nodes: unknown })[] = [];
  readonly #inputs: string[] = [];
  readonly #outputs: string[] = [];
  readonly #weights: (NamedArray & { readonly name: string })[] = [];

  /** Adds an input of a shape without the batch. */
  input(name: string, shape: readonly number[]): string {
    const config = { batch_input_shape: [null, ...shape], dtype: "float32", sparse: false, name };
    this.#layers.push({ name, class_name: "InputLayer", config, inbound_nodes: [] });
    this.#inputs.push(name);
    return name;
  }

  /**
   * Adds a layer.
   *
   * @param from The layers that it reads.
   * @param weights By name, in the layer's own order.
   * @returns Its name.
   */
  add(
    name: string,
    { class_name, config }: KerasLayer,
    from: readonly string[],
    weights: Readonly<Record<string, NamedArray>> = {},
  ): string {
    const inbound_nodes = [from.map((layer) => [layer, 0, 0, {}])];
    this.#layers.push({ name, class_name, config: { ...config, name, trainable: true }, inbound_nodes });
    for (const [part, array] of Object.entries(weights)) this.#weights.push({ ...array, name: `${name}/${part}` });
    return name;
  }

  /** Says which layers give what is asked for, in order. */
  output(layer: string): void {
    this.#outputs.push(layer);
  }

  /**
   * The files.
   *
   * @param about What `model.getUserDefinedMetadata()` gives.
   */
  encode(
    { name, generatedBy, about }: { readonly name: string; readonly generatedBy: string; readonly about: unknown },
  ): Record<typeof TOPOLOGY_FILE | typeof WEIGHTS_FILE, Uint8Array<ArrayBuffer>> {
    const place = (layer: string) => [layer, 0, 0];
    const config = {
      ...{ name, layers: this.#layers },
      ...{ input_layers: this.#inputs.map(place), output_layers: this.#outputs.map(place) },
    };
    const topology = {
      ...{ format: "layers-model", generatedBy, convertedBy: null, userDefinedMetadata: about },
      modelTopology: { class_name: "Model", config, keras_version: "tfjs-layers 4.22.0", backend: "tensor_flow.js" },
      weightsManifest: [{
        paths: [WEIGHTS_FILE],
        weights: this.#weights.map(({ name, shape }) => ({ name, shape, dtype: "float32" })),
      }],
    };
    return {
      [TOPOLOGY_FILE]: new TextEncoder().encode(JSON.stringify(topology)),
      [WEIGHTS_FILE]: concatBytes(this.#weights.map(({ data }) => bytesOf(data))),
    };
  }
}
