/// <reference lib="dom" />
/**
 * What the page knows: the drawing, the runs and their answers, and how both are changed. Every part of the page reads it,
 * and changes it only by its methods.
 *
 * @module
 */
import type { ReadonlySignal, Signal } from "@preact/signals";
import type { Drawing } from "../../../pipelines/strokes/stroke.ts";
import type { Engine, Explanation, Naming } from "../engine/engine.ts";
import type { SiteManifest, SitePrototype, SiteRun } from "../site/manifest.ts";

/** A stroke as it was drawn: places on the canvas as shares of its side, 0 to 1, y down; times in milliseconds. */
export interface DrawnStroke {
  readonly xs: readonly number[];
  readonly ys: readonly number[];
  /** On the page's clock, which begins with the page: subtract the first of a drawing to have its own. */
  readonly times: readonly number[];
  /** Who drew it. */
  readonly by: "hand" | "model" | "prototype";
}

/** How places in grid units (0..255) become shares of the canvas's side: `left + x * scale`, `top + y * scale`. */
export interface Placement {
  readonly scale: number;
  readonly left: number;
  readonly top: number;
}

/** Strokes that lie over the drawing and are not part of it. */
export interface Overlay {
  readonly strokes: readonly DrawnStroke[];
  /** What it is, for those who do not see it. */
  readonly label: string;
}

/** A run on the page, from its load on. */
export interface PageRun {
  readonly run: SiteRun;
  /** Undefined until it is loaded. */
  readonly engine: Signal<Engine | undefined>;
  /** Why it could not be loaded, or must not be trusted. */
  readonly fault: Signal<string | undefined>;
  /** What it says of the present drawing; undefined while that is blank. */
  readonly naming: Signal<Naming | undefined>;
  /**
   * How its probabilities went, [strokes seen][classes]: as it last said of a finished stroke, and behind that what it says of
   * the stroke that is being drawn; empty while the canvas is blank.
   */
  readonly course: ReadonlySignal<readonly (readonly number[])[]>;
  readonly prototypes: Signal<readonly SitePrototype[]>;
  /** Whether it is on show; what is not is not asked. */
  readonly isShown: Signal<boolean>;
  /** Loads it; again where that failed, or its Worker did. */
  load(): Promise<void>;
}

/** A place of the pen: shares of the canvas's side, and the time in milliseconds on the page's clock. */
export interface PenPoint {
  readonly x: number;
  readonly y: number;
  readonly time: number;
}

/** The pen that is drawing, or lifted. */
export interface Pen {
  /** Begins a stroke. */
  down(point: PenPoint): void;
  /** Goes on with it; what lies outside the canvas is drawn along its edge. */
  move(points: readonly PenPoint[]): void;
  /** Ends it: one step to undo. */
  up(): void;
  /** Forgets it. */
  cancel(): void;
}

/** For which class a run is asked where its decision comes from. */
export interface Question {
  readonly run: PageRun;
  /** In label order; the likeliest one, whichever that is, where it is left out. */
  readonly label?: number;
}

/** What came of a {@linkcode Question}. */
export interface Reason {
  readonly run: PageRun;
  readonly label: number;
  readonly explanation: Explanation;
  /** Where the explained drawing lies on the canvas. */
  readonly placement: Placement;
}

/** The page's state. */
export interface Store {
  readonly manifest: SiteManifest;
  readonly runs: readonly PageRun[];
  /** The strokes on the canvas, the one that is being drawn included, as the last. */
  readonly strokes: ReadonlySignal<readonly DrawnStroke[]>;
  /** Whether a stroke is being drawn. */
  readonly isDrawing: ReadonlySignal<boolean>;
  /** `strokes`, simplified as Quick, Draw!'s are: what the runs see; empty while the canvas is blank, or all is one dot. */
  readonly drawing: ReadonlySignal<Drawing>;
  /** Where `drawing` lies on the canvas; undefined while that is blank. */
  readonly placement: ReadonlySignal<Placement | undefined>;
  /** Why there is no `drawing` of the strokes on the canvas, where that is so. */
  readonly refusal: ReadonlySignal<string | undefined>;
  readonly overlay: Signal<Overlay | undefined>;
  /** Where a decision comes from, where somebody asks. */
  readonly question: Signal<Question | undefined>;
  /** The answer to `question`, for the present drawing; undefined while there is none. */
  readonly reason: ReadonlySignal<Reason | undefined>;
  readonly canUndo: ReadonlySignal<boolean>;
  readonly canRedo: ReadonlySignal<boolean>;
  readonly pen: Pen;
  /** Puts other strokes in the place of those there are: one step to undo. */
  replace(strokes: readonly DrawnStroke[]): void;
  /** Adds strokes behind those there are: one step to undo. */
  add(strokes: readonly DrawnStroke[]): void;
  undo(): void;
  redo(): void;
  clear(): void;
  /** What was said last; a new object each time, so that the same words can be said again. */
  readonly message: ReadonlySignal<{ readonly text: string }>;
  /** Says something to all, also to those who do not see it (a live region). */
  say(message: string): void;
}
