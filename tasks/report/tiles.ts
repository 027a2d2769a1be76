/**
 * Numbers on top of a page.
 *
 * @module
 */
import type { Tile } from "./ability_report.ts";
import { type Html, html, NOTHING } from "./html.ts";

/** Numbers in a row, each with its name and what it means. */
export function tileList(tiles: readonly Tile[]): Html {
  if (tiles.length === 0) return NOTHING;
  const items = tiles.map(({ name, value, note }) =>
    html`
      <div>
        <dt>${name}</dt>
        <dd>${value}</dd>
        <dd>${note}</dd>
      </div>
    `
  );
  return html`<dl class="tiles">${items}</dl>`;
}
