/// <reference lib="dom" />
/**
 * Endings of what is begun, by a run that draws strokes.
 *
 * @module
 */
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { Choice, RunChoice } from "../parts/choice.tsx";
import { Sketch } from "../parts/sketch.tsx";
import { TemperatureSlider } from "../parts/slider.tsx";
import type { Store } from "../store.ts";
import { createFinishing, type Finishing, type FinishMode } from "./finish_endings.ts";
import { keptFor } from "./kept.ts";
import type { Panel } from "./panel.ts";

const finishingOf = keptFor(createFinishing);

/** The panel. */
export const finish: Panel = {
  id: "finish",
  title: "Finish it",
  isOffered: ({ runs }) => runs.some(({ engine }) => engine.value?.card.strokes),
  Content: ({ store }) => {
    const finishing = finishingOf(store);
    useEffect(() => finishing.follow(), [finishing]);
    return (
      <>
        <p>{INTRODUCTIONS[finishing.mode.value]}</p>
        <Controls finishing={finishing} />
        {finishing.fault.value
          ? <p class="fault" role="alert">{finishing.fault.value}</p>
          : <Endings store={store} finishing={finishing} />}
      </>
    );
  },
};

const INTRODUCTIONS: Readonly<Record<FinishMode, string>> = {
  finish: "Begin something, and lift the pen: the model goes on with it. Take the ending that you like.",
  like: "Draw something, and lift the pen: the model draws others like it. Take the one that you like.",
};

const MODES: readonly { readonly mode: FinishMode; readonly name: string }[] = [
  { mode: "finish", name: "Finish it" },
  { mode: "like", name: "Others like it" },
];

/** What the endings depend on. */
function Controls({ finishing }: { readonly finishing: Finishing }): JSX.Element {
  const { run, mode, chosenMode, temperature, chosenLabel, guessed, label } = finishing;
  const card = run.value?.engine.value?.card;
  const classes = card?.classes ?? [];
  const guess = guessed.value === undefined ? [] : [`best guess: ${classes[guessed.value]}`];
  return (
    <div class="controls">
      <RunChoice label="Drawn by" of={finishing} />
      {card?.strokes?.latentSize
        ? (
          <div role="group" aria-label="What it draws" class="button-row">
            {MODES.map(({ mode: other, name }) => (
              <button
                key={other}
                type="button"
                aria-pressed={mode.value === other}
                onClick={() => void (chosenMode.value = other)}
              >
                {name}
              </button>
            ))}
          </div>
        )
        : undefined}
      {label.value !== undefined && (
        <Choice
          label="As a"
          options={[...guess, ...classes]}
          chosen={chosenLabel.value === undefined && guess.length > 0 ? 0 : guess.length + label.value}
          choose={(place) => void (chosenLabel.value = place < guess.length ? undefined : place - guess.length)}
        />
      )}
      <TemperatureSlider value={temperature} />
      <button type="button" onClick={finishing.again}>Again</button>
    </div>
  );
}

/** Small pictures of the endings, each a button that takes it. */
function Endings({ store, finishing }: { readonly store: Store; readonly finishing: Finishing }): JSX.Element {
  const { endings, isBusy, take } = finishing;
  const shown = endings.value;
  if (!shown) {
    return (
      <p class="quiet">
        {store.strokes.value.length === 0
          ? "The canvas is blank."
          : isBusy.value
          ? "Drawing …"
          : "A dot alone says too little. Draw a line."}
      </p>
    );
  }
  const isStale = isBusy.value || store.isDrawing.value;
  return (
    <ol class={isStale ? "tiles is-stale" : "tiles"} aria-busy={isStale}>
      {shown.strokes.map((ending, i) => {
        const given = shown.mode === "finish" ? [{ drawing: shown.begun, by: "hand" as const }] : [];
        const isEmpty = ending.drawing.length === 0;
        const note = isEmpty ? "nothing to add" : ending.ended ? "" : "cut short";
        return (
          <li key={i}>
            <button
              type="button"
              class="tile"
              aria-label={`Ending ${i + 1}${note ? `, ${note}` : ""}: put it onto the canvas`}
              title={note === "cut short" ? "Its points ran out before it was done." : undefined}
              aria-disabled={isEmpty}
              onClick={() => {
                take(ending);
                if (!isEmpty) store.say("The model's strokes are on the canvas. Undo takes them away.");
              }}
            >
              <Sketch
                key={keyOf(ending)}
                layers={[...given, { drawing: ending.drawing, by: "model" }]}
                moving="model"
              />
              {note && <span class="tile-note">{note}</span>}
            </button>
          </li>
        );
      })}
    </ol>
  );
}

const numbers = new WeakMap<object, number>();
let next = 0;

/** A key of its own for each picture, so that each is drawn anew. */
function keyOf(picture: object): number {
  if (!numbers.has(picture)) numbers.set(picture, next++);
  return numbers.get(picture)!;
}
