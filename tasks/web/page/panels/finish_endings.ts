/**
 * How a run goes on with the drawing: when it is asked, for what, and what becomes of its answers.
 *
 * @module
 */
import { batch, computed, effect, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import type { Drawing } from "../../../../pipelines/strokes/stroke.ts";
import type { Engine, ModelStrokes } from "../../engine/engine.ts";
import { likeliest } from "../runs/summary.ts";
import { messageOf } from "../../engine/messages.ts";
import { latest } from "../state/latest.ts";
import { putOnCanvas } from "../state/placement.ts";
import { chooseRun, type ChosenRun } from "../state/run_choice.ts";
import type { PageRun, Placement, Store } from "../store.ts";
import { insideCanvas, isOnlyDots, timeAfter } from "./canvas_strokes.ts";

/** `finish`: goes on with what is begun; `like`: draws others like it, which takes a run with latents. */
export type FinishMode = "finish" | "like";

/** How many endings are shown side by side. */
export const ENDINGS = 6;

/** What a run is asked. */
interface Question {
  readonly engine: Engine;
  readonly mode: FinishMode;
  readonly begun: Drawing;
  readonly placement: Placement;
  readonly temperature: number;
  readonly label: number | undefined;
  readonly seed: number;
}

/** Endings of one drawing. */
export interface Endings {
  /** What they go on with, or are like. */
  readonly begun: Drawing;
  /** Where that lies on the canvas. */
  readonly placement: Placement;
  readonly mode: FinishMode;
  readonly strokes: readonly ModelStrokes[];
}

/** Endings of the drawing on the canvas, and what they depend on. */
export interface Finishing extends ChosenRun {
  readonly chosenMode: Signal<FinishMode>;
  readonly mode: ReadonlySignal<FinishMode>;
  readonly temperature: Signal<number>;
  /** The class that was chosen; undefined for the one that the classifiers think it is. */
  readonly chosenLabel: Signal<number | undefined>;
  /** The class that the classifiers think it is; undefined where none says anything, and where a run is told none. */
  readonly guessed: ReadonlySignal<number | undefined>;
  /** The class that a run is told; undefined where it is told none. */
  readonly label: ReadonlySignal<number | undefined>;
  /** Undefined while there is nothing to go on with; of the drawing before until there are others. */
  readonly endings: ReadonlySignal<Endings | undefined>;
  readonly isBusy: ReadonlySignal<boolean>;
  readonly fault: ReadonlySignal<string | undefined>;
  /** Asks for other endings. */
  again(): void;
  /** Puts an ending onto the canvas: one step to undo. */
  take(ending: ModelStrokes): void;
  /** Follows the drawing until the function that it returns is called. */
  follow(): () => void;
}

/** The class of a list that a classifier on show thinks the drawing is most likely; undefined where none says. */
export function likeliestLabel(runs: readonly PageRun[], classes: readonly string[]): number | undefined {
  for (const { engine, naming } of runs) {
    const [row, names] = [naming.value?.rows.at(-1), engine.value?.card.classes];
    if (row === undefined || names === undefined) continue;
    const known = likeliest(row, row.length).find(({ label }) => classes.includes(names[label]));
    if (known) return classes.indexOf(names[known.label]);
  }
  return undefined;
}

/** Makes what the panel shows. */
export function createFinishing(store: Store): Finishing {
  const [temperature, seed] = [signal(0.25), signal(1)];
  const chosenMode = signal<FinishMode>("finish");
  const chosenLabel = signal<number | undefined>(undefined);
  const endings = signal<Endings | undefined>(undefined);
  const fault = signal<string | undefined>(undefined);
  const isBusy = signal(false);

  const choice = chooseRun(() => store.runs.filter(({ engine }) => engine.value?.card.strokes !== undefined));
  const { run } = choice;
  const card = computed(() => run.value?.engine.value?.card);
  const mode = computed(() => card.value?.strokes?.latentSize ? chosenMode.value : "finish");
  const classes = computed(() => card.value?.strokes?.told ? card.value.classes : []);
  const guessed = computed(() => likeliestLabel(store.runs, classes.value));
  const label = computed(() => {
    const { length } = classes.value;
    return length === 0 ? undefined : Math.min(chosenLabel.value ?? guessed.value ?? 0, length - 1);
  });

  const questions = latest(ask, {
    answer(strokes, { begun, placement, mode }) {
      batch(() => {
        endings.value = { begun, placement, mode, strokes };
        fault.value = undefined;
      });
    },
    failure: (error) => void (fault.value = messageOf(error)),
  });

  async function ask({ engine, mode, begun, temperature, label, seed }: Question): Promise<readonly ModelStrokes[]> {
    const wish = { count: ENDINGS, temperature, seed, ...(label === undefined ? {} : { label }) };
    isBusy.value = true;
    try {
      return await (mode === "like" ? engine.drawStrokes(wish, begun) : engine.finish(begun, wish));
    } finally {
      isBusy.value = false;
    }
  }

  return {
    ...choice,
    ...{ chosenMode, mode, temperature, chosenLabel, guessed, label, endings, isBusy, fault },
    again: () => void seed.value++,
    take({ drawing }) {
      const shown = endings.peek();
      if (shown === undefined || drawing.length === 0) return;
      const there = shown.mode === "like" ? [] : store.strokes.peek();
      const start = timeAfter(store.strokes.peek());
      const taken = putOnCanvas(drawing, { placement: shown.placement, by: "model", start });
      store.replace(insideCanvas([...there, ...taken]));
    },
    follow() {
      const stop = effect(() => {
        const [engine, begun, placement] = [run.value?.engine.value, store.drawing.value, store.placement.value];
        const wish = { mode: mode.value, temperature: temperature.value, label: label.value, seed: seed.value };
        questions.forget(); // what is answered now belongs to a drawing or a wish that is gone
        if (engine === undefined || placement === undefined || isOnlyDots(begun)) {
          [endings.value, fault.value] = [undefined, undefined];
        } else if (!store.isDrawing.value) questions.ask({ engine, begun, placement, ...wish });
      });
      return () => {
        stop();
        questions.forget();
      };
    },
  };
}
