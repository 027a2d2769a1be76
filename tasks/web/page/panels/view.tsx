/// <reference lib="dom" />
/**
 * What the runs see: the frames as they get them, and where in them a decision comes from.
 *
 * @module
 */
import { useComputed } from "@preact/signals";
import type { JSX } from "preact";
import { GRID_SIZE } from "../../../../pipelines/strokes/rasterize.ts";
import { Frame } from "../runs/frame.tsx";
import type { PageRun, Store } from "../store.ts";
import type { Panel } from "./panel.ts";

/** The panel. */
export const view: Panel = {
  id: "view",
  title: "Model's view",
  isOffered: ({ runs }) =>
    runs.some(({ run, engine, fault }) => engine.value ? engine.value.card.naming : run.names && !fault.value),
  Content: ({ store }) => (
    <>
      <p>
        The runs do not see your canvas. They see this: your strokes with few points left, as Quick, Draw! keeps them,
        cropped to the square between the corner marks and scaled to fill the frame. <Crop store={store} />
      </p>
      {store.runs.map((page) =>
        page.isShown.value && page.engine.value?.card.naming && <View key={page.run.name} store={store} page={page} />
      )}
    </>
  ),
};

/** How large the square is that the runs see. */
function Crop({ store }: { readonly store: Store }): JSX.Element {
  const share = useComputed(() => Math.round(100 * GRID_SIZE * (store.placement.value?.scale ?? 0))).value;
  return <span>{share > 0 ? `Its side is ${share}\u00a0% of the sheet's now.` : "Draw, and the marks appear."}</span>;
}

function View({ store, page }: { readonly store: Store; readonly page: PageRun }): JSX.Element {
  const naming = page.naming.value;
  const { frames = 1, side = 64, explains = false } = page.engine.value?.card.naming ?? {};
  const reason = store.reason.value?.run === page ? store.reason.value : undefined;
  const isAsked = store.question.value?.run === page;
  const pictures = naming?.grey ? 1 : frames;
  return (
    <section class="view" aria-label={`What ${page.run.name} sees`}>
      <header class="view-head">
        <h3>{page.run.name}</h3>
        <p class="quiet">
          {pictures === 1 ? `one picture of ${side} × ${side}` : `${pictures} frames of ${side} × ${side}`}
        </p>
        {explains && (
          <button
            type="button"
            aria-pressed={isAsked}
            onClick={() => void (store.question.value = isAsked ? undefined : { run: page })}
          >
            Where does it look?
          </button>
        )}
      </header>
      <ol class={pictures === 1 ? "view-frames is-single" : "view-frames"}>
        {Array.from(
          { length: pictures },
          (_, i) => (
            <li key={i} class={naming && i < naming.seen ? "view-frame is-seen" : "view-frame"}>
              {naming && (pictures === 1 || i < naming.seen) && (
                <Frame naming={naming} stroke={i + 1} explanation={reason?.explanation} />
              )}
            </li>
          ),
        )}
      </ol>
      {isAsked && (
        <p class="quiet">
          {reason
            ? `Colours: gradient of the log odds of ${page.run.classes[reason.label]} times each cell, found in ${
              Math.round(reason.explanation.ms)
            } ms.`
            : naming
            ? "Looking…"
            : "Draw something."}
        </p>
      )}
    </section>
  );
}
