/// <reference lib="dom" />
/**
 * A run's likeliest classes, as bars.
 *
 * @module
 */
import type { JSX } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { likeliest, percent } from "./summary.ts";
import type { PageRun, Store } from "../store.ts";

/** So many classes have a bar. */
const BARS = 5;
/** Milliseconds in which a bar moves to another rank. */
const MOVE = 180;

/** The bars; each asks where that decision comes from, where the run can say it. */
export function Bars({ store, page }: { readonly store: Store; readonly page: PageRun }): JSX.Element {
  const list = useRef<HTMLOListElement>(null);
  const before = useRef<readonly number[]>([]);
  const top = likeliest(page.naming.value?.rows.at(-1) ?? [], BARS);
  const explains = page.engine.value?.card.naming?.explains ?? false;
  const { run: asked, label: asks } = store.question.value ?? {};

  // The places stay and their contents change, so that focus and reading order are kept; what changed its rank slides there.
  useLayoutEffect(() => {
    const labels = top.map(({ label }) => label);
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    for (const [rank, place] of [...list.current!.children].entries()) {
      const from = before.current.indexOf(labels[rank]);
      if (still || from < 0 || from === rank) continue;
      const distance = topOf(list.current!.children[from]) - topOf(place);
      place.animate([{ transform: `translateY(${distance}px)` }, { transform: "none" }], {
        duration: MOVE,
        easing: "ease-out",
      });
    }
    before.current = labels;
  });

  return (
    <ol class="bars" ref={list}>
      {top.map(({ label, probability }, rank) => {
        const name = page.run.classes[label];
        const content = (
          <>
            <span class="bar-name">{name}</span>
            <span class="bar-number">{percent(probability)}</span>
            <span class="bar-track" aria-hidden="true">
              <span class="bar-ink" style={{ transform: `scaleX(${probability.toFixed(4)})` }} />
            </span>
          </>
        );
        const isAsked = asked === page && (asks ?? top[0].label) === label;
        return (
          <li key={rank} class="bar">
            {explains
              ? (
                <button
                  type="button"
                  class="bar-button"
                  aria-pressed={isAsked}
                  title={`Show what speaks for and against ${name}`}
                  onClick={() => void (store.question.value = isAsked ? undefined : { run: page, label })}
                >
                  {content}
                </button>
              )
              : <div class="bar-button">{content}</div>}
          </li>
        );
      })}
    </ol>
  );
}

function topOf(place: Element): number {
  return (place as HTMLElement).offsetTop;
}
