/**
 * The plane of latents as a picture: a dot a drawing, coloured by its class, each class's name in the middle of its dots.
 *
 * @module
 */
import { percent } from "../../pipelines/base/text.ts";
import { type Html, html } from "./html.ts";

/** What is shown. */
export interface PlaneInput {
  /** Where drawings lie, [N, 2]; N 1 or more. */
  readonly places: ArrayLike<number>;
  /** The class of each, [N]. */
  readonly labels: ArrayLike<number>;
  /** The names of the classes. */
  readonly classes: readonly string[];
  /** The share of all variance along each axis, 0 to 1. */
  readonly shares: readonly [number, number];
}

const [WIDTH, HEIGHT, MARGIN] = [460, 400, 26];
/** The room of a letter. */
const LETTER = { width: 7, height: 14 };

/**
 * Draws the plane; both axes have one scale.
 *
 * @returns An `<svg>` element.
 *
 * @example
 * ```ts
 * import { latentPlane } from "./latent_plane.ts";
 * import { assertStringIncludes } from "@std/assert";
 *
 * const plane = { places: [-1, 0, 1, 0], labels: [0, 1], classes: ["cat", "dog"], shares: [1, 0] } as const;
 * assertStringIncludes(String(latentPlane(plane)), ">dog</text>");
 * ```
 */
export function latentPlane({ places, labels, classes, shares }: PlaneInput): Html {
  const xs = Array.from({ length: labels.length }, (_, n) => places[2 * n]);
  const ys = Array.from({ length: labels.length }, (_, n) => places[2 * n + 1]);
  const ranges = [xs, ys].map((values) => ({
    least: values.reduce((a, b) => Math.min(a, b)),
    most: values.reduce((a, b) => Math.max(a, b)),
  }));
  const [across, down] = ranges.map(({ least, most }) => most - least);
  const scale = Math.min((WIDTH - 2 * MARGIN) / (across || 1), (HEIGHT - 2 * MARGIN) / (down || 1));
  const placed = (x: number, y: number): readonly [number, number] => [
    rounded(WIDTH / 2 + scale * (x - (ranges[0].least + ranges[0].most) / 2)),
    rounded(HEIGHT / 2 - scale * (y - (ranges[1].least + ranges[1].most) / 2)),
  ];
  const present = [...new Set(Array.from(labels))].sort((a, b) => a - b);
  const dots = present.map((label, i) => {
    const path = xs.map((x, n) => labels[n] === label ? `M${placed(x, ys[n]).join(" ")}h0` : "").join("");
    return html`
      <path d="${path}" stroke="${hueOf(i, present.length)}" />
    `;
  });
  const names: Html[] = [];
  const taken: { readonly left: number; readonly top: number; readonly letters: number }[] = [];
  for (const label of present.length === 1 ? [] : present) {
    const own = xs.flatMap((x, n) => labels[n] === label ? [[x, ys[n]]] : []);
    const [x, y] = [0, 1].map((axis) => own.reduce((sum, place) => sum + place[axis], 0) / own.length);
    const [left, top] = placed(x, y);
    // Where classes lie upon one another the key above must do.
    const { length: letters } = classes[label];
    const isClose = (other: typeof taken[number]) =>
      Math.abs(other.left - left) < LETTER.width * (other.letters + letters) / 2 &&
      Math.abs(other.top - top) < LETTER.height;
    if (taken.some(isClose)) continue;
    taken.push({ left, top, letters });
    names.push(html`<text class="name" x="${left}" y="${top + 4}" text-anchor="middle">${classes[label]}</text>`);
  }
  return html`
    <svg xmlns="http://www.w3.org/2000/svg" class="plane" role="img" aria-label="The plane of latents"
      viewBox="0 0 ${WIDTH} ${HEIGHT}">
    <g fill="none" stroke-width="5" stroke-linecap="round" stroke-opacity="0.7">${dots}</g>
    ${names}
    <text class="axis" x="${WIDTH / 2}" y="${HEIGHT - 6}" text-anchor="middle">first axis, ${percent(
      shares[0],
      0,
    )} of the variance</text>
    <text class="axis" transform="translate(12 ${HEIGHT / 2}) rotate(-90)" text-anchor="middle">second axis, ${percent(
      shares[1],
      0,
    )}</text>
    </svg>
  `;
}

/** The colour of each class that there is, in words and dots. */
export function planeKey({ labels, classes }: Pick<PlaneInput, "labels" | "classes">): Html {
  const present = [...new Set(Array.from(labels))].sort((a, b) => a - b);
  const keys = present.map((label, i) =>
    html`<i class="dot" style="background:${hueOf(i, present.length)}"></i>${classes[label]}`
  );
  return html`<span class="key wrap">${keys}</span>`;
}

/** Colours that can be told apart on light and on dark, evenly around the circle of hues. */
function hueOf(place: number, count: number): string {
  return `oklch(0.66 0.16 ${Math.round(25 + 360 * place / count) % 360})`;
}

function rounded(value: number): number {
  return Math.round(10 * value) / 10;
}
