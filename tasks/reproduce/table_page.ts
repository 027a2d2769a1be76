/**
 * Theirs beside ours: a reproduction as a page that stands alone.
 *
 * @module
 */
import { asideFolder } from "../evaluation/judged_aside.ts";
import { type CurvedRun, CURVES_NOTE, RUN_COLOURS, runCurves, runKey } from "../report/compare/run_curves.ts";
import { type Html, html, htmlPage, NOTHING, pngUrl } from "../report/html.ts";
import { REPORT_STYLE } from "../report/report_style.ts";
import type { Reproduction } from "./reproduction.ts";
import { MAKING_HEADS, makingsOf } from "./row_makings.ts";
import { cautions, cellsOf, isFinished } from "./table_cells.ts";
import { labelOf, type RowPicture } from "./table.ts";

const PAGE_STYLE = `main { max-width: 1240px; }
.gallery { display: grid; grid-template-columns: repeat(auto-fill, minmax(270px, 1fr)); gap: 22px; }
.gallery.wide { grid-template-columns: repeat(auto-fill, minmax(min(560px, 100%), 1fr)); }
.gallery figure { display: flex; flex-direction: column; justify-content: flex-end; }
a { color: var(--accent); } td, th { font-size: 14px; } td.ours { font-weight: 600; } td.unfinished { font-weight: 400; color: var(--muted); } td.group, th.group { padding-left: 10px; }
th.group[colspan="2"] { text-align: center; } .made td { white-space: nowrap; } .made td, .made th { padding-right: 16px; }
p.runs { display: flex; flex-wrap: wrap; gap: 4px 18px; } p.runs i { width: 26px; height: 0; border-radius: 0; }
`;

/** The table as a page, with the curves and pictures of each row. */
export async function reproductionPage(reproduction: Reproduction): Promise<string> {
  const { table, classifier, dataPictures = [] } = reproduction;
  const body = html`
    <h1>${table.title}</h1>
    <p class="muted">${table.source}, beside ours.<br>${table.reads}</p>
    <section class="long">
      <h2>Theirs and ours</h2>
      ${cautions(reproduction).map((text) => html`<p>${text}</p>`)}
      ${classifier ? html`<p><a href="${reportOf(table.classifier!.name)}">The classifier</a></p>` : NOTHING}
      <div class="scroll">${numbersTable(reproduction)}</div>
      ${alsoJudged(reproduction)}
    </section>
    ${await curveSection(reproduction)}
    ${dataPictures.length === 0 ? NOTHING : dataSection(dataPictures, reproduction)}
    ${table.pictures.map((picture) => gallery(picture, reproduction))}
    ${makingSection(reproduction)}
    <section class="long">
      <h2>Notes</h2>
      <ul>${table.notes.map((note) => html`<li>${note}</li>`)}</ul>
    </section>
  `;
  return htmlPage(`${table.title} - theirs and ours`, REPORT_STYLE + PAGE_STYLE + RUN_COLOURS, body);
}

const reportOf = (folder: string): string => `${encodeURIComponent(folder)}/report.html`;

function numbersTable(reproduction: Reproduction): Html {
  const { table, runs = [], results } = reproduction;
  const left = table.heads.length;
  const { columns, rows } = cellsOf(reproduction);
  const spans = columns.flatMap(({ above, isFirst }, i) =>
    isFirst ? [html`<th class="number group" colspan="${columns[i + 1]?.isFirst === false ? 2 : 1}">${above}</th>`] : []
  );
  const kindOf = ({ isFirst, isOurs }: typeof columns[number]) =>
    `number${isFirst ? " group" : ""}${isOurs ? " ours" : ""}`;
  const below = [
    ...table.heads.map((name) => html`<th>${name}</th>`),
    ...columns.map((column) => html`<th class="${kindOf(column)}">${column.below}</th>`),
  ];
  const body = rows.map((cells, i) => {
    const row = table.rows[i];
    const made = cells.map((cell, at) => {
      if (at >= left) {
        const column = columns[at - left];
        const mark = column.isOurs && !isFinished(reproduction, row) ? " unfinished" : "";
        return html`<td class="${kindOf(column)}${mark}">${cell}</td>`;
      }
      if (at > 0 || !results.has(row.name)) return html`<td>${cell}</td>`;
      const [{ seed }] = results.get(row.name)!;
      const run = runs.find((one) => one.row === row.name && one.seed === seed);
      return html`<td><a href="${reportOf(run?.folder ?? row.name)}">${cell}</a></td>`;
    });
    return html`<tr>${made}</tr>`;
  });
  return html`<table><tr><th colspan="${left}"></th>${spans}</tr><tr>${below}</tr>${body}</table>`;
}

