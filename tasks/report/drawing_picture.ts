/**
 * A picture of an example as a model saw it.
 *
 * @module
 */
import { paintDrawing, type SheetDrawing, strokeColour } from "../../pipelines/images/contact_sheet.ts";
import { encodePng } from "../../pipelines/images/png.ts";
import { type Html, html, pngUrl } from "./html.ts";

/**
 * An example, painted.
 *
 * @param name Says which one it is.
 */
export function drawingPicture({ map, caption: _, ...kind }: SheetDrawing, name: string): Html {
  const size = Math.sqrt(map.length / (kind.colour ? 3 : 1));
  const png = encodePng(paintDrawing(map, { size, scale: 1, ...kind }));
  return html`<img src="${pngUrl(png)}" width="128" height="128" alt="${name}" title="${name}">`;
}

/** What the colours of strokes say. */
export function strokeKey(): Html {
  const stops = [0, 0.25, 0.5, 0.75, 1].map((moment) => `rgb(${strokeColour(moment)})`).join();
  const ramp = `background:linear-gradient(90deg,${stops})`;
  return html`<span class="key">first stroke<i style="${ramp}"></i>last</span>`;
}
