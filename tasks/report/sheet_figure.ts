/**
 * A sheet of drawings as a figure of a page, in the page's own colours.
 *
 * @module
 */
import { type SheetColours, sheetToSvg } from "../../pipelines/render/sheet_svg.ts";
import { placeSheet, type SheetCell } from "../../pipelines/render/stroke_sheet.ts";
import { escapeHtml } from "../cli/text.ts";
import { type Html, html, trusted } from "./html.ts";

const PAGE_COLOURS: SheetColours = {
  ...{ paper: "var(--page)", letters: "var(--muted)", given: "var(--text)" },
  drawn: () => "var(--accent)",
};

/** Drawings in rows, what was given in the colour of text; `label` says what they are to those who do not see them. */
export function sheetFigure(
  cells: readonly SheetCell[],
  { columns, label }: { readonly columns: number; readonly label: string },
): Html {
  const attributes = `role="img" aria-label="${escapeHtml(label)}"`;
  const svg = sheetToSvg(placeSheet(cells, { columns, side: 80 }), { colours: PAGE_COLOURS, attributes });
  return html`<figure>${trusted(svg)}</figure>`; // numbers, the colours above, and captions that it escapes
}
