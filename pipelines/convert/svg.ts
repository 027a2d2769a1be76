/**
 * A drawing as an SVG picture (https://www.w3.org/TR/SVG2/). Browser safe.
 *
 * @module
 */
import { escapeXml } from "../base/text.ts";
import type { Drawing, Polyline } from "../strokes/stroke.ts";

/** How {@linkcode drawingToSvg} draws. */
export interface SvgOptions {
  /** The picture's title, such as the drawing's class; none when left out. */
  readonly title?: string;
  /** The pen's width in units of the grid, above 0; 4 when left out. */
  readonly lineWidth?: number;
}

/**
 * Writes a drawing as SVG: a path a stroke, in order, black with round caps and joins; the grid is the view box.
 *
 * @param drawing Coordinates 0 to 255. A stroke of one point is a dot.
 * @returns The file's text.
 *
 * @example
 * ```ts
 * import { drawingToSvg } from "@strokewise/strokewise/pipelines";
 * import { assertStringIncludes } from "@std/assert";
 *
 * const svg = drawingToSvg([[[0, 255, 9], [9, 7, 0]], [[5], [6]]], { title: "cut & paste" });
 * assertStringIncludes(svg, '<path d="M0 9L255 7L9 0"/>\n<path d="M5 6L5 6"/>');
 * assertStringIncludes(svg, "<title>cut &amp; paste</title>");
 * ```
 */
export function drawingToSvg(drawing: Drawing, { title, lineWidth = 4 }: SvgOptions = {}): string {
  return [
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 255 255" fill="none" stroke="black" ' +
    `stroke-width="${lineWidth}" stroke-linecap="round" stroke-linejoin="round" overflow="visible">`,
    ...(title === undefined ? [] : [`<title>${escapeXml(title)}</title>`]),
    ...drawing.filter(([xs]) => xs.length > 0).map((stroke) => `<path d="${pathOf(stroke)}"/>`),
    "</svg>\n",
  ].join("\n");
}

function pathOf([xs, ys]: Polyline): string {
  const points = Array.from({ length: xs.length }, (_, i) => `${xs[i]} ${ys[i]}`);
  return `M${points.join("L")}${points.length === 1 ? `L${points[0]}` : ""}`;
}
