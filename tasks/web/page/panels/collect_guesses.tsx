/// <reference lib="dom" />
/**
 * What the drawing is: a run's guess that is right, or a word.
 *
 * @module
 */
import type { Signal } from "@preact/signals";
import type { JSX } from "preact";
import { useRef } from "preact/hooks";
import { percent } from "../runs/summary.ts";
import type { Store } from "../store.ts";
import { firstGuess } from "./first_guess.ts";

/** The runs' guesses, each of which can be right or wrong, and a field for the word. */
export function Naming({ store, word }: { readonly store: Store; readonly word: Signal<string> }): JSX.Element {
  const field = useRef<HTMLInputElement>(null);
  const classes = [...new Set(store.runs.flatMap(({ engine }) => engine.value?.card.classes ?? []))].sort();
  const correct = (): void => {
    field.current?.focus();
    field.current?.select();
  };
  return (
    <>
      {store.runs.map((run) => {
        const guess = firstGuess(run);
        if (!guess) return undefined;
        const isRight = word.value === guess.name;
        return (
          <div key={run.run.name} class="controls guessed">
            <p>
              {run.run.name} sees <b>{guess.name}</b>, {percent(guess.probability)}.
            </p>
            <div class="button-row">
              <button type="button" aria-pressed={isRight} onClick={() => void (word.value = guess.name)}>
                That’s right
              </button>
              <button type="button" onClick={correct}>No, it is …</button>
            </div>
          </div>
        );
      })}
      <label class="choice">
        <span>It is</span>
        <input
          ref={field}
          type="text"
          list="known-classes"
          maxLength={100}
          autocomplete="off"
          placeholder="such as cat"
          value={word.value}
          onInput={({ currentTarget }) => void (word.value = currentTarget.value)}
        />
      </label>
      <datalist id="known-classes">
        {classes.map((name) => <option key={name} value={name} />)}
      </datalist>
    </>
  );
}
