/**
 * Sheets of drawings as SVG (https://www.w3.org/TR/SVG2/), still or moving by SVG's own animation, without a script.
 * Browser safe.
 *
 * @module
 */
import { escapeXml } from "../base/text.ts";
import { strokeColour } from "../images/contact_sheet.ts";
import { penOf, piecesOf, type PlacedCell, type PlacedSheet, type PlacedStroke } from "./stroke_sheet.ts";

/** The colours of a sheet, as CSS has them. */
export interface SheetColours {
  /** Of cells; they are clear when left out. */
  readonly paper?: string;
  /** Around cells; clear when left out. */
  readonly gap?: string;
  /** Of captions. */
  readonly letters: string;
  /** Of strokes that were given. */
  readonly given: string;
  /** Of strokes that were drawn, by when, 0 to 1. */
  drawn(moment: number): string;
}

/** Those of painted sheets. */
const ON_PAPER: SheetColours = {
  ...{ paper: "#fff", gap: "#ececec", letters: "#3c3c3c", given: "#6e737d" },
  drawn: (moment) => `#${strokeColour(moment).map((value) => value.toString(16).padStart(2, "0")).join("")}`,
};

/** How {@linkcode sheetToSvg} draws. */
export interface SheetSvgOptions {
  /** As painted sheets have them when left out. */
  readonly colours?: SheetColours;
  /** Whether the strokes are drawn one after another, again and again; all are there when left out. */
  readonly moving?: boolean;
  /** Further attributes of the picture's element, such as a class; escaped by the caller. */
  readonly attributes?: string;
}

/** Seconds in which the longest drawing is drawn, and in which all stay. */
const [DRAWN, RESTING] = [4, 2];

/**
 * Writes a sheet as SVG: a path a stroke.
 *
 * @returns The file's text.
 *
 * @example
 * ```ts
 * import { placeSheet, sheetToSvg } from "@strokewise/strokewise/pipelines";
 * import { assertStringIncludes } from "@std/assert";
 *
 * const sheet = placeSheet([{ drawn: [[[0, 9], [5, 5]]], caption: "a < b" }], { columns: 1, side: 100 });
 * const svg = sheetToSvg(sheet);
 * assertStringIncludes(svg, '<path d="M7 50L93 50" stroke="#0d0887"/>');
 * assertStringIncludes(svg, ">a &lt; b</text>");
 * ```
 */
export function sheetToSvg(
  sheet: PlacedSheet,
  { colours = ON_PAPER, moving = false, attributes = "" }: SheetSvgOptions = {},
): string {
  const { width, height, side, cells } = sheet;
  const longest = Math.max(1, ...cells.flatMap(({ strokes }) => strokes.reduce((sum, s) => sum + drawnOf(s), 0)));
  const timing = moving ? longest : undefined;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" fill="none" stroke-width="${
      rounded(penOf(side))
    }" stroke-linecap="round" stroke-linejoin="round"${attributes === "" ? "" : ` ${attributes}`}>`,
    ...(colours.gap === undefined ? [] : [`<path d="M0 0H${width}V${height}H0Z" fill="${colours.gap}"/>`]),
    ...cells.map((cell) => cellOf(cell, { side, colours, timing })),
    "</svg>\n",
  ].join("\n");
}

interface CellStyle {
  readonly side: number;
  readonly colours: SheetColours;
  /** The pieces of the longest drawing, where strokes move. */
  readonly timing: number | undefined;
}

const drawnOf = (stroke: PlacedStroke): number => stroke.moment === undefined ? 0 : piecesOf(stroke);

function cellOf({ x, y, strokes, caption }: PlacedCell, { side, colours, timing }: CellStyle): string {
  let at = 0;
  const paths = strokes.map((stroke) => {
    const { moment } = stroke;
    const colour = moment === undefined ? colours.given : colours.drawn(moment);
    const path = `<path d="${pathOf(stroke)}" stroke="${colour}"`;
    const from = at;
    at += drawnOf(stroke);
    return timing === undefined || moment === undefined
      ? `${path}/>`
      : `${path} pathLength="1" stroke-dasharray="1 2">${motion([from / timing, at / timing])}</path>`;
  });
  return [
    `<g transform="translate(${x} ${y})">`,
    ...(colours.paper === undefined ? [] : [`<path d="M0 0H${side}V${side}H0Z" fill="${colours.paper}"/>`]),
    ...paths,
    ...(caption === "" ? [] : [
      `<text y="${side + 9}" font-family="sans-serif" font-size="9" fill="${colours.letters}">${
        escapeXml(caption)
      }</text>`,
    ]),
    "</g>",
  ].join("\n");
}

/** A stroke that appears between two shares of the time in which drawings are drawn, and stays. */
function motion(shares: readonly [from: number, to: number]): string {
  const [from, to] = shares.map((share) => (share * DRAWN / (DRAWN + RESTING)).toFixed(4));
  return '<animate attributeName="stroke-dashoffset" values="1.01;1.01;0;0" keyTimes="0;' +
    `${from};${to};1" dur="${DRAWN + RESTING}s" repeatCount="indefinite"/>`;
}

function pathOf({ xs, ys }: PlacedStroke): string {
  const points = xs.map((x, i) => `${rounded(x)} ${rounded(ys[i])}`);
  return `M${points.join("L")}${points.length === 1 ? "h.01" : ""}`;
}

/** A tenth of a pixel is fine enough. */
function rounded(value: number): number {
  return Math.round(10 * value) / 10;
}