/** The rows' curves over each other; seeds of one row look alike. */
async function curveSection({ table, runs = [], seeds = 1 }: Reproduction): Promise<Html> {
  const labels = new Map(table.rows.map((row) => [row.name, labelOf(table, row)]));
  const curved = runs.filter(({ metrics }) => metrics.length > 0).map(({ row, metrics }): CurvedRun => ({
    ...{ name: labels.get(row)!, metrics, summary: { seconds: metrics.at(-1)!.clock.seconds } },
  }));
  const [first, ...others] = await runCurves(curved);
  if (first === undefined) return NOTHING;
  const chartsOf = ({ title, overSteps, overTime }: typeof first) =>
    html`
      <div class="pair"><figure><h3>${title}, over the steps</h3>${overSteps}</figure>${overTime
        ? html`<figure><h3>${title} on valid, over the time</h3>${overTime}</figure>`
        : NOTHING}</div>
    `;
  return html`
    <section class="long">
      <h2>Curves over each other</h2>
      ${runKey([...new Set(curved.map(({ name }) => name))])}
      <p class="note">${CURVES_NOTE}${seeds > 1 ? " The seeds of a row look alike." : ""}</p>
      ${chartsOf(first)}
      ${others.length === 0
        ? NOTHING
        : html`<details><summary>What else was measured</summary>${others.map(chartsOf)}</details>`}
    </section>
  `;
}

/** How each row was made, with its report. */
function makingSection(reproduction: Reproduction): Html {
  const found = makingsOf(reproduction);
  if (found.length === 0) return NOTHING;
  const rows = found.map(({ label, folder, isDone, cells }) =>
    html`<tr><td>${isDone ? html`<a href="${reportOf(folder)}">${label}</a>` : label}</td>${
      cells.map((cell) => html`<td>${cell}</td>`)
    }</tr>`
  );
  return html`
    <section class="long">
      <h2>How the rows were made</h2>
      <div class="scroll">
        <table class="made"><tr><th>row</th>${MAKING_HEADS.map((name) => html`<th>${name}</th>`)}</tr>${rows}</table>
      </div>
    </section>
  `;
}

/** The reports of runs that were judged under other conditions as well. */
function alsoJudged({ table, results, runs = [], seeds = 1 }: Reproduction): Html {
  const items = table.rows.flatMap((row) =>
    (results.get(row.name) ?? []).flatMap(({ seed, evaluation: { also = {} } }) => {
      if (Object.keys(also).length === 0) return [];
      const folder = runs.find((one) => one.row === row.name && one.seed === seed)?.folder ?? row.name;
      const links = Object.keys(also).map((name, i) =>
        html`${i === 0 ? "" : ", "}<a href="${asideFolder(encodeURIComponent(folder), name)}/report.html">${name}</a>`
      );
      return [html`<li>${labelOf(table, row)}${seeds > 1 ? `, seed ${seed}` : ""}: ${links}</li>`];
    })
  );
  return items.length === 0 ? NOTHING : html`
    <p class="note">Judged under other conditions as well:</p>
    <ul>${items}</ul>
  `;
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

/** One of the table's pictures, of each row and seed that has it. */
function gallery(
  { name, title, note, isWide = false }: RowPicture,
  { table, results, runs = [], seeds = 1 }: Reproduction,
): Html {
  const figures = table.rows.flatMap((row) =>
    (results.get(row.name) ?? []).flatMap(({ pictures: { [name]: png }, seed }) => {
      if (png === undefined) return [];
      const label = `${labelOf(table, row)}${seeds > 1 ? `, seed ${seed}` : ""}`;
      const folder = runs.find((one) => one.row === row.name && one.seed === seed)?.folder ?? row.name;
      return [
        html`<figure><h3><a href="${reportOf(folder)}">${label}</a></h3><img class="canvas" src="${
          pngUrl(png)
        }" alt="${name} of ${label}"></figure>`,
      ];
    })
  );
  if (figures.length === 0) return NOTHING;
  return html`
    <section class="long">
      <h2>${title}</h2>
      <p class="note">${note}</p>
      <div class="gallery${isWide ? " wide" : ""}">${figures}</div>
    </section>
  `;
}
