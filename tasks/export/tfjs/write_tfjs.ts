/**
 * A network as a LayersModel of tfjs.
 *
 * @module
 */
import type { Network } from "../../../models/network.ts";
import { VERSION } from "../../runs/provenance.ts";
import { PRODUCER } from "../about_model.ts";
import { addKerasLayer } from "./keras_layers.ts";
import { KerasModel } from "./keras_model.ts";

/** What `model.json` says of who made it: by it a folder is known as of an earlier export. */
export const GENERATED_BY = `${PRODUCER} ${VERSION}`;

/**
 * Writes a network as `model.json` and `weights.bin`. An input of one number an example is [N, 1].
 *
 * @param about Texts by name, for the file's `userDefinedMetadata`; `inputs` and `outputs` are added.
 * @throws {Unsuitable} When tfjs lacks a layer.
 */
export function encodeTfjs(
  network: Network,
  { name, about }: { readonly name: string; readonly about: Readonly<Record<string, string>> },
): Record<string, Uint8Array<ArrayBuffer>> {
  const model = new KerasModel();
  const formOf = (shape: readonly number[]) => shape.length === 0 ? [1] : shape;
  for (const { name, shape } of network.inputs) model.input(name, formOf(shape));
  for (const node of network.nodes) addKerasLayer(model, node);
  for (const { value } of network.outputs) model.output(value.name);
  const described = {
    ...about,
    inputs: network.inputs.map(({ name, shape, meaning }) => ({ name, shape: [null, ...formOf(shape)], meaning })),
    outputs: network.outputs.map(({ name, value, meaning }) => ({ name, shape: [null, ...value.shape], meaning })),
  };
  return model.encode({ name, generatedBy: GENERATED_BY, about: described });
}
