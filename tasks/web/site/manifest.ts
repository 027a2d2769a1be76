/**
 * What the files of the paint page are, and what they say of each run: the contract of whoever writes a site (`serve`,
 * `export --to site`) and of the page. Browser safe.
 *
 * @module
 */
import type { Drawing } from "../../../pipelines/strokes/stroke.ts";

/** The file that the page reads first. */
export const MANIFEST_FILE = "site.json";

/** A file of the site. */
export interface SiteFile {
  /** Where it is, relative to the page; its name holds its hash, so that it is cached for good. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /** SHA-256, 64 hexadecimal digits; the page checks it. */
  readonly sha256: string;
}

/** The clean shape of a class. */
export interface SitePrototype {
  /** The class's name. */
  readonly name: string;
  /** 0..255, aligned to the top left. */
  readonly drawing: Drawing;
  /**
   * After which angle it looks the same, in degrees: 0 where every angle does (a circle has no angle), 90 for a square, 360
   * for what has to be turned all the way round.
   */
  readonly symmetry: number;
}

/** A run on the page. */
export interface SiteRun {
  /** The last part of its folder; unique on the page. */
  readonly name: string;
  /** The kind of model, such as `cnn-lstm`. */
  readonly model: string;
  /** Its classes in label order. */
  readonly classes: readonly string[];
  /** Whether it names drawings: the page keeps room for what it says of them before it is loaded. */
  readonly names: boolean;
  /** Whether it looks at drawings, to name them or to go on with them; where no run does, the page has no sheet to draw on. */
  readonly looks: boolean;
  /** Whether of the grey pictures that it draws 255 is white, as of photographs, and not ink; left out where it is not. */
  readonly light?: boolean;
  /** The weights by which it was judged and the state that its model is built from, a safetensors file. */
  readonly weights: SiteFile;
  /** How good it was, such as `accuracy 0.86 on test`; missing where it was not judged. */
  readonly judged?: string;
  /** What is worth saying before it is trusted. */
  readonly notes: readonly string[];
  /** What the run computes of a stored input, here as Deno computed it: the page must come to the same. */
  readonly check: SelfCheck;
  /** The clean shapes of its classes, where there are any: JSON, a list of {@linkcode SitePrototype}. */
  readonly prototypes?: SiteFile;
}

/** A stored input and what comes of it. */
export interface SelfCheck {
  /** The drawing that is looked at; of a model that looks at none the seed of the latents that it draws from alone counts. */
  readonly drawing: Drawing;
  /** The seed of whatever is random. */
  readonly seed: number;
  /** Of a classifier the classes' probabilities; of others numbers of its own, within 1e-4 of which the page must come. */
  readonly numbers: readonly number[];
}

/** All that the page is told. */
export interface SiteManifest {
  readonly version: 1;
  /** The script of the Worker that holds a run's model, relative to the page. */
  readonly worker: string;
  /** The folder of tfjs's `tfjs-backend-wasm-simd.wasm`, relative to the page, with a slash at its end. */
  readonly wasmFolder: string;
  /** In the order in which they are shown; none where there is no run yet. */
  readonly runs: readonly SiteRun[];
  /** The command that makes a run, shown where there is none. */
  readonly command: string;
  /** Whether the server takes drawings (`--collect`). */
  readonly collects: boolean;
}
