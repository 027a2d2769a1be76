/**
 * What the page asks of a run: the contract of the Worker that holds the run's model and of the page. All is plain data, so
 * that it passes between the two. Browser safe.
 *
 * @module
 */
import type { Drawing } from "../../../pipelines/strokes/stroke.ts";

/** What a run is and can do, once it has been loaded. */
export interface RunCard {
  readonly name: string;
  readonly model: string;
  readonly classes: readonly string[];
  /** `webgpu`, `wasm` or `cpu`, and what it runs on. */
  readonly backend: string;
  readonly device: string;
  readonly notes: readonly string[];
  /** What came of the stored input; what differs too much is not to be trusted. */
  readonly check: { readonly passed: boolean; readonly worst: number };
  /** Milliseconds from the beginning of the load to the end of the check. */
  readonly loadMs: number;
  /** Missing where it does not name drawings. */
  readonly naming?: {
    /** The side of the raster that it sees. */
    readonly side: number;
    /** T: the frames that it sees; 1 of a model that sees the finished picture alone. */
    readonly frames: number;
    /** What becomes of strokes after the last frame, as the run's data was prepared; missing where there is no such end. */
    readonly overflow?: string;
    /** Whether it can say where in the picture its decision comes from. */
    readonly explains: boolean;
  };
  /** Missing where it does not draw strokes. */
  readonly strokes?: {
    /** Z; 0 of a model without latents, which can neither mimic nor interpolate. */
    readonly latentSize: number;
    /** Whether it must be told a class, one of `classes`. */
    readonly told: boolean;
  };
  /** Missing where it does not draw images. */
  readonly images?: {
    /** T and Z: the steps, and the size of each step's latent. */
    readonly latentShape: readonly [steps: number, size: number];
    /** Whether latents are drawn from a normal prior, or from where those of training pictures lie. */
    readonly prior: "normal" | "none";
  };
}

/** A drawing named. */
export interface Naming {
  /** What was named: the very object that was given; of a call that was overtaken, that of the newer one. */
  readonly drawing: Drawing;
  /**
   * Probabilities in label order, [strokes seen][classes]: after the first, second, … stroke where all were asked for, else
   * one row, of the whole drawing.
   */
  readonly rows: readonly (readonly number[])[];
  /** The 1-based number of the stroke that first touches each cell, 0 where blank, uint8 [side, side]; or grey, 0..255. */
  readonly raster: Uint8Array<ArrayBuffer>;
  /** Whether `raster` is grey. */
  readonly grey: boolean;
  /** Strokes that are seen as such. */
  readonly seen: number;
  /** How long the whole took in the Worker, and the model's part of it. */
  readonly ms: { readonly all: number; readonly model: number };
}

/** Where a decision comes from. */
export interface Explanation {
  /**
   * How much each cell of each frame speaks for the class (below 0: against it), nats of log odds, float32
   * [frames, side, side]; frame t is blank from the number of strokes on, and so are its cells.
   */
  readonly cells: Float32Array<ArrayBuffer>;
  readonly frames: number;
  readonly side: number;
  readonly ms: number;
}

/** How strokes are drawn by a model. */
export interface StrokeWish {
  readonly count: number;
  /** Above 0, mostly up to 1. */
  readonly temperature: number;
  readonly seed: number;
  /** The class, for a model that must be told one. */
  readonly label?: number;
  /**
   * What they are drawn from, float32 [Z] each, `count` of them. Where left out, they are random: those of a drawing that
   * is to be finished as its beginning may have them.
   */
  readonly latents?: readonly Float32Array[];
  /**
   * Of a drawing that is to be finished: how large it is beside the finished one, larger side by larger side, above 0 to 1;
   * the likeliest, as the model has it, where left out.
   */
  readonly share?: number;
}

/** Strokes by a model. */
export interface ModelStrokes {
  /** In the units, and at the place, of the drawing that was begun; else 0..255, aligned to the top left. */
  readonly drawing: Drawing;
  /** Whether the model ended it, and was not cut. */
  readonly ended: boolean;
  /** What it was drawn from; missing of a model without latents. */
  readonly latent?: Float32Array<ArrayBuffer>;
}

/** An image by a model. */
export interface ModelImage {
  /** The canvas after each step, 0..255, uint8 [steps, side, side, channels]. */
  readonly canvases: Uint8Array<ArrayBuffer>;
  readonly steps: number;
  readonly side: number;
  /** 1 for grey, 0 paper and 255 ink; 3 for red, green and blue, of grey photographs too. */
  readonly channels: number;
  /** Where each step wrote: column and row of the window's centre, its side and its deviation in cells, float32 [steps, 4]. */
  readonly writes?: Float32Array<ArrayBuffer>;
  /** What it was drawn from, float32 [steps, Z]. */
  readonly latent: Float32Array<ArrayBuffer>;
}

/**
 * A run at work in a Worker of its own. All drawings are simplified ones: whole numbers 0..255, aligned to the top left, not
 * empty. What fails rejects with an Error whose message can be shown. Calls are answered in their order, one at a time.
 */
export interface Engine extends Disposable {
  readonly card: RunCard;
  /**
   * Names a drawing. One call is computed and one waits: where a newer call comes, the one that waits is not computed and
   * gets the newer one's answer, so that whoever shows what comes shows the newest and nothing stale. Who must have the
   * answer to a certain drawing looks at {@linkcode Naming.drawing}.
   *
   * @param every Whether after each stroke, not only after the last.
   */
  name(drawing: Drawing, every: boolean): Promise<Naming>;
  /**
   * Says where in the picture a class comes from: the gradient of its log odds times each cell of each frame. Log odds,
   * because those of a class that is all but certain still tell where that comes from; the gradient of its likelihood is 0.
   */
  explain(drawing: Drawing, label: number): Promise<Explanation>;
  /**
   * Goes on with a drawing that was begun: the model's own strokes alone, in the units and at the place of the begun ones;
   * they may lie outside of 0..255.
   */
  finish(begun: Drawing, wish: StrokeWish): Promise<readonly ModelStrokes[]>;
  /** Draws new drawings; those that are like one, from its latents, where it is given. */
  drawStrokes(wish: StrokeWish, like?: Drawing): Promise<readonly ModelStrokes[]>;
  /** Draws images; as many as there are latents, where these are given, float32 [steps * Z] each. */
  drawImages(
    wish: { readonly count: number; readonly seed: number; readonly latents?: readonly Float32Array[] },
  ): Promise<readonly ModelImage[]>;
}
