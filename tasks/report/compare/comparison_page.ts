/**
 * Runs side by side on a page that stands alone, with no script and nothing to load.
 *
 * @module
 */
import { relative } from "node:path";
import { grouped } from "../../../pipelines/base/text.ts";
import { type Html, html, htmlPage, NOTHING } from "../html.ts";
import { REPORT_STYLE } from "../report_style.ts";
import type { ComparedRow, Comparison } from "./comparison.ts";
import { type ComparedPair, HOLM_NOTE, PAIRS_NOTE, pointsBetween, probabilityText, verdictOn } from "./pairs.ts";
import { CURVES_NOTE, earlyCurves, RUN_COLOURS, runCurves, runKey } from "./run_curves.ts";

const STYLE = `main { max-width: 1240px; }
a { color: var(--accent); }
.side th, .side td { padding-right: 18px; } .side td + td, .side th + th { text-align: right; }
.side td { max-width: 340px; overflow-wrap: anywhere; } .side td:first-child { max-width: none; white-space: nowrap; }
p.runs { display: flex; flex-wrap: wrap; gap: 4px 18px; } p.runs i { width: 26px; height: 0; border-radius: 0; }
`;

/** How the page knows itself: only such a file is replaced. */
const MARK = "strokewise comparison of runs";

/** Whether a text is such a page. */
export function isComparisonPage(text: string): boolean {
  return text.includes(`<p class="muted">${MARK}`);
}

/**
 * Renders a comparison.
 *
 * @param about `folder`: the folder that the page will lie in, for links to the runs' reports; `when`: the time, as it is to
 * be shown.
 * @returns A whole HTML document; the same input gives the same text.
 */
export async function renderComparison(
  comparison: Comparison,
  { folder, when }: { readonly folder: string; readonly when: string },
): Promise<string> {
  const { runs, facts, same, options, figures, pairs, notes } = comparison;
  const names = runs.map(({ name }) => name);
  const heads = runs.map(({ name, report }) =>
    report ? html`<a href="${linkTo(report, folder)}">${name}</a>` : html`${name}`
  );
  const body = html`
    <h1>${names.slice(0, 3).join(" and ")}${names.length > 3 ? ` and ${names.length - 3} more` : ""}</h1>
    <p class="muted">${MARK}, ${when}</p>
    ${notes.map((note) => html`<p class="note">Note: ${note}</p>`)}
    ${sideBySide("How good they are", figures, heads)}
    ${pairs.length === 0 ? NOTHING : pairSection(pairs)}
    ${await curveSection(comparison)}
    ${sideBySide("What they are", facts, heads, inAll(same))}
    ${options.length > 0 ? sideBySide("Options that differ", options, heads) : html`
      <section>
        <h2>Options that differ</h2>
        <p class="note">None.</p>
      </section>
    `}
  `;
  return htmlPage(`${names.join(", ")} - compared`, REPORT_STYLE + STYLE + RUN_COLOURS, body);
}

/** A path as a page in a folder links to it. */
function linkTo(path: string, folder: string): string {
  return relative(folder, path).split(/[\\/]/).map(encodeURIComponent).join("/");
}

function sideBySide(title: string, rows: readonly ComparedRow[], heads: readonly Html[], below = NOTHING): Html {
  if (rows.length === 0 && below === NOTHING) return NOTHING;
  const lines = rows.map(({ name, cells }) =>
    html`<tr><td>${name}</td>${cells.map((cell) => html`<td>${cell}</td>`)}</tr>`
  );
  return html`
    <section class="long">
      <h2>${title}</h2>
      <div class="scroll">
        <table class="side"><tr><th></th>${heads.map((head) => html`<th>${head}</th>`)}</tr>${lines}</table>
      </div>
      ${below}
    </section>
  `;
}

function inAll(same: Comparison["same"]): Html {
  if (same.length === 0) return NOTHING;
  const facts = same.map(([name, value]) =>
    html`
      <tr>
        <td>${name}</td>
        <td>${value}</td>
      </tr>
    `
  );
  return html`
    <h3 style="margin-top:14px">In all</h3>
    <table>${facts}</table>
  `;
}

function pairSection(pairs: readonly ComparedPair[]): Html {
  const number = (text: string) => html`<td class="number">${text}</td>`;
  const rows = pairs.map((pair) => {
    const { names: [first, second], counts, corrected } = pair;
    return html`
      <tr>
        <td>${first}</td><td>${second}</td>
        ${[counts.both, counts.first, counts.second, counts.neither].map((count) => number(grouped(count)))}
        ${number(pointsBetween(counts).toFixed(2))}${number(probabilityText(corrected))}
      </tr>
    `;
  });
  const heads = ["both right", "only A", "only B", "neither", "A \u2212 B, points", "p"];
  return html`
    <section class="long">
      <h2>More than chance?</h2>
      ${pairs.map((pair) => html`<p>${verdictOn(pair)}</p>`)}
      <div class="scroll">
        <table>
          <tr><th>A</th><th>B</th>${heads.map((head) => html`<th class="number">${head}</th>`)}</tr>
          ${rows}
        </table>
      </div>
      <p class="note" style="margin:12px 0 0">${PAIRS_NOTE} ${pairs.length > 1 ? HOLM_NOTE : ""}</p>
    </section>
  `;
}

async function curveSection({ runs }: Comparison): Promise<Html> {
  const curves = await runCurves(runs);
  const early = await earlyCurves(runs);
  const figures = [
    ...curves.flatMap(({ title, overSteps, overTime }) => [
      html`<figure><h3>${title}, over the steps</h3>${overSteps}</figure>`,
      overTime ? html`<figure><h3>${title} on valid, over the time</h3>${overTime}</figure>` : html`<div></div>`,
    ]),
    ...(early ? [html`<figure><h3>Accuracy after the first strokes, as judged</h3>${early}</figure>`] : []),
  ];
  if (figures.length === 0) return NOTHING;
  return html`
    <section class="long">
      <h2>Curves over each other</h2>
      ${runKey(runs.map(({ name }) => name))}
      <p class="note">${CURVES_NOTE}</p>
      <div class="pair">${figures}</div>
    </section>
  `;
}
