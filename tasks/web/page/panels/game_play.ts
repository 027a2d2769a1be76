/**
 * The game on the page: the machine, driven by the clock, the run's answers and the player, and the drawings that are made.
 *
 * @module
 */
import { batch, effect, type ReadonlySignal, signal, untracked } from "@preact/signals";
import { chooseRun, type ChosenRun } from "../state/run_choice.ts";
import type { DrawnStroke, PageRun, Store } from "../store.ts";
import type { KeptDrawing } from "./collect_files.ts";
import { firstGuess, type Guess } from "./first_guess.ts";
import {
  begin,
  type Game,
  isPlayable,
  leftOf,
  look,
  newGame,
  pause,
  type RoundResult,
  skip,
  tick,
} from "./game_machine.ts";
import { hear, SILENCE, type Talk } from "./game_talk.ts";

/** What a run thinks a drawing is. */
export interface RunGuess extends Guess {
  readonly run: string;
}

/** A round that has ended, and what was drawn in it. */
export interface Round extends RoundResult, KeptDrawing {
  readonly word: string;
  readonly recognized: boolean;
  readonly strokes: readonly DrawnStroke[];
  /** The first guess of each run that names drawings; none where nothing was drawn. */
  readonly guesses: readonly RunGuess[];
}

/** What time it is. */
export interface Clock {
  /** Milliseconds from any moment on. */
  now(): number;
  /** Milliseconds since 1970. */
  date(): number;
  /** Calls back again and again, often enough to show the seconds, until the function that it returns is called. */
  every(callback: () => void): () => void;
}

/** The clock of a page. */
const PAGE_CLOCK: Clock = {
  now: () => performance.now(),
  date: () => Date.now(),
  every: (callback) => {
    const timer = setInterval(callback, 100);
    return () => clearInterval(timer);
  },
};

/** A game that is played, or could be. */
export interface Play extends ChosenRun {
  /** Undefined before the first. */
  readonly game: ReadonlySignal<Game | undefined>;
  readonly rounds: ReadonlySignal<readonly Round[]>;
  /** Milliseconds that are left of the round. */
  readonly left: ReadonlySignal<number>;
  readonly talk: ReadonlySignal<Talk>;
  /** Begins a new game, its words drawn by a seed. */
  start(seed: number): void;
  /** Begins the round that is asked for, on a blank canvas, or goes on after a pause. */
  go(): void;
  /** Gives the round up. */
  skip(): void;
  pause(): void;
  /** Ends the game without a score. */
  stop(): void;
  /** Plays until the function that it returns is called, which pauses. */
  follow(): () => void;
}

/** The runs that can play: they name drawings, of more than one class. */
export function playersOf(store: Store): PageRun[] {
  return store.runs.filter(({ engine }) => {
    const card = engine.value?.card;
    return card?.naming !== undefined && isPlayable(card.classes);
  });
}

/** Makes the game. */
export function createPlay(store: Store, clock: Clock = PAGE_CLOCK): Play {
  const game = signal<Game | undefined>(undefined);
  const rounds = signal<readonly Round[]>([]);
  const left = signal(0);
  const talk = signal(SILENCE);
  const choice = chooseRun(() => playersOf(store));
  const { run } = choice;

  /** Moves the machine, and keeps the drawing of a round that has ended thereby. */
  const move = (step: (game: Game, now: number) => Game): void =>
    batch(() => {
      const before = game.peek();
      if (before === undefined) return;
      const now = clock.now();
      const after = step(before, now);
      game.value = after;
      left.value = leftOf(after, now);
      const ended = after.results.slice(before.results.length);
      if (ended.length > 0) rounds.value = [...rounds.peek(), ...ended.map(keep)];
    });

  const keep = (result: RoundResult): Round => {
    // A round that was skipped before it began has the drawing of the one before on the canvas.
    const strokes = result.used > 0 ? store.strokes.peek() : [];
    const guesses = strokes.length === 0 ? [] : store.runs.flatMap((run) => {
      const top = untracked(() => firstGuess(run));
      return top ? { ...top, run: run.run.name } : [];
    });
    return { ...result, strokes, guesses, at: clock.date() };
  };

  const listen = (): void => {
    const [top, seen] = [run.value && firstGuess(run.value), run.value?.naming.value?.drawing];
    const [drawing, isDrawing] = [store.drawing.value, store.isDrawing.value];
    if (!top || drawing.length === 0 || game.peek()?.phase !== "drawing") return;
    talk.value = hear(talk.peek(), top, clock.now());
    // While a stroke is drawn the run guesses aloud, but only whole strokes are what it learnt from.
    if (seen === drawing && !isDrawing) move((game, now) => look(game, top, now));
  };

  return {
    ...choice,
    ...{ game, rounds, left, talk },
    start(seed) {
      const card = run.peek()?.engine.peek()?.card;
      if (card === undefined) return;
      batch(() => {
        game.value = newGame(card.classes, seed);
        rounds.value = [];
        left.value = game.value.left;
        talk.value = SILENCE;
      });
    },
    go() {
      if (game.peek()?.phase === "asked") {
        if (run.peek()) run.peek()!.isShown.value = true; // what is not on show is not asked
        store.clear();
        talk.value = SILENCE;
      }
      move(begin);
    },
    skip: () => move(skip),
    pause: () => move(pause),
    stop: () => void (game.value = undefined),
    follow() {
      const stops = [
        effect(listen),
        effect(() => {
          if (store.isDrawing.value && game.peek()?.phase === "paused") move(begin);
        }),
        clock.every(() => {
          if (game.peek()?.phase !== "drawing") return;
          listen(); // a guess that came too soon after another is said now
          move(tick);
        }),
      ];
      return () => {
        move(pause);
        for (const stop of stops) stop();
      };
    },
  };
}
