/// <reference lib="dom" />
/**
 * The game: the page asks for something, and a run guesses while one draws it.
 *
 * @module
 */
import { type Signal, signal, useSignalEffect } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { RunChoice } from "../parts/choice.tsx";
import { percent } from "../runs/summary.ts";
import { GameEnd } from "./game_end.tsx";
import { type Game, GAME_RULES, scoreOf, wordOf } from "./game_machine.ts";
import { createPlay, type Play, playersOf } from "./game_play.ts";
import { sentenceOf } from "./game_talk.ts";
import { canSpeak, hush, speak } from "./game_voice.ts";
import { keptFor } from "./kept.ts";
import type { Panel } from "./panel.ts";

const playOf = keptFor((store) => createPlay(store));
const loudnessOf = keptFor(() => signal(false));

/** The panel. */
export const game: Panel = {
  id: "game",
  title: "Game",
  isOffered: (store) => playersOf(store).length > 0,
  Content: ({ store }) => {
    const play = playOf(store);
    const isLoud = loudnessOf(store);
    useEffect(() => {
      const hide = (): void => document.hidden ? play.pause() : undefined;
      document.addEventListener("visibilitychange", hide);
      const leave = play.follow();
      return () => {
        document.removeEventListener("visibilitychange", hide);
        leave();
        hush();
      };
    }, [play]);
    useSignalEffect(() => {
      const name = play.talk.value.names.at(-1);
      if (isLoud.value && name !== undefined) speak(`${name}?`);
    });
    useSignalEffect(() => {
      const { phase, results = [] } = play.game.value ?? {};
      const last = phase === "asked" || phase === "over" ? results.at(-1) : undefined;
      if (isLoud.value && last?.recognized) speak(`I know: ${last.word}!`);
    });
    const { game, rounds, start, stop } = play;
    const begin = (): void => start(Math.floor(Math.random() * 2 ** 32));
    if (game.value === undefined) return <Introduction play={play} isLoud={isLoud} begin={begin} />;
    if (game.value.phase === "over") return <GameEnd store={store} rounds={rounds.value} again={begin} leave={stop} />;
    return <Now play={play} game={game.value} />;
  },
};

/** What the game is, before it begins. */
function Introduction({ play, isLoud, begin }: {
  readonly play: Play;
  readonly isLoud: Signal<boolean>;
  readonly begin: () => void;
}): JSX.Element {
  const rounds = Math.min(GAME_RULES.rounds, new Set(play.run.value?.engine.value?.card.classes).size);
  return (
    <>
      <h2>Draw it before the time is up</h2>
      <p>
        You are asked for {rounds} things, one after another, and have {GAME_RULES.time / 1000}{" "}
        seconds for each. The model guesses aloud. It counts when what you were asked for comes first, with at least
        {" "}
        {percent(GAME_RULES.threshold)}.
      </p>
      <p class="quiet">This is what the data came from: people drew Quick, Draw!'s drawings in such a game.</p>
      <div class="controls">
        <RunChoice label="Guessed by" of={play} />
        {canSpeak() && (
          <label>
            <input
              type="checkbox"
              checked={isLoud.value}
              onChange={({ currentTarget }) => void (isLoud.value = currentTarget.checked)}
            />
            With a voice
          </label>
        )}
        <button type="button" class="primary" onClick={begin}>Play</button>
      </div>
    </>
  );
}

/** A round: what is asked for, the time, and what the run says. */
function Now({ play, game }: { readonly play: Play; readonly game: Game }): JSX.Element {
  const { left, talk, go, skip, pause, stop } = play;
  const { phase, words, results, rules } = game;
  const main = useRef<HTMLButtonElement>(null);
  const place = useRef<HTMLDivElement>(null);
  const isWaiting = phase !== "drawing";
  useEffect(() => {
    if (isWaiting) main.current?.focus({ preventScroll: true });
    place.current?.scrollIntoView({ block: "nearest" });
  }, [isWaiting, results.length]);
  const start = (): void => {
    go();
    document.querySelector(".sheet")?.scrollIntoView({ block: "nearest" });
  };
  return (
    <div class="game" ref={place}>
      <p class="game-round quiet">
        Round {results.length + 1} of {words.length} · {scoreOf(game)} recognised
      </p>
      <p class="game-word">
        <span class="quiet">{phase === "asked" && results.length > 0 ? "Next, draw" : "Draw"}</span> {wordOf(game)}
      </p>
      <p class="game-time" role="timer" aria-label="Time left">{Math.ceil(left.value / 1000)} s</p>
      <span class="game-track" aria-hidden="true">
        <span style={{ transform: `scaleX(${left.value / rules.time})` }} />
      </span>
      <p class="game-said" role="status">{saidOf(game, sentenceOf(talk.value))}</p>
      <div class="button-row">
        {isWaiting
          ? (
            <button type="button" class="primary" ref={main} onClick={start}>
              {phase === "asked" ? "Go" : "Go on"}
            </button>
          )
          : <button type="button" onClick={pause}>Pause</button>}
        <button type="button" onClick={skip}>Skip</button>
        <button type="button" onClick={stop}>Stop</button>
      </div>
    </div>
  );
}

/** What there is to say: of the round before while the next is asked for. */
function saidOf({ phase, results, rules }: Game, sentence: string): string {
  if (phase === "paused") return "Paused. The time stands still until you go on, or draw.";
  if (phase === "drawing") return sentence;
  const last = results.at(-1);
  if (last === undefined) return "Press Go, and draw on the canvas.";
  if (last.recognized) return `I know: ${last.word}! It took you ${Math.ceil(last.used / 1000)} s.`;
  return last.used < rules.time ? `Skipped: ${last.word}.` : `Time is up. I did not see ${last.word}.`;
}
