/// <reference lib="dom" />
/**
 * The page's state, made and kept.
 *
 * @module
 */
import { batch, computed, effect, type ReadonlySignal, signal } from "@preact/signals";
import type { Engine, Naming } from "../../engine/engine.ts";
import { messageOf } from "../../engine/messages.ts";
import type { SiteManifest, SitePrototype, SiteRun } from "../../site/manifest.ts";
import { createHistory } from "./history.ts";
import { see } from "./placement.ts";
import { watchReasons } from "./reasons.ts";
import type { DrawnStroke, PageRun, Pen, PenPoint, Question, Store } from "../store.ts";
import { type Scene, watch } from "./watching.ts";

/** What the page needs of its surroundings. */
export interface Surroundings {
  /** Loads a run, and rejects with an Error that can be shown. */
  open(run: SiteRun): Promise<Engine>;
  /** Loads the clean shapes of a run's classes; none where it has none. */
  openPrototypes(run: SiteRun): Promise<readonly SitePrototype[]>;
  /** Calls back before the next frame is painted. */
  requestFrame(callback: () => void): void;
}

/** Makes the page's state. Its runs are loaded by their `load`. */
export function createStore(manifest: SiteManifest, surroundings: Surroundings): Store {
  const history = createHistory<readonly DrawnStroke[]>([]);
  const wet = signal<DrawnStroke | undefined>(undefined);
  const strokes = computed(() => wet.value ? [...history.present.value, wet.value] : history.present.value);
  const isDrawing = computed(() => wet.value !== undefined);
  const sight = computed(() => see(strokes.value));
  const drawing = computed(() => sight.value.drawing);
  const scene: Scene = { strokes, isDrawing, drawing };
  const message = signal({ text: "" });
  effect(() => {
    void strokes.value;
    if (message.peek().text !== "") message.value = { text: "" }; // it was said of another drawing
  });
  const question = signal<Question | undefined>(undefined);

  const pen: Pen = {
    down(point) {
      pen.up();
      wet.value = extended({ xs: [], ys: [], times: [], by: "hand" }, [point]);
    },
    move(points) {
      if (wet.peek() && points.length > 0) wet.value = extended(wet.peek()!, points);
    },
    up() {
      const stroke = wet.peek();
      if (!stroke) return;
      batch(() => {
        wet.value = undefined;
        history.push([...history.present.peek(), stroke]);
      });
    },
    cancel: () => void (wet.value = undefined),
  };
  const replace = (next: readonly DrawnStroke[]): void =>
    batch(() => {
      pen.up();
      if (next.length > 0 || history.present.peek().length > 0) history.push(next);
    });
  const placement = computed(() => sight.value.placement);
  return {
    manifest,
    runs: manifest.runs.map((run) => pageRun(run, scene, surroundings)),
    strokes,
    isDrawing,
    drawing,
    placement,
    refusal: computed(() => sight.value.refusal),
    overlay: signal(undefined),
    question,
    reason: watchReasons({ ...scene, placement }, question),
    canUndo: computed(() => history.canUndo.value || isDrawing.value),
    canRedo: computed(() => history.canRedo.value && !isDrawing.value),
    pen,
    replace,
    add: (more) => more.length > 0 && replace([...strokes.peek(), ...more]),
    undo: () => isDrawing.peek() ? pen.cancel() : history.undo(),
    redo: () => !isDrawing.peek() && history.redo(),
    clear() {
      pen.cancel();
      replace([]);
    },
    message,
    say: (text) => void (message.value = { text }),
  };
}

/** A stroke with further points, none outside the canvas. */
function extended({ xs, ys, times, by }: DrawnStroke, points: readonly PenPoint[]): DrawnStroke {
  const share = (value: number): number => Math.min(1, Math.max(0, value));
  return {
    xs: [...xs, ...points.map(({ x }) => share(x))],
    ys: [...ys, ...points.map(({ y }) => share(y))],
    times: [...times, ...points.map(({ time }) => time)],
    by,
  };
}

function pageRun(run: SiteRun, scene: Scene, { open, openPrototypes, requestFrame }: Surroundings): PageRun {
  const engine = signal<Engine | undefined>(undefined);
  const fault = signal<string | undefined>(undefined);
  const naming = signal<Naming | undefined>(undefined);
  const prototypes = signal<readonly SitePrototype[]>([]);
  const isShown = signal(true);
  let standing: string | undefined; // the fault that stays when a drawing can be named again
  const course: ReadonlySignal<readonly (readonly number[])[]> = watch(
    scene,
    { engine, isShown, naming, fail: (reason) => void (fault.value = reason ?? standing) },
    requestFrame,
  );
  return {
    run,
    engine,
    fault,
    naming,
    course,
    prototypes,
    isShown,
    async load() {
      batch(() => {
        engine.peek()?.[Symbol.dispose]();
        engine.value = fault.value = standing = undefined;
      });
      try {
        const loaded = await open(run);
        const { passed, worst } = loaded.card.check;
        standing = passed
          ? undefined
          : `Do not trust this: of a stored drawing it says something else here, by ${
            worst.toPrecision(2)
          }, than where it was saved.`;
        batch(() => {
          fault.value = standing;
          engine.value = loaded;
        });
      } catch (error) {
        fault.value = messageOf(error);
        return;
      }
      try {
        prototypes.value = await openPrototypes(run);
      } catch { // the run names drawings without them
        prototypes.value = [];
      }
    },
  };
}
