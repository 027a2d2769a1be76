/**
 * What a sampler is: it shows in pictures what a model makes by one of its abilities.
 *
 * @module
 */
import type { Abilities, Able } from "../../models/model.ts";
import type { OptionTable, OptionValues } from "../../pipelines/base/option_table.ts";
import { SPLITS } from "../../pipelines/base/split.ts";
import type { SavedData } from "../runs/run_data.ts";

/** A picture, or what else is made of samples, by the name of its file. */
export interface NamedPicture {
  /** The file's name. */
  readonly file: string;
  /** The file's content. */
  readonly bytes: Uint8Array;
}

/** What is drawn. */
export interface PictureSettings {
  /** Samples in a picture of many, 1 or more; best a square number. */
  readonly count: number;
  /** Of the latents. */
  readonly seed: number;
}

/** Options of what shows examples of the data. */
export const EXAMPLE_OPTIONS = {
  classes: {
    value: [] as readonly string[],
    help:
      "of strokes: what is drawn by a model that is told the class; of images: the classes of arithmetic; comma-separated, " +
      "all classes when left out",
  },
  data: {
    value: "",
    help: "the folder of shards whose examples are shown; the one of the training when left out",
  },
  split: { value: "test", choices: SPLITS, help: "which of its examples are shown" },
} as const;

/** What a sampler is told beside the model. */
export interface SampledRun extends PictureSettings {
  /** The model's name, and the fields that it reads. */
  readonly model: { readonly name: string; readonly fields: readonly string[] };
  /** What the model learnt from. */
  readonly learnt: SavedData;
  /** The folder of shards that it learnt from, where that was. */
  readonly data: string;
  /** Whether somebody named the kinds: then one that cannot be made is an error, and is told by `onNote` otherwise. */
  readonly isAsked: boolean;
  /** Is told what is worth saying. */
  onNote(note: string): void;
}

/** A sampler of an ability. */
export interface Sampler<A extends keyof Abilities, Kind extends string, O extends OptionTable = OptionTable> {
  /** What a model needs. */
  readonly ability: A;
  /** What a model without it does, behind its name: `draws no images`. */
  readonly lacking: string;
  /** The kinds of pictures that it makes. */
  readonly kinds: readonly Kind[];
  /** The kinds that heed what is told to all samplers. */
  readonly heeds: Readonly<Record<keyof PictureSettings, readonly Kind[]>>;
  /** Its options, part of those of `deno task sample`, beside whose `pictures` some are not read. */
  readonly options: O;
  /**
   * Makes pictures.
   *
   * @param about `kinds`: some of its kinds; those that the model has nothing for are left out. `run`: how many, and of
   * what. `options`: all of its options.
   * @throws {InputError} When an option cannot be followed.
   */
  draw(
    model: Able<A>,
    about: { readonly kinds: readonly Kind[]; readonly run: SampledRun; readonly options: OptionValues<O> },
  ): Promise<NamedPicture[]>;
}
