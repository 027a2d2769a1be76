/// <reference lib="dom" />
/**
 * A run beside the canvas: what it is, what it says, how it came to say so.
 *
 * @module
 */
import { useComputed } from "@preact/signals";
import type { JSX } from "preact";
import { Bars } from "./bars.tsx";
import { CourseChart } from "./course_chart.tsx";
import type { PageRun, Store } from "../store.ts";

/** The column of a run. */
export function RunColumn({ store, page, hue }: {
  readonly store: Store;
  readonly page: PageRun;
  /** The style sheet's class of the run's hue. */
  readonly hue: string;
}): JSX.Element {
  const { run } = page;
  const card = page.engine.value?.card;
  const remark = useComputed(() => remarkOf(store, page)).value;
  const notes = [...new Set([...run.notes, ...card?.notes ?? []])];
  return (
    <section class={`run ${hue}`} aria-label={run.name}>
      <header class="run-head">
        <h2>{run.name}</h2>
        <p class="quiet">{[run.model, card?.backend].filter((part) => part !== undefined).join(" · ")}</p>
        <p class={remark.isWarning ? "remark is-warning" : "remark"}>{remark.text}</p>
      </header>
      {page.fault.value && <Fault page={page} message={page.fault.value} />}
      {run.names &&
        (card ? <Mind store={store} page={page} /> : !page.fault.value && <Loading page={page} />)}
      {notes.length > 0 && (
        <details class="run-notes">
          <summary>{notes.length === 1 ? "One thing to know" : `${notes.length} things to know`}</summary>
          <ul>{notes.map((note) => <li key={note}>{note}</li>)}</ul>
        </details>
      )}
    </section>
  );
}

function Fault({ page, message }: { readonly page: PageRun; readonly message: string }): JSX.Element {
  return (
    <div class="fault" role="alert">
      <p>{message}</p>
      <button type="button" onClick={() => void page.load()}>Try again</button>
    </div>
  );
}

function Loading({ page }: { readonly page: PageRun }): JSX.Element {
  return (
    <div class="mind" aria-busy="true">
      <div class="bars">
        <p class="waiting">Loading</p>
        <p class="quiet">{megabytes(page.run.weights.size)}</p>
      </div>
      <CourseChart page={page} />
      <p class="pace">&nbsp;</p>
    </div>
  );
}

/** What a run makes of the drawing. */
function Mind({ store, page }: { readonly store: Store; readonly page: PageRun }): JSX.Element {
  const isNamed = page.naming.value !== undefined;
  return (
    <div class="mind">
      {isNamed ? <Bars store={store} page={page} /> : (
        <div class="bars">
          <p class="waiting">Waiting for ink</p>
          <p class="quiet">It knows {page.run.classes.length} things:</p>
          <p class="classes">{page.run.classes.join(", ")}</p>
        </div>
      )}
      <CourseChart page={page} />
      <p class="pace">{paceOf(page) ?? "\u00a0"}</p>
    </div>
  );
}

/** How fast it was. */
function paceOf({ naming }: PageRun): string | undefined {
  if (!naming.value) return undefined;
  const { all, model } = naming.value.ms;
  return `${milliseconds(all)} ms, the model ${milliseconds(model)}; up to ${Math.floor(1000 / all)} a second`;
}

/** What is said below a run's name: what became of strokes for which there is no frame, else how good it is. */
function remarkOf(store: Store, page: PageRun): { readonly text: string; readonly isWarning: boolean } {
  const { naming } = page.engine.value?.card ?? {};
  if (naming?.overflow && store.strokes.value.length > naming.frames) {
    const said: Readonly<Record<string, string>> = {
      truncate: "later strokes are left out",
      merge: "later strokes join the last",
      drop: "it never saw more strokes",
    };
    return { text: `It has ${naming.frames} frames: ${said[naming.overflow] ?? naming.overflow}.`, isWarning: true };
  }
  if (page.run.judged) return { text: page.run.judged, isWarning: false };
  return { text: page.run.names ? "Not judged yet" : "It draws: the tabs show what", isWarning: false };
}

function milliseconds(value: number): string {
  return value < 10 ? value.toFixed(1) : value.toFixed(0);
}

function megabytes(bytes: number): string {
  return bytes < 1e5 ? `${Math.ceil(bytes / 1e3)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}
