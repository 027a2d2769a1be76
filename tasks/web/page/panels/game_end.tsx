/// <reference lib="dom" />
/**
 * The end of a game: the score, and the drawings with what the models thought they were.
 *
 * @module
 */
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { saveFile } from "../parts/save.ts";
import { layersOf, Sketch } from "../parts/sketch.tsx";
import { percent } from "../runs/summary.ts";
import type { Store } from "../store.ts";
import { Send } from "./collect_button.tsx";
import { ndjsonOf } from "./collect_files.ts";
import type { Round } from "./game_play.ts";

/** The score, the drawings, and what can be done with them. */
export function GameEnd({ store, rounds, again, leave }: {
  readonly store: Store;
  readonly rounds: readonly Round[];
  readonly again: () => void;
  readonly leave: () => void;
}): JSX.Element {
  const title = useRef<HTMLHeadingElement>(null);
  useEffect(() => title.current?.focus(), []);
  const score = rounds.filter(({ recognized }) => recognized).length;
  const drawn = rounds.filter(({ strokes }) => strokes.length > 0);
  return (
    <>
      <h2 ref={title} tabIndex={-1}>{score} of {rounds.length} recognised</h2>
      <ol class="rounds">
        {rounds.map((round) => <Drawn key={round.word} round={round} />)}
      </ol>
      <div class="button-row">
        <button type="button" class="primary" onClick={again}>Play again</button>
        {drawn.length > 0 && (
          <button
            type="button"
            onClick={() => saveFile(ndjsonOf(drawn), "game.ndjson", "application/x-ndjson")}
          >
            Download the drawings
          </button>
        )}
        <button type="button" onClick={leave}>Done</button>
      </div>
      <Send store={store} drawings={drawn} name="Send the drawings" />
    </>
  );
}

/** One round's drawing, and what each run thought it was. */
function Drawn({ round }: { readonly round: Round }): JSX.Element {
  const { word, recognized, used, strokes, guesses } = round;
  return (
    <li class={recognized ? "round is-recognized" : "round"}>
      <div class="round-sheet">
        <Sketch layers={layersOf(strokes)} label={strokes.length > 0 ? `Your ${word}` : "Nothing was drawn"} />
      </div>
      <h3>{word}</h3>
      <p class="round-outcome">{recognized ? `recognised, ${Math.ceil(used / 1000)} s` : "not recognised"}</p>
      {guesses.map(({ run, name, probability }) => <p key={run} class="quiet">{run}: {name}, {percent(probability)}
      </p>)}
    </li>
  );
}
