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
import { labelOf, type ReproduceRow, type ReproduceTable, stepsWithin, wholeStepsOf } from "./table.ts";
import { decimal } from "../cli/text.ts";
import { formatTable } from "../cli/table.ts";

/** What a finished row has. */
export interface RowResult {
  readonly evaluation: Evaluation;
  /** A picture of samples, PNG, of a model that draws. */
  readonly samples?: Uint8Array;
}

/** A reproduction as far as it has come. */
export interface Reproduction {
  readonly table: ReproduceTable;
  /** Training steps of each row of ours; of a row that has its own number no more than those. */
  readonly budget: number;
  /** What was trained on, in words. */
  readonly data: string;
  /** By the rows' names; rows that are still to come are missing. */
  readonly results: ReadonlyMap<string, RowResult>;
  /** What the classifier is worth that reads the samples; missing where there is none, or none yet. */
  readonly classifier?: Evaluation;
}

const NONE = "-";

const PAGE_STYLE = `main { max-width: 1240px; }
.gallery { display: grid; grid-template-columns: repeat(auto-fill, minmax(270px, 1fr)); gap: 22px; }
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
function isFinished({ budget, table }: Reproduction, row: ReproduceRow): boolean {
  return stepsWithin(budget, row) >= wholeStepsOf(table, row);
}

function cellsOf(reproduction: Reproduction): Cells {
  const { table, budget, results } = reproduction;
  const { heads, figures, rows } = table;
  const above = figures.flatMap(({ name, reported }) => reported ? [name, ""] : [name]);
  const below = figures.flatMap(({ reported }) => reported ? ["theirs", "ours"] : ["ours"]);
  const cellsOfRow = (row: ReproduceRow): string[] => {
    const { name, cells, theirs } = row;
    const found = results.get(name);
    const ofOurs = (text: string) => isFinished(reproduction, row) || text === NONE ? text : `(${text})`;
    const numbers = figures.flatMap((figure, i) => {
      const ours = ofOurs(show(found && figure.ours(found.evaluation), figure));
      return figure.reported ? [show(theirs[i], figure), ours] : [ours];
    });
    const steps = theirs.length > 0 ? grouped(wholeStepsOf(table, row)) : NONE;
    return [...cells, steps, found ? grouped(stepsWithin(budget, row)) : NONE, ...numbers];
  };
  return {
    heads: [[...heads.map(() => ""), "steps", "", ...above], [...heads, "theirs", "ours", ...below]],
    rows: rows.map(cellsOfRow),
  };
}

/** What must be known before a number is compared. */
function cautions(reproduction: Reproduction): string[] {
  const { table: { rows, figures }, data, results } = reproduction;
  const missing = rows.length - results.size;
  const better = (["lower", "higher"] as const).flatMap((way) => {
    const names = figures.filter(({ better }) => better === way).map(({ name }) => name);
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
    ...(missing > 0 ? [`${missing} of ${rows.length} rows ${missing === 1 ? "is" : "are"} still to come.`] : []),
  ];
}

/** How long rows were trained, here and in the report, in a sentence. */
function stepsInWords({ table, budget }: Reproduction): string {
  const { rows, steps } = table;
  const isUnfinished = rows.some((row) => stepsWithin(budget, row) < wholeStepsOf(table, row));
  if (rows.some((row) => row.steps !== undefined)) {
    return isUnfinished
      ? `${grouped(budget)} steps a row at most, some of which need more.`
      : "Each row is trained for as many steps as in the report, or as it says.";
  }
  return isUnfinished
    ? `${grouped(budget)} of the report's ${grouped(steps)} steps a row.`
    : `${grouped(budget)} steps a row here, ${grouped(steps)} in the report.`;
}

/** What worthless and perfect samples would have, of the same data: the same for all rows. */
function comparisons({ results, classifier }: Reproduction): string[] {
  const [first] = results.values();
  if (first === undefined) return [];
  const { unit, split, generation: { nearest, classes } = {}, sequences } = first.evaluation;
  const lines: string[] = [];
  const top1 = classifier?.classification?.top1;
  const naming = (what: string) => top1 === undefined ? "" : `, which names ${percent(top1)} of ${what}`;
  if (sequences !== undefined) {
    const { alike, constant } = sequences.baselines;
    lines.push(
      `Answers that read nothing: ${JSON.stringify(alike.character)} at every place has ${
        percent(alike.characters)
      } of ` +
        `the characters right, ${JSON.stringify(constant.answer)} every time ${percent(constant.characters)}.`,
    );
  }
  if (nearest?.meanImage !== undefined) {
    lines.push(`The mean ${split} ${unit}, drawn every time, has a mean of ${decimal(nearest.meanImage)}.`);
  }
  if (classes !== undefined) {
    const real = `${decimal(classes.real.score)} for ${split} ${unit}s (sure: ${percent(classes.real.confidence)})`;
    const reader = `${classes.classifier.model}${naming("these")}`;
    lines.push(`Class score: 1 for grey canvases, at most ${classes.classes}, ${real}, read by ${reader}.`);
  }
  const read = [...results.values()].map(({ evaluation }) => evaluation.glyphs?.read).find((read) =>
    read !== undefined
  );
  if (read !== undefined) {
    lines.push(
      `Pictures are read by ${read.classifier.model}${
        naming("the test's digits")
      }: of the answers as the data has them ` +
        `in pictures it reads ${percent(read.real.answers)} right.`,
    );
  }
  return lines;
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
  const { table, results, classifier } = reproduction;
  const drawn = table.rows.filter(({ name }) => results.get(name)?.samples !== undefined);
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
    ${drawn.length === 0 ? NOTHING : gallery(drawn, reproduction)}
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
  const groups = [{ name: "steps", reported: true }, ...table.figures];
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

function gallery(rows: readonly ReproduceRow[], { table, results }: Reproduction): Html {
  const figures = rows.map((row) => {
    const title = labelOf(table, row);
    const url = pngUrl(results.get(row.name)!.samples!);
    return html`<figure><h3>${title}</h3><img class="canvas" src="${url}" alt="samples of ${title}"></figure>`;
  });
  return html`
    <section class="long">
      <h2>Samples of ours</h2>
      <p class="note">
        Drawn from random latents alone; the same latents in each row, as far as they are of one size.
      </p>
      <div class="gallery">${figures}</div>
    </section>
  `;
}
