/**
 * Theirs beside ours: the table of a reproduction for the terminal, as Markdown and as a page that stands alone.
 *
 * @module
 */
import type { Evaluation } from "../evaluation/judges.ts";
import { type Html, html, htmlPage, NOTHING, pngUrl } from "../report/html.ts";
import { REPORT_STYLE } from "../report/report_style.ts";
import { grouped, percent } from "../../pipelines/base/text.ts";
import type { Figure } from "./experiment.ts";
import { labelOf, type ReproduceRow, type ReproduceTable, type RowPicture, type RowSteps, rowSteps } from "./table.ts";
import { formatTable } from "../cli/table.ts";

/** What a finished row has. */
export interface RowResult {
  readonly evaluation: Evaluation;
  /** Those of the table's pictures that it has, PNG, by name. */
  readonly pictures: Readonly<Record<string, Uint8Array>>;
}

/** A reproduction as far as it has come. */
export interface Reproduction {
  readonly table: ReproduceTable;
  /** Training steps of each row of ours; of a row that has its own number no more than those. */
  readonly budget: number;
  /** What was trained on, in words. */
  readonly data: string;
  /** Training examples of each row's data, by the rows' names, as far as it was prepared. */
  readonly examples: ReadonlyMap<string, number>;
  /** Examples of the data, PNG, where the table shows them. */
  readonly dataPictures?: readonly Uint8Array[];
  /** What is to be known of the data. */
  readonly remarks?: readonly string[];
  /** By the rows' names; rows that are still to come are missing. */
  readonly results: ReadonlyMap<string, RowResult>;
  /** What the classifier is worth that reads the samples; missing where there is none, or none yet. */
  readonly classifier?: Evaluation;
}

const NONE = "-";

const PAGE_STYLE = `main { max-width: 1240px; }
.gallery { display: grid; grid-template-columns: repeat(auto-fill, minmax(270px, 1fr)); gap: 22px; }
.gallery.wide { grid-template-columns: repeat(auto-fill, minmax(min(560px, 100%), 1fr)); }
.gallery figure { display: flex; flex-direction: column; justify-content: flex-end; }
a { color: var(--accent); } td, th { font-size: 14px; } td.ours { font-weight: 600; } td.unfinished { font-weight: 400; color: var(--muted); } td.group, th.group { padding-left: 10px; }
th.group[colspan="2"] { text-align: center; }
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

/** Whether a row is trained for as long as the report's: until then its numbers are compared with nothing. */
function isFinished(reproduction: Reproduction, row: ReproduceRow): boolean {
  const { taken, whole = Infinity } = stepsIn(reproduction, row);
  return taken >= whole;
}

function stepsIn({ table, budget, examples }: Reproduction, row: ReproduceRow): RowSteps {
  return rowSteps(row, { table, budget, examples: examples.get(row.name) });
}

/** The figures that are shown: not those of ours that no row has, once all are there. */
function figuresOf({ table: { figures, rows }, results }: Reproduction): readonly Figure[] {
  if (results.size < rows.length) return figures;
  const evaluations = [...results.values()].map(({ evaluation }) => evaluation);
  return figures.filter(({ reported, ours }) => reported || evaluations.some((one) => ours(one) !== undefined));
}

function cellsOf(reproduction: Reproduction): Cells {
  const { table: { heads, rows }, results } = reproduction;
  const figures = figuresOf(reproduction);
  const above = figures.flatMap(({ name, reported }) => reported ? [name, ""] : [name]);
  const below = figures.flatMap(({ reported }) => reported ? ["theirs", "ours"] : ["ours"]);
  const cellsOfRow = (row: ReproduceRow): string[] => {
    const { name, cells, theirs } = row;
    const found = results.get(name);
    const ofOurs = (text: string) => isFinished(reproduction, row) || text === NONE ? text : `(${text})`;
    const numbers = figures.flatMap((figure, i) => {
      const ours = ofOurs(show(found && figure.ours(found.evaluation), figure));
      return figure.reported ? [show(theirs?.[i], figure), ours] : [ours];
    });
    const { taken, whole } = stepsIn(reproduction, row);
    const steps = theirs === undefined || whole === undefined ? NONE : grouped(whole);
    return [...cells, steps, found ? grouped(taken) : NONE, ...numbers];
  };
  return {
    heads: [[...heads.map(() => ""), "steps", "", ...above], [...heads, "theirs", "ours", ...below]],
    rows: rows.map(cellsOfRow),
  };
}

/** What must be known before a number is compared. */
function cautions(reproduction: Reproduction): string[] {
  const { table: { rows }, data, results, remarks = [] } = reproduction;
  const missing = rows.length - results.size;
  const better = (["lower", "higher"] as const).flatMap((way) => {
    const names = figuresOf(reproduction).filter(({ better }) => better === way).map(({ name }) => name);
    return names.length === 0 ? [] : [`${way} is better: ${names.join(", ")}`];
  }).join("; ");
  const ways = `${better.charAt(0).toUpperCase()}${better.slice(1)}.`;
  return [
    rows.every((row) => isFinished(reproduction, row))
      ? `${stepsInWords(reproduction)}${better === "" ? "" : ` ${ways}`}`
      : `UNFINISHED: ${stepsInWords(reproduction)} Numbers of such rows stand in parentheses and are to be compared ` +
        "with nothing, neither with the report's nor with each other.",
    ...comparisons(reproduction),
    data,
    ...remarks,
    ...(missing > 0 ? [`${missing} of ${rows.length} rows ${missing === 1 ? "is" : "are"} still to come.`] : []),
  ];
}

/** How long rows were trained, here and in the report, in a sentence. */
function stepsInWords(reproduction: Reproduction): string {
  const { budget, table: { rows, steps } } = reproduction;
  const isUnfinished = !rows.every((row) => isFinished(reproduction, row));
  if (steps === "epochs" || rows.some((row) => row.steps !== undefined)) {
    return isUnfinished
      ? `${grouped(budget)} steps a row at most, some of which need more.`
      : "Each row is trained for as many steps as in the report, or as it says.";
  }
  return isUnfinished
    ? `${grouped(budget)} of the report's ${grouped(steps)} steps a row.`
    : `${grouped(budget)} steps a row here, ${grouped(steps)} in the report.`;
}

