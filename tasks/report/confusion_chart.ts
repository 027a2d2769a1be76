/**
 * The confusion matrix as a picture: true classes down, predicted classes across, each row coloured by its shares.
 *
 * @module
 */
import { encodePng } from "../../pipelines/images/png.ts";
import type { Classification } from "../evaluation/classification_tally.ts";
import { grouped, percent } from "../../pipelines/base/text.ts";
import { type Html, html, NOTHING, pngUrl } from "./html.ts";

/** Above so many classes the matrix is drawn without names. */
export const MOST_NAMED = 40;
/** Above so many classes the cells are too small for their counts. */
const MOST_COUNTED = 20;
const LONGEST_NAME = 18;

/** Right answers and mistakes in the picture without names; they match --accent and --valid of the page. */
const RIGHT = [31, 111, 180];
const WRONG = [214, 90, 22];

/**
 * Draws the matrix: up to {@linkcode MOST_NAMED} classes with names (and counts up to twenty), more as plain pixels.
 *
 * @param classification Its classes and confusion matrix.
 * @returns An `<svg>` or `<img>` element that asks the network for nothing.
 *
 * @example
 * ```ts
 * import { confusionChart } from "./confusion_chart.ts";
 * import { assertStringIncludes } from "@std/assert";
 *
 * const svg = confusionChart({ classes: ["cat", "dog"], confusion: [[3, 1], [0, 4]] });
 * assertStringIncludes(String(svg), "<title>cat taken for dog: 1 of 4 (25.0 %)</title>");
 * ```
 */
export function confusionChart(classification: Pick<Classification, "classes" | "confusion">): Html {
  return classification.classes.length > MOST_NAMED ? pixelMatrix(classification) : namedMatrix(classification);
}

/** How strongly a share is coloured: its square root, so that rare mistakes show too. */
function strength(count: number, support: number): number {
  return count === 0 ? 0 : Math.max(0.06, Math.sqrt(count / support));
}

function namedMatrix({ classes, confusion }: Pick<Classification, "classes" | "confusion">): Html {
  const counted = classes.length <= MOST_COUNTED;
  const cell = counted ? 34 : 17;
  const names = classes.map((name) => name.length > LONGEST_NAME ? `${name.slice(0, LONGEST_NAME - 1)}…` : name);
  const longest = Math.max(...names.map((name) => [...name].length));
  const left = 24 + 6.4 * longest;
  const top = 32 + 4.8 * longest; // the names stand at 45 degrees
  const side = classes.length * cell;
  const [width, height] = [left + side + 5 * longest, top + side + 4].map(Math.ceil);
  const parts = [
    html`<text class="axis" x="${left + side / 2}" y="12" text-anchor="middle">predicted</text>`,
    html`<text class="axis" transform="translate(12 ${top + side / 2}) rotate(-90)" text-anchor="middle">true</text>`,
    html`
      <rect class="frame" x="${left}" y="${top}" width="${side}" height="${side}" />
    `,
  ];
  confusion.forEach((row, i) => {
    const support = row.reduce((sum, count) => sum + count, 0);
    const y = top + i * cell;
    const x = left + i * cell + cell / 2;
    parts.push(
      html`<text x="${left - 6}" y="${y + cell / 2 + 4}" text-anchor="end">${names[i]}</text>`,
      html`<text transform="translate(${x} ${top - 6}) rotate(-45)">${names[i]}</text>`,
    );
    row.forEach((count, j) => {
      if (count === 0) return;
      const kind = i === j ? "right" : "wrong";
      const shade = strength(count, support);
      const ink = shade < 0.6 ? "" : kind === "right" && shade > 0.9 ? "on" : "half";
      const title = i === j
        ? `${classes[i]} recognised: ${count} of ${support} (${percent(count / support)})`
        : `${classes[i]} taken for ${classes[j]}: ${count} of ${support} (${percent(count / support)})`;
      parts.push(
        html`<g><title>${title}</title><rect class="${kind}" x="${left + j * cell + 0.5}" y="${y + 0.5}" width="${
          cell - 1
        }" height="${cell - 1}" fill-opacity="${shade.toFixed(2)}"/>${
          counted ? countText(count, { x: left + j * cell + cell / 2, y: y + cell / 2 + 4, ink }) : NOTHING
        }</g>`,
      );
    });
  });
  return html`
    <svg xmlns="http://www.w3.org/2000/svg" class="matrix" role="img" aria-label="Confusion matrix"
      viewBox="0 0 ${width} ${height}" style="min-width:${Math.min(width, 640)}px;max-width:${width}px">${parts}</svg>
  `;
}

function countText(count: number, { x, y, ink }: { x: number; y: number; ink: string }): Html {
  const short = count < 10_000 ? String(count) : `${Math.round(count / 1000)}k`;
  return html`<text class="count ${ink}" x="${x}" y="${y}" text-anchor="middle">${short}</text>`;
}

/** One class a pixel, or more where there are few; blue on white where right, orange where wrong. */
function pixelMatrix({ classes, confusion }: Pick<Classification, "classes" | "confusion">): Html {
  const scale = Math.max(1, Math.floor(700 / classes.length));
  const side = classes.length * scale;
  const data = new Uint8Array(3 * side * side).fill(255);
  confusion.forEach((row, i) => {
    const support = row.reduce((sum, count) => sum + count, 0);
    row.forEach((count, j) => {
      if (count === 0) return;
      const shade = strength(count, support);
      const colour = (i === j ? RIGHT : WRONG).map((value) => Math.round(255 + shade * (value - 255)));
      for (let y = i * scale; y < (i + 1) * scale; y++) {
        for (let x = j * scale; x < (j + 1) * scale; x++) data.set(colour, 3 * (y * side + x));
      }
    });
  });
  const url = pngUrl(encodePng({ width: side, height: side, data }));
  return html`
    <img class="matrix" width="${side}" height="${side}" src="${url}"
      alt="Confusion matrix of ${grouped(classes.length)} classes, true down, predicted across">
  `;
}
