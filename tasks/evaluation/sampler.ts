/**
 * What a sampler is: it shows in pictures what a model makes by one of its abilities.
 *
 * @module
 */
import type { Abilities, Able } from "../../models/model.ts";

/** A picture by the name of its file. */
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

/** A sampler of an ability. */
export interface Sampler<A extends keyof Abilities, Kind extends string> {
  /** What a model needs. */
  readonly ability: A;
  /** The kinds of pictures that it makes. */
  readonly kinds: readonly Kind[];
  /**
   * Makes pictures.
   *
   * @param kinds Some of its kinds; those that the model has nothing for are left out.
   */
  draw(model: Able<A>, kinds: readonly Kind[], settings: PictureSettings): Promise<NamedPicture[]>;
}
