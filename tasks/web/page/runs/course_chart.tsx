/// <reference lib="dom" />
/**
 * The chart of how a run's probabilities went, stroke by stroke, above the frames as it got them.
 *
 * @module
 */
import type { JSX } from "preact";
import { columnOf, linesOf, pathData, spread } from "./course.ts";
import { Frame } from "./frame.tsx";
import type { PageRun } from "../store.ts";
import { percent } from "./summary.ts";

/** At most so many classes have a line. */
const LINES = 4;
/** The columns of a run that sees no strokes. */
const COLUMNS = 8;
/** Shares of the chart's height that a name takes. */
const NAME_GAP = 0.17;

/** The chart. */
export function CourseChart({ page }: { readonly page: PageRun }): JSX.Element {
  const course = page.course.value;
  const naming = page.naming.value;
  const frames = page.engine.value?.card.naming?.frames ?? COLUMNS;
  const span = Math.max(frames > 1 ? frames : COLUMNS, course.length);
  const lines = linesOf(course, LINES);
  const ends = spread(lines.map(({ values }) => 1 - values[values.length - 1]), NAME_GAP, 1);
  // By the label and not by the rank, so that a line looks the same while others overtake it.
  const others = lines.slice(1).map(({ label }) => label).sort((a, b) => a - b);
  const looks = (label: number): string =>
    label === lines[0].label ? "is-first" : `is-other-${others.indexOf(label) + 1}`;
  const nameOf = (label: number): string => page.run.classes[label];
  return (
    <figure class="course" aria-label={`How the probabilities of ${page.run.name} went`}>
      <div class="course-plot">
        <svg viewBox="0 0 100 100" preserveAspectRatio="none" aria-hidden="true">
          <path class="course-grid" d="M0 0H100M0 50H100M0 100H100" />
          {lines.toReversed().map(({ label, values }) => (
            <path
              key={label}
              class={`course-line ${looks(label)}`}
              d={pathData(values, span)}
            />
          ))}
        </svg>
        <span class="course-scale" aria-hidden="true">100 %</span>
        <span class="course-scale is-half" aria-hidden="true">50 %</span>
        {course.length === 1 && lines.map(({ label, values }) => (
          <i
            key={label}
            class={`course-dot ${looks(label)}`}
            style={{ left: share(columnOf(0, span)), top: share(1 - values[0]) }}
          />
        ))}
      </div>
      <div class="course-names" aria-hidden="true">
        {lines.map(({ label }, i) => (
          <span key={label} class={looks(label)} style={{ top: share(ends[i]) }}>
            <i />
            {nameOf(label)}
          </span>
        ))}
      </div>
      <div class="course-frames" style={{ gridTemplateColumns: `repeat(${span}, minmax(0, 1fr))` }} aria-hidden="true">
        {Array.from(
          { length: span },
          (_, i) => (
            <div key={i} class={i < course.length ? "course-frame is-seen" : "course-frame"}>
              {naming && (naming.grey ? i === course.length - 1 : i < course.length) && (
                <Frame naming={naming} stroke={i + 1} />
              )}
            </div>
          ),
        )}
      </div>
      <table class="unseen">
        <caption>Probabilities after each stroke</caption>
        <thead>
          <tr>
            <th scope="col">Class</th>
            {course.map((_, i) => <th key={i} scope="col">{`Stroke ${i + 1}`}</th>)}
          </tr>
        </thead>
        <tbody>
          {lines.map(({ label, values }) => (
            <tr key={label}>
              <th scope="row">{nameOf(label)}</th>
              {values.map((value, i) => <td key={i}>{percent(value)}</td>)}
            </tr>
          ))}
        </tbody>
      </table>
    </figure>
  );
}

function share(value: number): string {
  return `${(100 * value).toFixed(2)}%`;
}
