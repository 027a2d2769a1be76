/// <reference lib="dom" />
/**
 * Keeps a run's answers up to date with the drawing: it is asked after each stroke, and while one is drawn at most once a
 * frame; a blank canvas is never named.
 *
 * @module
 */
import { effect, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import type { Drawing } from "../../../../pipelines/strokes/stroke.ts";
import type { Engine, Naming } from "../../engine/engine.ts";
import { messageOf } from "../../engine/messages.ts";
import { latest } from "./latest.ts";
import type { DrawnStroke } from "../store.ts";

/** What there is to be watched. */
export interface Scene {
  readonly strokes: ReadonlySignal<readonly DrawnStroke[]>;
  readonly isDrawing: ReadonlySignal<boolean>;
  readonly drawing: ReadonlySignal<Drawing>;
}

/** Who watches, and where the answers go. */
export interface Watcher {
  readonly engine: ReadonlySignal<Engine | undefined>;
  readonly isShown: ReadonlySignal<boolean>;
  readonly naming: Signal<Naming | undefined>;
  /** Takes why the drawing could not be named; undefined when it could again. */
  fail(message: string | undefined): void;
}

/**
 * Watches from now on.
 *
 * @param requestFrame Calls back before the next frame is painted.
 * @returns How the probabilities went, as `PageRun.course` has it.
 */
export function watch(
  scene: Scene,
  watcher: Watcher,
  requestFrame: (callback: () => void) => void,
): ReadonlySignal<readonly (readonly number[])[]> {
  const course = signal<readonly (readonly number[])[]>([]);
  let settled: readonly (readonly number[])[] = [];
  const questions = latest(
    ({ engine, drawing, every }: { engine: Engine; drawing: Drawing; every: boolean }) => engine.name(drawing, every),
    {
      answer(naming, { every }) {
        if (every) settled = naming.rows;
        // The strokes before the one that is being drawn are as they were; it has its row from what is said of the whole.
        course.value = every ? settled : [...settled.slice(0, naming.seen - 1), ...naming.rows.slice(-1)];
        watcher.naming.value = naming;
        watcher.fail(undefined);
      },
      failure: (error) => watcher.fail(messageOf(error)),
    },
  );
  const forget = (): void => {
    questions.forget();
    settled = course.value = [];
    watcher.naming.value = undefined;
  };
  let isDue = false;
  const look = (): void => {
    isDue = false;
    const [engine, drawing] = [watcher.engine.peek(), scene.drawing.peek()];
    if (engine?.card.naming === undefined || !watcher.isShown.peek() || drawing.length === 0) return forget();
    questions.ask({ engine, drawing, every: !scene.isDrawing.peek() });
  };
  effect(() => {
    const isBlank = scene.strokes.value.length === 0;
    const canBe = watcher.engine.value !== undefined && watcher.isShown.value;
    void scene.isDrawing.value; // when a stroke ends, the question changes
    if (isBlank || !canBe) forget();
    else if (!isDue) {
      isDue = true;
      requestFrame(look);
    }
  });
  return course;
}
