/// <reference lib="dom" />
/**
 * The clean shape of what is drawn, in its place.
 *
 * @module
 */
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { RunChoice } from "../parts/choice.tsx";
import { Sketch } from "../parts/sketch.tsx";
import { Slider } from "../parts/slider.tsx";
import { percent } from "../runs/summary.ts";
import type { Store } from "../store.ts";
import { keptFor } from "./kept.ts";
import type { Panel } from "./panel.ts";
import { createReplacing, type Offer, type Replacing } from "./replace_offer.ts";
import { angleWords, fitWords, sizeWords } from "./replace_words.ts";

const replacingOf = keptFor(createReplacing);

/** The panel. */
export const replace: Panel = {
  id: "replace",
  title: "Clean shape",
  isOffered: ({ runs }) =>
    runs.some(({ engine, prototypes }) => engine.value?.card.naming && prototypes.value.length > 0),
  Content: ({ store }) => {
    const replacing = replacingOf(store);
    useEffect(() => replacing.follow(), [replacing]);
    useEffect(() => handleKeys(replacing), [replacing]);
    const { threshold } = replacing;
    const offer = replacing.offer.value;
    return (
      <>
        <p>
          Draw, and take your time: as soon as the run is sure, the clean shape of its class lies over your drawing, as
          large and as turned as yours. What you have not drawn yet, it adds.
        </p>
        <div class="controls">
          <RunChoice label="Named by" of={replacing} />
          <Slider label="Sure from" value={threshold} min={0.3} max={0.99} step={0.01} format={percent} />
        </div>
        {offer ? <Offered offer={offer} replacing={replacing} /> : <p class="quiet">{waitingFor(store, replacing)}</p>}
      </>
    );
  },
};

/** Why no shape is offered. */
function waitingFor(store: Store, { thought, threshold, refused }: Replacing): string {
  const now = thought.value;
  if (store.strokes.value.length === 0) return "The canvas is blank.";
  if (store.strokes.value.every(({ by }) => by === "prototype")) {
    return "That is the clean shape. Undo brings yours back.";
  }
  if (!now) return "The run says nothing yet.";
  const guess = `${now.name}, ${percent(now.probability)}`;
  if (!now.prototype) return `${guess}: of this class there is no clean shape.`;
  if (now.probability < threshold.value) return `${guess}: not sure enough.`;
  return now.name === refused.value ? `${guess}: put aside.` : `${guess}: a dot has no size to go by.`;
}

/** The shape, what is known of its place, and what can be done with it. */
function Offered({ offer, replacing }: { readonly offer: Offer; readonly replacing: Replacing }): JSX.Element {
  const { name, probability, shape, fit, placement } = offer;
  const facts = [
    ["Size", sizeWords(fit, placement.scale)],
    ["Angle", angleWords(fit, shape.symmetry)],
    ["Fit", fitWords(fit)],
  ];
  return (
    <section class="clean" aria-label="The clean shape">
      <div class="clean-picture">
        <Sketch layers={[{ drawing: shape.drawing, by: "prototype" }]} />
      </div>
      <div class="clean-words">
        <h3>{name}, {percent(probability)}</h3>
        <dl class="facts">
          {facts.map(([term, words]) => (
            <div key={term}>
              <dt>{term}</dt>
              <dd>{words}</dd>
            </div>
          ))}
        </dl>
        <div class="button-row">
          <button type="button" class="primary" aria-keyshortcuts="Enter" onClick={replacing.take}>
            Take it <kbd>Enter</kbd>
          </button>
          <button type="button" aria-keyshortcuts="N" onClick={replacing.refuse}>
            No, thanks <kbd>N</kbd>
          </button>
        </div>
      </div>
    </section>
  );
}

/** Where keys write or choose something. */
const WRITING = 'select, textarea, input:not([type="range"]), [contenteditable]';

/** What a key does while the panel is open, and where it has a meaning of its own. */
const KEYS: Readonly<Record<string, { readonly does: "take" | "refuse"; readonly but: string }>> = {
  enter: { does: "take", but: `button, a, summary, ${WRITING}` },
  n: { does: "refuse", but: WRITING },
};

/** Lets keys work from now on; returns what ends it. */
function handleKeys(replacing: Replacing): () => void {
  const press = (event: KeyboardEvent): void => {
    const key = KEYS[event.key.toLowerCase()];
    if (key === undefined || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    const isBusy = event.target instanceof Element && event.target.closest(key.but);
    if (isBusy || document.querySelector("dialog[open]") || replacing.offer.peek() === undefined) return;
    replacing[key.does]();
    event.preventDefault();
  };
  addEventListener("keydown", press);
  return () => removeEventListener("keydown", press);
}
