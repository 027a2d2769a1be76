/**
 * The clean shape that a run's class has, laid over the drawing as soon as the run is sure: when it is offered, where it lies,
 * and what becomes of it.
 *
 * @module
 */
import { batch, computed, effect, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import {
  fitPrototype,
  type PrototypeFit,
  type PrototypeShape,
  prototypeShape,
} from "../../../../pipelines/strokes/prototypes/fit.ts";
import type { SitePrototype } from "../../site/manifest.ts";
import { likeliest } from "../runs/summary.ts";
import { putOnCanvas } from "../state/placement.ts";
import { chooseRun, type ChosenRun } from "../state/run_choice.ts";
import type { DrawnStroke, Placement, Store } from "../store.ts";
import { insideCanvas } from "./canvas_strokes.ts";

/** A clean shape over the drawing. */
export interface Offer {
  readonly name: string;
  readonly probability: number;
  readonly shape: PrototypeShape;
  readonly fit: PrototypeFit;
  /** Where the drawing's grid lies on the canvas. */
  readonly placement: Placement;
  readonly strokes: readonly DrawnStroke[];
}

/** The class that a run thinks of. */
export interface Thought {
  readonly name: string;
  readonly probability: number;
  /** Missing where there is none of the class. */
  readonly prototype?: SitePrototype;
}

/** What is offered, and what that depends on. */
export interface Replacing extends ChosenRun {
  /** The probability from which on a shape is offered. */
  readonly threshold: Signal<number>;
  /** What the run thinks of the drawing; undefined while it says nothing, and once all there is are clean shapes. */
  readonly thought: ReadonlySignal<Thought | undefined>;
  /** Undefined while there is nothing to be offered. */
  readonly offer: ReadonlySignal<Offer | undefined>;
  /** The class that was refused. */
  readonly refused: ReadonlySignal<string | undefined>;
  /** Puts the shape in the drawing's place: one step to undo. */
  take(): void;
  /** Offers that class no more, until the canvas is blank or another class was offered. */
  refuse(): void;
  /** Lays shapes over the canvas until the function that it returns is called. */
  follow(): () => void;
}

const shapes = new WeakMap<SitePrototype, PrototypeShape>();

/** A prototype, made ready once. */
function shapeOf(prototype: SitePrototype): PrototypeShape {
  const shape = shapes.get(prototype) ?? prototypeShape(prototype.drawing);
  shapes.set(prototype, shape);
  return shape;
}

/** Makes what the panel shows. */
export function createReplacing(store: Store): Replacing {
  const threshold = signal(0.8);
  const refused = signal<string | undefined>(undefined);
  const choice = chooseRun(() =>
    store.runs.filter(({ engine, prototypes }) => engine.value?.card.naming && prototypes.value.length > 0)
  );
  const { run } = choice;

  const thought = computed((): Thought | undefined => {
    const page = run.value;
    const [top] = likeliest(page?.naming.value?.rows.at(-1) ?? [], 1);
    if (page === undefined || top === undefined || store.strokes.value.every(({ by }) => by === "prototype")) return;
    const name = page.run.classes[top.label];
    const prototype = page.prototypes.value.find((one) => one.name === name);
    return { name, probability: top.probability, ...prototype ? { prototype } : {} };
  });
  const offer = computed((): Offer | undefined => {
    const [placement, now] = [store.placement.value, thought.value];
    if (!now?.prototype || !placement || now.probability < threshold.value || now.name === refused.value) return;
    const shape = shapeOf(now.prototype);
    const fit = fitPrototype(shape, store.drawing.value);
    if (fit === undefined) return;
    const { name, probability } = now;
    const strokes = insideCanvas(putOnCanvas(fit.drawing, { placement, by: "prototype" }));
    return { name, probability, shape, fit, placement, strokes };
  });

  return {
    ...choice,
    ...{ threshold, thought, offer, refused },
    take() {
      const taken = offer.peek();
      if (taken === undefined) return;
      store.replace(taken.strokes);
      store.say(`${taken.name}: the clean shape is in your drawing's place. Undo brings yours back.`);
    },
    refuse() {
      const name = offer.peek()?.name;
      if (name === undefined) return;
      refused.value = name;
      store.say(`${name}: no more clean shapes of it for this drawing.`);
    },
    follow() {
      const stops = [
        effect(() => {
          const shown = offer.value;
          store.overlay.value = shown && { strokes: shown.strokes, label: `the clean shape of: ${shown.name}` };
        }),
        effect(() => {
          const [name, isBlank] = [offer.value?.name, store.strokes.value.length === 0];
          if (isBlank || name !== undefined) refused.value = undefined;
        }),
      ];
      return () => {
        for (const stop of stops) stop();
        batch(() => void (store.overlay.value = undefined));
      };
    },
  };
}
