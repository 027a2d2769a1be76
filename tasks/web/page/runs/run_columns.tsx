/// <reference lib="dom" />
/**
 * The runs on show, side by side: first those that name drawings, then, in brief, those that only draw.
 *
 * @module
 */
import type { JSX } from "preact";
import type { PageRun, Store } from "../store.ts";
import { RunColumn } from "./run_column.tsx";
import { likeliest, percent } from "./summary.ts";

/** So many hues tell runs apart; the style sheet has them. */
const HUES = 4;

/** The style sheet's class of the hue of the run at a place. */
export function hueOf(place: number): string {
  return `hue-${place % HUES + 1}`;
}

/** The columns. */
export function RunColumns({ store }: { readonly store: Store }): JSX.Element {
  return (
    <>
      {store.runs.length > 0 && store.runs.every(({ isShown }) => !isShown.value) && (
        <p class="quiet">No run is on show. Choose one above.</p>
      )}
      {[true, false].map((names) => (
        <div key={names} class={names ? "runs" : "runs is-brief"}>
          {store.runs.map((page, i) =>
            page.isShown.value && page.run.names === names && (
              <RunColumn key={page.run.name} store={store} page={page} hue={hueOf(i)} />
            )
          )}
        </div>
      ))}
    </>
  );
}

/** Each run's best guess in one line, for where the columns are out of sight. */
export function Glance({ store }: { readonly store: Store }): JSX.Element {
  return (
    <p class="glance" aria-hidden="true">
      {store.runs.map((page, i) => page.isShown.value && page.run.names && <Best key={i} page={page} hue={hueOf(i)} />)}
    </p>
  );
}

function Best({ page, hue }: { readonly page: PageRun; readonly hue: string }): JSX.Element | null {
  const [top] = likeliest(page.naming.value?.rows.at(-1) ?? [], 1);
  if (!top) return null;
  return (
    <span class={hue}>
      <i class="swatch" /> <b>{page.run.classes[top.label]}</b> {percent(top.probability)}
    </span>
  );
}
