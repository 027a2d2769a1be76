/**
 * What a run draws by itself: a wall of samples, and the way from one of them to another. Browser safe.
 *
 * @module
 */
import { batch, computed, effect, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import { lerp, slerp } from "../../../evaluation/latent_paths.ts";
import type { Engine, ModelImage, ModelStrokes, RunCard } from "../../engine/engine.ts";
import { messageOf } from "../../engine/messages.ts";
import { latest } from "../state/latest.ts";
import { chooseRun, type ChosenRun } from "../state/run_choice.ts";
import type { Store } from "../store.ts";

/** What a run is asked to draw. */
export interface SampleWish {
  readonly count: number;
  readonly seed: number;
  readonly temperature: number;
  readonly label?: number;
  readonly latents?: readonly Float32Array[];
}

/** Samples of a wall: whole rows of four and of six. */
export const SAMPLES = 12;

/** A kind of samples: an ability of runs. */
interface SampleKind<S> {
  isOffered(card: RunCard): boolean;
  draw(engine: Engine, wish: SampleWish): Promise<readonly S[]>;
}

/** What each kind's samples are. */
export interface SamplesByKind {
  readonly strokes: ModelStrokes;
  readonly images: ModelImage;
}

/** Samples of one kind. */
export type Wall = {
  readonly [K in keyof SamplesByKind]: { readonly kind: K; readonly samples: readonly SamplesByKind[K][] };
}[keyof SamplesByKind];

/** By ability. */
const KINDS: { readonly [K in keyof SamplesByKind]: SampleKind<SamplesByKind[K]> } = {
  strokes: {
    isOffered: ({ strokes }) => strokes !== undefined,
    draw: (engine, wish) => engine.drawStrokes(wish),
  },
  images: {
    isOffered: ({ images }) => images !== undefined,
    draw: (engine, { count, seed, latents }) => engine.drawImages({ count, seed, ...(latents ? { latents } : {}) }),
  },
};

/** The kinds of samples, in the order in which they are looked for. */
const KIND_NAMES = Object.keys(KINDS) as (keyof SamplesByKind)[];

/** What a run draws by itself; undefined where it draws nothing. */
export function kindOf(card: RunCard | undefined): keyof SamplesByKind | undefined {
  return card && KIND_NAMES.find((kind) => KINDS[kind].isOffered(card));
}

async function drawWall(kind: keyof SamplesByKind, engine: Engine, wish: SampleWish): Promise<Wall> {
  return { kind, samples: await KINDS[kind].draw(engine, wish) } as Wall;
}

/** A wall of samples, and what it depends on. */
export interface Sampling extends ChosenRun {
  readonly temperature: Signal<number>;
  /** The class that a run is told, where it is told one. */
  readonly chosenLabel: Signal<number>;
  readonly label: ReadonlySignal<number | undefined>;
  readonly wall: ReadonlySignal<Wall | undefined>;
  /** The places on the wall of those that were chosen, at most two, in the order in which they were. */
  readonly chosen: ReadonlySignal<readonly number[]>;
  /** Whether there is a way between samples: they have latents. */
  readonly hasWay: ReadonlySignal<boolean>;
  /** Where on the way from the first to the second that were chosen, 0 to 1. */
  readonly share: Signal<number>;
  /** One sample, of that place; undefined until it is drawn, and where two are not chosen. */
  readonly between: ReadonlySignal<Wall | undefined>;
  readonly isBusy: ReadonlySignal<boolean>;
  readonly fault: ReadonlySignal<string | undefined>;
  /** Draws others. */
  again(): void;
  /** Chooses a sample, or no longer; of three the first is dropped. */
  toggle(place: number): void;
  /** Draws what is wished until the function that it returns is called. */
  follow(): () => void;
}

/** Places that are chosen after one more was pointed at. */
export function toggled(chosen: readonly number[], place: number): readonly number[] {
  return chosen.includes(place) ? chosen.filter((other) => other !== place) : [...chosen, place].slice(-2);
}

/** Makes what the panel shows. */
export function createSampling(store: Store): Sampling {
  const [temperature, seed, share, chosenLabel] = [signal(0.4), signal(1), signal(0.5), signal(0)];
  const wall = signal<Wall | undefined>(undefined);
  const chosen = signal<readonly number[]>([]);
  const between = signal<Wall | undefined>(undefined);
  const fault = signal<string | undefined>(undefined);
  const isBusy = signal(false);

  const choice = chooseRun(() => store.runs.filter(({ engine }) => kindOf(engine.value?.card) !== undefined));
  const { run } = choice;
  const label = computed(() => {
    const card = run.value?.engine.value?.card;
    return card?.strokes?.told ? Math.min(chosenLabel.value, card.classes.length - 1) : undefined;
  });
  const ends = computed(() => chosen.value.flatMap((place) => wall.value?.samples[place]?.latent ?? []));
  const hasWay = computed(() => (wall.value?.samples[0]?.latent?.length ?? 0) > 0);

  let drawnBy: Engine | undefined;
  let shown = "";
  const key = (wish: SampleWish): string => JSON.stringify(wish);
  const failure = (error: unknown): void => {
    fault.value = messageOf(error);
  };
  interface Question {
    readonly engine: Engine;
    readonly wish: SampleWish;
  }
  const walls = latest(async ({ engine, wish }: Question) => {
    isBusy.value = true;
    try {
      const kind = kindOf(engine.card)!;
      return await drawWall(kind, engine, { ...wish, count: SAMPLES });
    } finally {
      isBusy.value = false;
    }
  }, {
    answer: (drawn, { wish }) =>
      batch(() => {
        [wall.value, fault.value, shown] = [drawn, undefined, key(wish)];
      }),
    failure,
  });
  // Answers of the places that were passed while dragging are shown too: each is nearer than the one before.
  const ways = latest(({ engine, wish }: Question) => drawWall(kindOf(engine.card)!, engine, wish), {
    answer: (drawn) => void (between.value = drawn),
    failure,
  });

  const wishOf = (): SampleWish => ({
    ...{ count: 1, seed: seed.value, temperature: temperature.value },
    ...(label.value === undefined ? {} : { label: label.value }),
  });
  return {
    ...choice,
    ...{ temperature, chosenLabel, label, wall, chosen, hasWay, share, between, isBusy, fault },
    again: () => void seed.value++,
    toggle: (place) => void (chosen.value = toggled(chosen.peek(), place)),
    follow() {
      const stops = [
        effect(() => {
          const [engine, wish] = [run.value?.engine.value, wishOf()];
          if (engine !== drawnBy) {
            walls.forget();
            [wall.value, chosen.value, shown] = [undefined, [], ""];
            drawnBy = engine;
          }
          if (engine && key(wish) === shown) walls.forget(); // it is there already
          else if (engine) walls.ask({ engine, wish });
        }),
        effect(() => {
          const [engine, [from, to]] = [run.value?.engine.value, ends.value];
          if (!engine || !to) {
            ways.forget();
            between.value = undefined;
            return;
          }
          // Where latents are not those of a normal prior, the arc about their middle leads nowhere in particular.
          const way = engine.card.images?.prior === "none" ? lerp : slerp;
          ways.ask({ engine, wish: { ...wishOf(), latents: [way(from, to, share.value)] } });
        }),
      ];
      return () => {
        for (const stop of stops) stop();
        walls.forget();
        ways.forget();
      };
    },
  };
}
