/**
 * Runs side by side on the terminal.
 *
 * @module
 */
import { grouped } from "../../../pipelines/base/text.ts";
import { formatTable } from "../../cli/table.ts";
import { visibleName } from "../../cli/terminal.ts";
import { cut, cutStart } from "../../cli/text.ts";
import type { Comparison } from "./comparison.ts";
import { type ComparedPair, HOLM_NOTE, PAIRS_NOTE, pointsBetween, probabilityText, verdictOn } from "./pairs.ts";

/** Letters of a value, and of a path, of which the end is kept. */
const MOST = 36;

/**
 * Runs side by side as text: as many in a table as fit beside each other, the others in further ones.
 *
 * @param width Letters in a line; as many as it takes when left out.
 */
export function formatComparison(comparison: Comparison, width = Infinity): string {
  const { runs, facts, same, options, figures, pairs, notes } = comparison;
  const blocks = [facts, options, figures].filter((rows) => rows.length > 0);
  const names = runs.map(({ name }) => shown(name));
  const tables = columnsThatFit([names, ...blocks.flat().map(({ cells }) => cells.map(shown))], {
    left: Math.max(...blocks.flat().map(({ name }) => [...shown(name)].length)),
    width,
  }).map((columns) => {
    const of = (cells: readonly string[]) => columns.map((column) => shown(cells[column]));
    const rows = blocks.flatMap((block): string[][] => [
      ["", ...columns.map(() => "")],
      ...block.map(({ name, cells }) => [shown(name), ...of(cells)]),
    ]);
    return formatTable([["", ...of(names)], ...rows]);
  });
  return [
    ...tables.map((table) => table.trimEnd()),
    ...(same.length > 0
      ? [["in all", ...same.map(([name, value]) => visibleName(`  ${name} ${value}`))].join("\n")]
      : []),
    ...(pairs.length > 0 ? [pairLines(pairs)] : []),
    ...(notes.length > 0 ? [notes.map((note) => visibleName(`note  ${note}`)).join("\n")] : []),
  ].join("\n\n");
}

function shown(text: string): string {
  const whole = visibleName(text);
  return whole.includes("/") ? cutStart(whole, MOST) : cut(whole, MOST);
}

/** Which columns stand in which table, each of which has one at least. */
function columnsThatFit(
  rows: readonly (readonly string[])[],
  { left, width }: { readonly left: number; readonly width: number },
): number[][] {
  const tables: number[][] = [];
  let used = left;
  for (const column of rows[0].keys()) {
    const wide = 2 + Math.max(...rows.map((cells) => cells[column].length));
    if (tables.length === 0 || used > left && used + wide > width) {
      tables.push([]);
      used = left;
    }
    tables.at(-1)!.push(column);
    used += wide;
  }
  return tables;
}

function pairLines(pairs: readonly ComparedPair[]): string {
  const rows = pairs.map(({ names, counts, corrected }) => [
    ...names.map(shown),
    ...[counts.both, counts.first, counts.second, counts.neither].map(grouped),
    pointsBetween(counts).toFixed(2),
    probabilityText(corrected),
  ]);
  const heads = ["A", "B", "both right", "only A", "only B", "neither", "A - B, points", "p"];
  return [
    formatTable([heads, ...rows], 2),
    ...pairs.map(verdictOn).map((text) => visibleName(text)),
    `${PAIRS_NOTE}${pairs.length > 1 ? ` ${HOLM_NOTE}` : ""}`,
  ].join("\n");
}
