/**
 * A titled part of a measured table: for the terminal, as Markdown and in a page.
 *
 * @module
 */
import { formatTable } from "../cli/table.ts";
import { type Html, html } from "../report/html.ts";

/** A part: a title, sentences, and rows whose first is the head and whose first cells are names. */
export interface Part {
  readonly title: string;
  readonly notes: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** The lines of a part on the terminal. */
export function partToText({ title, notes, rows }: Part): string[] {
  return ["", title, ...notes, "", formatTable(rows, 1)];
}

/** The lines of a part in Markdown. */
export function partToMarkdown({ title, notes, rows: [head, ...rows] }: Part): string[] {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [
    ...["", `## ${title}`, "", ...notes, "", line(head)],
    ...[line(head.map((_, i) => i === 0 ? "---" : "---:")), ...rows.map(line)],
  ];
}

/** A part as a section of a page. */
export function partToHtml({ title, notes, rows: [head, ...rows] }: Part): Html {
  return html`
    <section
      class="long"><h2>${title}</h2>${notes.map((note) =>
        html`<p class="note">${note}</p>`
      )}<div class="scroll"><table><tr>${head.map((cell, i) =>
        i === 0 ? html`<th>${cell}</th>` : html`<th class="number">${cell}</th>`
      )}</tr>${rows.map((cells) =>
        html`<tr>${
          cells.map((cell, i) => i === 0 ? html`<td>${cell}</td>` : html`<td class="number">${cell}</td>`)
        }</tr>`
      )}</table></div></section>
  `;
}
