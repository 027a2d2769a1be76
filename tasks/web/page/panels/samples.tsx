/// <reference lib="dom" />
/**
 * What a run draws by itself: a wall of samples, and the way from one to another.
 *
 * @module
 */
import { type Signal, useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { Choice, RunChoice } from "../parts/choice.tsx";
import { Slider, TemperatureSlider } from "../parts/slider.tsx";
import type { Store } from "../store.ts";
import { keptFor } from "./kept.ts";
import type { Panel } from "./panel.ts";
import { Steps } from "./samples_steps.tsx";
import { type Moment, shownOf, type ShownSample, stepsOf } from "./samples_views.tsx";
import { createSampling, kindOf, type Sampling } from "./samples_wall.ts";

const samplingOf = keptFor(createSampling);

/** The panel. */
export const samples: Panel = {
  id: "samples",
  title: "Samples",
  isOffered: ({ runs }) => runs.some(({ engine }) => kindOf(engine.value?.card) !== undefined),
  Content: ({ store }) => {
    const sampling = samplingOf(store);
    const step = useSignal(1);
    useEffect(() => sampling.follow(), [sampling]);
    const { wall, fault, isBusy, hasWay, run } = sampling;
    const hasPrior = run.value?.engine.value?.card.images?.prior !== "none";
    const total = stepsOf(wall.value);
    const steps = Math.min(step.value, total);
    const moment = { steps, isWriting: steps < total };
    return (
      <>
        <p>
          This is what the model draws when nobody has begun anything. Choose one to keep it
          {hasWay.value ? ", or two to go from one to the other." : "."}
        </p>
        {!hasPrior && (
          <p class="quiet">
            It has learnt to draw pictures again, not to invent any: these are drawn from codes that are spread as those
            of its training pictures are.
          </p>
        )}
        <Controls sampling={sampling} />
        {fault.value && <p class="fault" role="alert">{fault.value}</p>}
        {total > 1 && <Steps key={total} step={step} total={total} />}
        {!wall.value && <p class="quiet">{isBusy.value ? "Drawing …" : ""}</p>}
        {wall.value && <Tiles sampling={sampling} shown={shownOf(wall.value, moment, store)} />}
        <Chosen store={store} sampling={sampling} moment={moment} />
      </>
    );
  },
};

/** What the samples depend on. */
function Controls({ sampling }: { readonly sampling: Sampling }): JSX.Element {
  const { run, temperature, chosenLabel, label, again } = sampling;
  const card = run.value?.engine.value?.card;
  return (
    <div class="controls">
      <RunChoice label="Drawn by" of={sampling} />
      {label.value !== undefined && (
        <Choice
          label="As a"
          options={card?.classes ?? []}
          chosen={label.value}
          choose={(place) => void (chosenLabel.value = place)}
        />
      )}
      {card?.strokes && <TemperatureSlider value={temperature} />}
      <button type="button" onClick={again}>Others</button>
    </div>
  );
}

/** The wall: buttons that choose. */
function Tiles({ sampling, shown }: {
  readonly sampling: Sampling;
  readonly shown: readonly ShownSample[];
}): JSX.Element {
  const { chosen, toggle, isBusy } = sampling;
  return (
    <ol class={isBusy.value ? "tiles is-small is-stale" : "tiles is-small"} aria-busy={isBusy.value}>
      {shown.map(({ picture, note }, i) => {
        const mark = MARKS[chosen.value.indexOf(i)];
        const name = [`Sample ${i + 1}`, mark, note].filter((part) => part).join(", ");
        return (
          <li key={i}>
            <button
              type="button"
              class="tile"
              aria-pressed={mark !== undefined}
              aria-label={name}
              onClick={() => toggle(i)}
            >
              {picture}
              {mark && <b class="tile-mark">{mark}</b>} {note && <span class="tile-note">{note}</span>}
            </button>
          </li>
        );
      })}
    </ol>
  );
}

/** What those that are chosen are called. */
const MARKS = ["A", "B"];

/** The chosen samples, what lies between them, and what can be done with each. */
function Chosen({ store, sampling, moment }: {
  readonly store: Store;
  readonly sampling: Sampling;
  readonly moment: Moment;
}): JSX.Element | null {
  const { wall, chosen, between, share, hasWay } = sampling;
  if (!wall.value || chosen.value.length === 0) return null;
  const shown = shownOf(wall.value, moment, store);
  const ends = chosen.value.flatMap((place) => shown[place] ?? []);
  const middle = between.value && shownOf(between.value, moment, store)[0];
  const [first, second] = ends;
  return (
    <section class="way" aria-label="Chosen samples">
      {second && (hasWay.value
        ? <Way share={share} />
        : <p class="quiet way-slider">There is no way from A to B: this model draws without latents.</p>)}
      {first && <Card name="A" sample={first} />}
      {second && hasWay.value && <Card name="Between" sample={middle} />}
      {second && <Card name="B" sample={second} />}
    </section>
  );
}

function Way({ share }: { readonly share: Signal<number> }): JSX.Element {
  return (
    <div class="way-slider">
      <Slider
        label="From A to B"
        value={share}
        min={0}
        max={1}
        step={0.01}
        format={(value) => `${Math.round(100 * value)} %`}
      />
    </div>
  );
}

function Card({ name, sample }: { readonly name: string; readonly sample: ShownSample | undefined }): JSX.Element {
  const fault = useSignal("");
  const run = async (act: () => Promise<void> | void): Promise<void> => {
    try {
      fault.value = "";
      await act();
    } catch (error) {
      fault.value = (error as Error).message;
    }
  };
  return (
    <figure class="card">
      <div class="card-picture">{sample?.picture}</div>
      <figcaption>
        <b>{name}</b> {sample?.note && <span class="quiet">{sample.note}</span>}
      </figcaption>
      <div class="button-row">
        {sample?.acts.map((act) => (
          <button
            key={act.name}
            type="button"
            aria-label={`${name}: ${act.name}`}
            onClick={() => void run(act.run)}
          >
            {act.name}
          </button>
        ))}
      </div>
      {fault.value && <p class="fault" role="alert">{fault.value}</p>}
    </figure>
  );
}
