/**
 * A run that begins with another's weights: which of them its model takes, which variables are new, and why.
 *
 * @module
 */
import { sha256Of } from "../../pipelines/base/hash.ts";
import { type Checkpoint, faultyNumber } from "../../models/checkpoint.ts";
import type { Model } from "../../models/model.ts";
import { usedWeights } from "../../models/zoo/trained_model.ts";
import { InputError } from "../../pipelines/base/errors.ts";
import type { OptionTable, OptionValues } from "../../pipelines/base/option_table.ts";
import { Prng } from "../../pipelines/base/prng.ts";
import type { DataDescription } from "../../pipelines/dataset.ts";
import type { ShardIndex } from "../../pipelines/shards/shard_index.ts";
import { flagOf } from "../cli/option_values.ts";
import { checkpointPath, loadRunCheckpoint } from "../runs/run_directory.ts";
import { checkShapes, classChange, listed } from "../runs/run_data.ts";
import type { Origin, RunState } from "../runs/run_state.ts";
import type { RunSettings } from "../runs/settings.ts";

/** What a run gets from another. */
export interface Inheritance {
  /** The values of the variables that are taken, by name. */
  readonly weights: Checkpoint<unknown>["tensors"];
  /** Where they are from. */
  readonly origin: Origin;
  /** What is worth saying: what was taken and what is new, and what is not the other run's any more. */
  readonly notes: readonly string[];
}

/**
 * The checkpoint that `--from` names.
 *
 * @param from A run's folder, whose best weights are meant, or the path of a checkpoint.
 * @throws {InputError} When it is not there, not whole, or holds a number that is not finite.
 */
export async function originCheckpoint(
  from: string,
): Promise<{ readonly path: string; readonly checkpoint: Checkpoint<RunState>; readonly notes: readonly string[] }> {
  const { path, note } = from.endsWith(".safetensors")
    ? { path: from, note: undefined }
    : await checkpointPath(from, "best");
  const checkpoint = await loadRunCheckpoint(path);
  const fault = faultyNumber(checkpoint.tensors);
  if (fault !== undefined) throw new InputError(`checkpoint ${path}: ${fault}: there is no beginning with it`);
  return { path, checkpoint, notes: note === undefined ? [] : [note] };
}

/**
 * What a run gets from the one that its settings name. A layer is taken where the other model has all of its variables, of
 * the same names and shapes: the weights that the other was judged by. Where the classes are not the same, the layers whose
 * shapes depend on how many there are begin anew. The backend must have been started.
 *
 * @param here What the run's own model is told of its data.
 * @returns Undefined where the settings name none.
 * @throws {InputError} When its checkpoint cannot be used, it read other shapes, or none of its variables fits.
 */
export async function inheritanceOf(
  settings: RunSettings,
  index: ShardIndex,
  here: DataDescription,
): Promise<Inheritance | undefined> {
  const { from, data, model: spec } = settings;
  if (from === "") return undefined;
  const { path, checkpoint: { tensors, state }, notes } = await originCheckpoint(from);
  checkShapes(spec, index, { data, folder: from, learnt: state.data });
  const there = Object.fromEntries(
    Object.entries(usedWeights(tensors)).map(([name, values]) => [name.slice("model/".length), values]),
  );
  const shapes = shapesOf(settings, here);
  const sameClasses = here.classes.join() === state.data.classes.join();
  const ofClasses = sameClasses ? new Set<string>() : dependingOnClasses(settings, { data: here, shapes });
  const fits = (name: string) => !ofClasses.has(name) && there[name]?.shape.join() === shapes[name].join();
  const names = Object.keys(shapes);
  const fresh = new Set(names.filter((name) => !fits(name)).map(layerOf));
  const taken = names.filter((name) => !fresh.has(layerOf(name)));
  if (taken.length === 0) throw new InputError(`--from ${path}: none of its variables fits model ${spec.name}`);

  const { settings: { model, modelOptions }, position: { step } } = state;
  const reasons = [
    ...model.name === spec.name ? changedOptions(settings.modelOptions, modelOptions) : [`it is of ${model.name}`],
    ...sameClasses ? [] : [`the classes are others: ${classChange(here.classes, state.data.classes)}`],
  ];
  const why = reasons.join(" and ") || "it has none of their shapes";
  const said = [
    `begins with ${listed([...new Set(taken.map(layerOf))], 12)} of ${path}, step ${step}`,
    fresh.size === 0
      ? `nothing is new${sameClasses ? "" : `, though ${why}`}`
      : `new: ${listed([...fresh], 12)}, because ${why}`,
    "the optimizer starts anew",
  ].join("; ");
  return {
    weights: Object.fromEntries(taken.map((name) => [name, there[name]])),
    origin: { checkpoint: path, sha256: sha256Of(await Deno.readFile(path)), step, model: model.name },
    notes: [...notes, said],
  };
}

/** The shape of each variable of a model by name. */
function shapesOf(
  { model, modelOptions, seed }: RunSettings,
  data: DataDescription,
): Record<string, readonly number[]> {
  const built: Model = model.build(modelOptions, data, new Prng(seed));
  const shapes = Object.fromEntries(Object.entries(built.variables).map(([name, { shape }]) => [name, shape]));
  built.dispose();
  return shapes;
}

/** The variables whose shape would be another with one class more. */
function dependingOnClasses(
  settings: RunSettings,
  { data, shapes }: { readonly data: DataDescription; readonly shapes: Readonly<Record<string, readonly number[]>> },
): Set<string> {
  let more;
  try {
    more = shapesOf(settings, { ...data, classes: [...data.classes, "one more"] });
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const why = `model ${settings.model.name} takes no other number of classes: ${error.message}`;
    throw new InputError(
      `--from ${settings.from}: the classes are others, and which layers are theirs is unknown: ${why}`,
    );
  }
  return new Set(Object.keys(shapes).filter((name) => more[name]?.join() !== shapes[name].join()));
}

/** Options that are not as they were, in words. */
function changedOptions(is: OptionValues<OptionTable>, was: OptionValues<OptionTable>): string[] {
  return Object.entries(is).filter(([name, value]) => String(was[name]) !== String(value))
    .map(([name, value]) => `${flagOf(`model.${name}`)} is ${value}, there ${was[name]}`);
}

/** The layer of a variable: what stands before the last slash of its name. */
function layerOf(name: string): string {
  return name.includes("/") ? name.slice(0, name.lastIndexOf("/")) : name;
}
