/// <reference lib="dom" />
/**
 * A small drawing.
 *
 * @module
 */
import type { JSX } from "preact";
import { boundsOf, type Drawing, type Polyline } from "../../../../pipelines/strokes/stroke.ts";
import type { DrawnStroke } from "../store.ts";

/** Strokes in one colour. */
export interface SketchLayer {
  /** In the units of the other layers. */
  readonly drawing: Drawing;
  readonly by: DrawnStroke["by"];
}

/** Units of the picture, and what stays free at its edges. */
const [SIDE, MARGIN] = [100, 8];
/** Seconds that a moving drawing takes: so many a point, but no more than so many in all. */
const [POINT_TIME, MOST_TIME] = [0.03, 1.6];

/**
 * A drawing as large as its place allows, by its own bounds; nothing where it has no points.
 *
 * @param props.label What it shows; without one it is passed over by those who do not see it.
 * @param props.moving The colour whose strokes are drawn one after another; those who prefer no motion see them at once.
 */
export function Sketch({ layers, label, moving }: {
  readonly layers: readonly SketchLayer[];
  readonly label?: string | undefined;
  readonly moving?: DrawnStroke["by"] | undefined;
}): JSX.Element {
  const placed = layers.flatMap(({ drawing, by }) =>
    drawing.filter(([xs]) => xs.length > 0).map((stroke) => ({ stroke, by }))
  );
  const place = placed.length === 0 ? undefined : placeOf(placed.map(({ stroke }) => stroke));
  const points = placed.reduce((sum, { stroke: [xs], by }) => by === moving ? sum + xs.length : sum, 0);
  const second = Math.min(POINT_TIME, MOST_TIME / Math.max(1, points));
  let at = 0;
  return (
    <svg
      class="sketch"
      viewBox={`0 0 ${SIDE} ${SIDE}`}
      {...label === undefined ? { "aria-hidden": "true" } : { role: "img", "aria-label": label }}
    >
      {place && placed.map(({ stroke, by }, i) => {
        const path = <path key={i} class={`by-${by}`} d={pathOf(stroke, place)} />;
        if (by !== moving) return path;
        const times = { animationDelay: `${at * second}s`, animationDuration: `${stroke[0].length * second}s` };
        at += stroke[0].length;
        return <path key={i} class={`by-${by} is-moving`} d={pathOf(stroke, place)} pathLength={1} style={times} />;
      })}
    </svg>
  );
}

/** From the units of a drawing to those of the picture. */
type Place = (x: number, y: number) => string;

function placeOf(drawing: Drawing): Place {
  const { minX, minY, maxX, maxY } = boundsOf(drawing);
  const scale = (SIDE - 2 * MARGIN) / (Math.max(maxX - minX, maxY - minY) || 1);
  const along = (value: number, middle: number) => Math.round(10 * (SIDE / 2 + scale * (value - middle))) / 10;
  return (x, y) => `${along(x, (minX + maxX) / 2)} ${along(y, (minY + maxY) / 2)}`;
}

function pathOf([xs, ys]: Polyline, place: Place): string {
  const points = Array.from({ length: xs.length }, (_, i) => place(xs[i], ys[i]));
  return `M${points.join("L")}${points.length === 1 ? "h.01" : ""}`;
}

/** Strokes of the canvas as layers of a small drawing. */
export function layersOf(strokes: readonly DrawnStroke[]): SketchLayer[] {
  return strokes.map(({ xs, ys, by }) => ({ drawing: [[xs, ys]], by }));
}
