/**
 * Theirs beside ours: the table of a reproduction for the terminal, as Markdown and as a page that stands alone.
 *
 * @module
 */
import type { Evaluation } from "../evaluation/classification.ts";
import { REPORT_STYLE } from "../report/report_style.ts";
import { escapeHtml, grouped, percent } from "../cli/text.ts";
import { type Figure, labelOf, type ReproduceRow, type ReproduceTable } from "./table.ts";
import { formatTable } from "../cli/table.ts";

/** What a finished row has. */
export interface RowResult {
  readonly evaluation: Evaluation;
  /** A picture of samples, PNG. */
  readonly samples: Uint8Array;
}

/** A reproduction as far as it has come. */
export interface Reproduction {
  readonly table: ReproduceTable;
  /** Training steps of each row of ours. */
  readonly budget: number;
  /** What was trained on, in words. */
  readonly data: string;
  /** By the rows' names; rows that are not finished are missing. */
  readonly results: ReadonlyMap<string, RowResult>;
}

const NONE = "-";

const PAGE_STYLE = `.gallery { display: grid; grid-template-columns: repeat(auto-fill, minmax(270px, 1fr)); gap: 22px; }
.gallery figure { display: flex; flex-direction: column; justify-content: flex-end; }
a { color: var(--accent); } td > a { white-space: nowrap; } td.ours { font-weight: 600; } td.group, th.group { padding-left: 20px; }
th.group[colspan] { text-align: center; }
`;

interface Cells {
  /** The two lines of the heading, the first over the second. */
  readonly heads: readonly (readonly string[])[];
  readonly rows: readonly (readonly string[])[];
}

function show(value: number | undefined, { digits }: Figure): string {
  if (value === undefined) return NONE;
  if (digits === undefined) return percent(value);
  return value.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

function cellsOf({ table, budget, results }: Reproduction): Cells {
  const { heads, figures, rows } = table;
  const above = figures.flatMap(({ name, reported }) => reported ? [name, ""] : [name]);
  const below = figures.flatMap(({ reported }) => reported ? ["theirs", "ours"] : ["ours"]);
  const row = ({ name, cells, theirs }: ReproduceRow): string[] => {
    const found = results.get(name);
    const numbers = figures.flatMap((figure, i) => {
      const ours = show(found && figure.ours(found.evaluation), figure);
      return figure.reported ? [show(theirs[i], figure), ours] : [ours];
    });
    return [...cells, grouped(table.steps), found ? grouped(budget) : NONE, ...numbers];
  };
  return {
    heads: [[...heads.map(() => ""), "steps", "", ...above], [...heads, "theirs", "ours", ...below]],
    rows: rows.map(row),
  };
}

/** What must be known before a number is compared. */
function cautions({ table, budget, data, results }: Reproduction): string[] {
  const missing = table.rows.length - results.size;
  return [
    budget < table.steps
      ? `A look, not a reproduction: ${grouped(budget)} steps a row here, ${grouped(table.steps)} in the report.`
      : `${grouped(budget)} steps a row here, ${grouped(table.steps)} in the report.`,
    data,
    ...(missing > 0 ? [`${missing} of ${table.rows.length} rows are not finished.`] : []),
  ];
}

/** The table for the terminal. */
export function formatReproduction(reproduction: Reproduction): string {
  const { heads, rows } = cellsOf(reproduction);
  const { title, source, reads, heads: { length: left } } = reproduction.table;
  return [title, source, reads, "", formatTable([...heads, ...rows], left), "", ...cautions(reproduction)].join("\n");
}

/** The table as Markdown. */
export function reproductionMarkdown(reproduction: Reproduction): string {
  const { table } = reproduction;
  const { heads: [above, below], rows } = cellsOf(reproduction);
  let group = "";
  const names = below.map((name, i) => {
    group = above[i] || (i < table.heads.length ? "" : group);
    return group === "" ? name : `${group}, ${name}`;
  });
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  const rule = below.map((_, i) => i < table.heads.length ? "---" : "---:");
  return [
    ...[`# ${table.title}`, "", `${table.source}, beside ours. ${table.reads}`, ""],
    ...cautions(reproduction).flatMap((text) => [text, ""]),
    ...[line(names), line(rule), ...rows.map(line), ""],
    ...table.notes.map((note) => `- ${note}`),
    "",
  ].join("\n");
}

/** The table as a page, with samples of each row. */
export function reproductionPage(reproduction: Reproduction): string {
  const { table, results } = reproduction;
  const { rows } = cellsOf(reproduction);
  const left = table.heads.length;
  const groups = [{ name: "steps", reported: true }, ...table.figures];
  const spans = groups.map(({ name, reported }) =>
    `<th class="number group"${reported ? ' colspan="2"' : ""}>${escapeHtml(name)}</th>`
  );
  const ofGroups = groups.flatMap(({ reported }) => reported ? ["theirs", "ours"] : ["only ours"]);
  const kinds = ofGroups.map((name) =>
    name === "ours" ? "number ours" : name === "theirs" ? "number group" : "number group ours"
  );
  const below = [
    ...table.heads.map((name) => `<th>${escapeHtml(name)}</th>`),
    ...ofGroups.map((name, i) => `<th class="${kinds[i]}">${name.replace("only ", "")}</th>`),
  ].join("");
  const body = rows.map((cells, i) => {
    const { name } = table.rows[i];
    return `<tr>${
      cells.map((cell, column) => {
        const text = escapeHtml(cell);
        const linked = column === 0 && results.has(name)
          ? `<a href="${encodeURI(name)}/report.html">${text}</a>`
          : text;
        return column < left ? `<td>${linked}</td>` : `<td class="${kinds[column - left]}">${text}</td>`;
      }).join("")
    }</tr>`;
  }).join("");
  const pictures = table.rows.filter(({ name }) => results.has(name)).map((row) => {
    const title = escapeHtml(labelOf(table, row));
    const url = `data:image/png;base64,${results.get(row.name)!.samples.toBase64()}`;
    return `<figure><h3>${title}</h3><img class="canvas" src="${url}" alt="samples of ${title}"></figure>`;
  }).join("");
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(table.title)} - theirs and ours</title>
<style>${REPORT_STYLE}${PAGE_STYLE}</style>
</head>
<body><main>
<h1>${escapeHtml(table.title)}</h1>
<p class="muted">${escapeHtml(table.source)}, beside ours.<br>${escapeHtml(table.reads)}</p>
<section class="long"><h2>Theirs and ours</h2>${
    cautions(reproduction).map((text) => `<p>${escapeHtml(text)}</p>`).join("")
  }
<div class="scroll"><table><tr><th colspan="${left}"></th>${
    spans.join("")
  }</tr><tr>${below}</tr>${body}</table></div></section>
${
    pictures === ""
      ? ""
      : `<section class="long"><h2>Samples of ours</h2><p class="note">Drawn from random latents alone; the same latents ` +
        `in each row, as far as they are of one size.</p><div class="gallery">${pictures}</div></section>`
  }
<section class="long"><h2>Notes</h2><ul>${
    table.notes.map((note) => `<li>${escapeHtml(note)}</li>`).join("")
  }</ul></section>
</main></body>
</html>
`;
}
