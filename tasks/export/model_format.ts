/**
 * What a format of models is: a run's model becomes one file, or a folder of files.
 *
 * @module
 */
import type { Network } from "../../models/network.ts";
import { InputError } from "../../pipelines/base/errors.ts";
import { nearest } from "../../pipelines/base/nearest.ts";
import type { OptionTable, OptionValues } from "../../pipelines/base/option_table.ts";
import type { OwnFolders } from "../../pipelines/shards/output_folder.ts";
import type { SavedModel } from "../runs/saved_model.ts";
import { Unsuitable } from "./target.ts";

/** Options of all formats. */
export const FORMAT_OPTIONS = {
  checkpoint: { value: "best", choices: ["best", "last"], help: "which weights" },
  license: { value: "", help: "what the file says of the licence of its weights" },
} as const;

/** The option of formats that write a graph of layers. */
export const PART_OPTION = {
  value: "",
  help: "which part of a model of several, such as encoder or decoder; the only one when left out",
} as const;

/** A model in a format. */
export interface EncodedModel {
  /** By path; of a format of one file that file alone, whatever it is called. */
  readonly files: Readonly<Record<string, Uint8Array<ArrayBuffer>>>;
  /** What is to be known of it, a line each. */
  readonly lines: readonly string[];
}

/** What is made of a model: a file with an ending, or a folder. */
export type FormatPlace =
  | {
    readonly ending: string;
    /** Whether a file that begins so is of an earlier export. */
    isOurs(head: Uint8Array): boolean;
  }
  | { readonly folder: OwnFolders };

/** How a model is written. */
export interface FormatRequest<Values> {
  /** The format's own options. */
  readonly options: Values;
  /** What the file says of the model: texts by name. */
  readonly about: Readonly<Record<string, string>>;
}

/** A format of models. */
export interface ModelFormat<T extends OptionTable = OptionTable> {
  /** What is written, a few words. */
  readonly summary: string;
  readonly options: T;
  readonly place: FormatPlace;
  /**
   * Writes a model.
   *
   * @throws {Unsuitable} When the model has no such form.
   */
  encode(saved: SavedModel, how: FormatRequest<OptionValues<NoInfer<T>>>): EncodedModel;
}

/** Makes a format, its options typed by their table. */
export function defineFormat<const T extends OptionTable>(format: ModelFormat<T>): ModelFormat<T> {
  return format;
}

/**
 * A part of a model as a graph of layers.
 *
 * @param part Its name; empty for the only one.
 * @throws {Unsuitable} When the model has none.
 * @throws {InputError} When it has several and none is named, no such part, or one that is no graph.
 */
export function networkOf({ model }: SavedModel, part: string): { readonly name: string; readonly network: Network } {
  const parts = model.networks ?? {};
  const names = Object.keys(parts);
  if (names.length === 0) throw new Unsuitable(model.noNetworks ?? "no graph of layers is known of it");
  if (part === "" && names.length > 1) throw new InputError(`--part is missing: the model has ${names.join(" and ")}`);
  const name = part || names[0];
  if (Object.hasOwn(parts, name)) {
    const network: Partial<Network> | undefined = parts[name](); // of a user's own model, which nobody need have checked
    if (network?.inputs?.length && network.outputs?.length) return { name, network: network as Network };
    throw new InputError(`part ${name}: expected a graph of layers with inputs and outputs`);
  }
  throw new InputError(`--part ${part}: the model has ${names.join(" and ")}${nearest(part, names)}`);
}

/** What goes into a network and comes out of it, a line each. */
export function borderLines({ inputs, outputs }: Network): string[] {
  const lineOf = (kind: string, name: string, form: string, meaning: string) =>
    `${kind.padEnd(10)} ${name}, ${form}: ${meaning}`;
  return [
    ...inputs.map(({ name, dtype, shape, meaning }) => lineOf("input", name, `${dtype} [${["N", ...shape]}]`, meaning)),
    ...outputs.map(({ name, value, meaning }) => lineOf("output", name, `float32 [${["N", ...value.shape]}]`, meaning)),
  ].map((line) => line.replaceAll(",", ", ").replaceAll(",  ", ", "));
}
