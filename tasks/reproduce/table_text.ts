/**
 * Theirs beside ours: the table of a reproduction for the terminal and as Markdown.
 *
 * @module
 */
import { formatTable } from "../cli/table.ts";
import type { Reproduction } from "./reproduction.ts";
import { MAKING_HEADS, makingsOf } from "./row_makings.ts";
import { cautions, cellsOf } from "./table_cells.ts";

/** The table for the terminal. */
export function formatReproduction(reproduction: Reproduction): string {
  const { columns, rows } = cellsOf(reproduction);
  const { title, source, reads, heads } = reproduction.table;
  const above = [...heads.map(() => ""), ...columns.map(({ above }) => above)];
  const below = [...heads, ...columns.map(({ below }) => below)];
  return [title, source, reads, "", formatTable([above, below, ...rows], heads.length), "", ...cautions(reproduction)]
    .join("\n");
}

const markdownLine = (cells: readonly string[]) =>
  `| ${cells.map((cell) => cell.replaceAll("|", "\\|").replaceAll(/\s+/g, " ")).join(" | ")} |`;

/** The table as Markdown. */
export function reproductionMarkdown(reproduction: Reproduction): string {
  const { table } = reproduction;
  const { columns, rows } = cellsOf(reproduction);
  let group = "";
  const names = columns.map(({ above, below, isFirst }) => {
    if (isFirst) group = above;
    return group === "" ? below : `${group}, ${below}`;
  });
  const rule = [...table.heads.map(() => "---"), ...columns.map(() => "---:")];
  return [
    ...[`# ${table.title}`, "", `${table.source}, beside ours. ${table.reads}`, ""],
    ...cautions(reproduction).flatMap((text) => [text.replaceAll(/[<[\]]/g, "\\$&"), ""]),
    ...[markdownLine([...table.heads, ...names]), markdownLine(rule), ...rows.map(markdownLine), ""],
    ...makings(reproduction),
    ...table.notes.map((note) => `- ${note}`),
    "",
  ].join("\n");
}

/** How the rows were made, with links to their reports. */
function makings(reproduction: Reproduction): string[] {
  const found = makingsOf(reproduction);
  if (found.length === 0) return [];
  const rows = found.map(({ label, folder, isDone, cells }) => [
    isDone ? `[${label.replaceAll(/[[\]]/g, "\\$&")}](${encodeURIComponent(folder)}/report.html)` : label,
    ...cells,
  ]);
  return [
    ...["## How the rows were made", ""],
    ...[markdownLine(["row", ...MAKING_HEADS]), markdownLine(["row", ...MAKING_HEADS].map(() => "---"))],
    ...[...rows.map(markdownLine), ""],
  ];
}
