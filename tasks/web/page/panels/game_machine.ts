/**
 * The game as a machine: what is asked, how much time is left, what was recognised. It knows no clock: whoever drives it
 * says what time it is. Browser safe.
 *
 * @module
 */
import { Prng } from "../../../../pipelines/base/prng.ts";
import type { Guess } from "./first_guess.ts";

/** How the game is played. */
export interface GameRules {
  /** Drawings asked for, 1 or more; fewer where there are fewer classes. */
  readonly rounds: number;
  /** Milliseconds to draw each. */
  readonly time: number;
  /** How probable what is asked for must be, as the first of all, to count as recognised. */
  readonly threshold: number;
}

/** The game that the page plays. */
export const GAME_RULES: GameRules = { rounds: 6, time: 20_000, threshold: 0.5 };

/** How a round ended. */
export interface RoundResult {
  /** What was asked for. */
  readonly word: string;
  readonly recognized: boolean;
  /** Milliseconds that were used. */
  readonly used: number;
}

/** A game at one moment. */
export interface Game {
  readonly rules: GameRules;
  /** What is asked for, round by round; never the same twice. */
  readonly words: readonly string[];
  /** Of the rounds that have ended. */
  readonly results: readonly RoundResult[];
  /**
   * `asked`: the next drawing is named, and its time has not begun; `drawing`: it runs; `paused`: it stands still; `over`:
   * all rounds have ended.
   */
  readonly phase: "asked" | "drawing" | "paused" | "over";
  /** Milliseconds that were left at `since`. */
  readonly left: number;
  /** The time, in milliseconds of any clock, from which the time runs while `drawing`. */
  readonly since: number;
}

/** The classes that can be asked for: each name once. */
export function playableOf(classes: readonly string[]): string[] {
  return [...new Set(classes)];
}

/** Whether a game can be played with so many classes: of one alone there is nothing to guess. */
export function isPlayable(classes: readonly string[]): boolean {
  return playableOf(classes).length > 1;
}

/** A new game, with its words drawn by a seed. */
export function newGame(classes: readonly string[], seed: number, rules: GameRules = GAME_RULES): Game {
  const words = new Prng(seed).shuffle(playableOf(classes)).slice(0, rules.rounds);
  return { rules, words, results: [], phase: "asked", left: rules.time, since: 0 };
}

/** What is asked for now; undefined once the game is over. */
export function wordOf({ words, results }: Game): string | undefined {
  return words[results.length];
}

/** Milliseconds that are left of the round. */
export function leftOf({ phase, left, since }: Game, now: number): number {
  return phase === "drawing" ? Math.max(0, left - (now - since)) : left;
}

/** Drawings that were recognised. */
export function scoreOf({ results }: Game): number {
  return results.filter(({ recognized }) => recognized).length;
}

/** The time of the round begins, or goes on after a pause. */
export function begin(game: Game, now: number): Game {
  return game.phase === "asked" || game.phase === "paused" ? { ...game, phase: "drawing", since: now } : game;
}

/** The time stands still. */
export function pause(game: Game, now: number): Game {
  const checked = tick(game, now);
  return checked.phase === "drawing" ? { ...checked, phase: "paused", left: leftOf(checked, now) } : checked;
}

/** Time has passed: ends the round when it is up. */
export function tick(game: Game, now: number): Game {
  return game.phase === "drawing" && leftOf(game, now) === 0 ? ended(game, false, now) : game;
}

/** The run has looked, and this is its first guess: ends the round when it recognises what is asked for. */
export function look(game: Game, top: Guess, now: number): Game {
  const checked = tick(game, now);
  if (checked.phase !== "drawing") return checked;
  const isRecognized = top.name === wordOf(checked) && top.probability >= checked.rules.threshold;
  return isRecognized ? ended(checked, true, now) : checked;
}

/** The player gives this one up, or does not even begin with it. */
export function skip(game: Game, now: number): Game {
  const checked = tick(game, now);
  return checked.phase === "over" || checked !== game ? checked : ended(checked, false, now);
}

function ended(game: Game, recognized: boolean, now: number): Game {
  const { rules, words, results } = game;
  const result = { word: words[results.length], recognized, used: rules.time - leftOf(game, now) };
  const all = [...results, result];
  return { ...game, results: all, phase: all.length === words.length ? "over" : "asked", left: rules.time };
}