/** What worthless and perfect models would have of the same data: the same for all rows. */
function comparisons(reproduction: Reproduction): string[] {
  const { results, classifier } = reproduction;
  return figuresOf(reproduction).flatMap(({ worth }) => {
    const found = [...results.values()].map(({ evaluation }) => worth?.(evaluation, classifier));
    return found.find((sentence) => sentence !== undefined) ?? [];
  });
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
  const { table, classifier, dataPictures = [] } = reproduction;
  const body = html`
    <h1>${table.title}</h1>
    <p class="muted">${table.source}, beside ours.<br>${table.reads}</p>
    <section class="long">
      <h2>Theirs and ours</h2>
      ${cautions(reproduction).map((text) => html`<p>${text}</p>`)}
      ${classifier
        ? html`<p><a href="${encodeURIComponent(table.classifier!.name)}/report.html">The classifier</a></p>`
        : NOTHING}
      <div class="scroll">${numbersTable(reproduction)}</div>
    </section>
    ${dataPictures.length === 0 ? NOTHING : dataSection(dataPictures, reproduction)}
    ${table.pictures.map((picture) => gallery(picture, reproduction))}
    <section class="long">
      <h2>Notes</h2>
      <ul>${table.notes.map((note) => html`<li>${note}</li>`)}</ul>
    </section>
  `;
  return htmlPage(`${table.title} - theirs and ours`, REPORT_STYLE + PAGE_STYLE, body);
}

function numbersTable(reproduction: Reproduction): Html {
  const { table, results } = reproduction;
  const left = table.heads.length;
  const groups = [{ name: "steps", reported: true }, ...figuresOf(reproduction)];
  const spans = groups.map(({ name, reported }) =>
    html`<th class="number group" colspan="${reported ? 2 : 1}">${name}</th>`
  );
  const columns = groups.flatMap(({ reported }) =>
    reported
      ? [{ name: "theirs", kind: "number group" }, { name: "ours", kind: "number ours" }]
      : [{ name: "ours", kind: "number group ours" }]
  );
  const below = [
    ...table.heads.map((name) => html`<th>${name}</th>`),
    ...columns.map(({ name, kind }) => html`<th class="${kind}">${name}</th>`),
  ];
  const body = cellsOf(reproduction).rows.map((cells, i) => {
    const { name } = table.rows[i];
    const made = cells.map((cell, column) => {
      if (column >= left) {
        const { name: whose, kind } = columns[column - left];
        const mark = whose === "ours" && !isFinished(reproduction, table.rows[i]) ? " unfinished" : "";
        return html`<td class="${kind}${mark}">${cell}</td>`;
      }
      const isLink = column === 0 && results.has(name);
      return isLink
        ? html`<td><a href="${encodeURIComponent(name)}/report.html">${cell}</a></td>`
        : html`<td>${cell}</td>`;
    });
    return html`<tr>${made}</tr>`;
  });
  return html`<table><tr><th colspan="${left}"></th>${spans}</tr><tr>${below}</tr>${body}</table>`;
}

/** What was learnt from. */
function dataSection(pictures: readonly Uint8Array[], { data }: Reproduction): Html {
  return html`
    <section class="long">
      <h2>Training examples</h2>
      <p class="note">The first of each class. ${data}</p>
      ${pictures.map((png) => html`<img class="canvas" src="${pngUrl(png)}" alt="training examples">`)}
    </section>
  `;
}

/** One of the table's pictures, of each row that has it. */
function gallery({ name, title, note, isWide = false }: RowPicture, { table, results }: Reproduction): Html {
  const figures = table.rows.flatMap((row) => {
    const png = results.get(row.name)?.pictures[name];
    if (png === undefined) return [];
    const [label, report] = [labelOf(table, row), `${encodeURIComponent(row.name)}/report.html`];
    return [
      html`<figure><h3><a href="${report}">${label}</a></h3><img class="canvas" src="${
        pngUrl(png)
      }" alt="${name} of ${label}"></figure>`,
    ];
  });
  if (figures.length === 0) return NOTHING;
  return html`
    <section class="long">
      <h2>${title}</h2>
      <p class="note">${note}</p>
      <div class="gallery${isWide ? " wide" : ""}">${figures}</div>
    </section>
  `;
}
