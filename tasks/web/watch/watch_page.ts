/**
 * The page that shows a run while it goes: the report's look, in sections that are replaced when they change.
 *
 * @module
 */
import { withoutOptions } from "../../../pipelines/sources/address.ts";
import { counted, grouped, percent } from "../../../pipelines/base/text.ts";
import { commandLine } from "../../cli/option_values.ts";
import { humanTime } from "../../cli/progress.ts";
import { decimal, metricTitle } from "../../cli/text.ts";
import type { Tile } from "../../report/ability_report.ts";
import { documentOf, type Html, html, NOTHING, trusted } from "../../report/html.ts";
import { REPORT_STYLE } from "../../report/report_style.ts";
import { tileList } from "../../report/tiles.ts";
import { trainingSection } from "../../report/training_section.ts";
import { type Metrics, stepLines } from "../../runs/metrics.ts";
import type { Sections } from "./feed.ts";
import type { WatchedRun } from "./watched_run.ts";

/** Paths of the page's own files. */
export const PATHS = { script: "watch.js", style: "watch.css", events: "events" } as const;

/** Its style sheet. */
export const WATCH_STYLE = `${REPORT_STYLE}
.progress { height: 6px; margin-top: 18px; border-radius: 3px; background: var(--grid); overflow: hidden; }
.progress i { display: block; height: 100%; background: var(--accent); }
.right-name { color: var(--accent); font-weight: 600; }
.drawn { display: grid; grid-template-columns: 2fr 3fr; gap: 20px; align-items: start; }
.past { display: grid; grid-template-columns: repeat(4, 1fr); gap: 12px; }
section > .mistakes + .note, section > .drawn + .note, section > table + .note { margin: 14px 0 0; }
#link:empty { display: none; }
@media (max-width: 720px) { .drawn { grid-template-columns: 1fr; } }
`;

/** What the page may load and do: its own script, style and events, and pictures that are in it. */
export const WATCH_POLICY = [
  ...["default-src 'none'", "script-src 'self'", "style-src 'self'", "style-src-attr 'unsafe-inline'"],
  ...["img-src data:", "connect-src 'self'", "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"],
].join("; ");

/** Seconds after which a page without scripts loads itself again. */
const AGAIN = 10;

/** What the page shows. */
export interface Watched {
  /** The run; undefined where it is still being opened. */
  readonly run: Pick<WatchedRun, "folder" | "summary" | "metrics" | "fault" | "isRunning" | "isThere"> | undefined;
  /** What its last weights make. */
  readonly work: Html;
}

/** The parts of the page. */
export async function sectionsOf({ run, work }: Watched): Promise<Sections> {
  const curves = run === undefined ? NOTHING : await trainingSection({ metrics: run.metrics, unit: "example" });
  return { head: String(headOf(run)), work: String(work), curves: String(curves) };
}

/** The whole page. */
export function watchPage(sections: Sections, { run }: Pick<Watched, "run">): string {
  const again = run?.isRunning === false
    ? NOTHING
    : html`<noscript><meta http-equiv="refresh" content="${AGAIN}"></noscript>`;
  return documentOf({
    title: `${run?.folder ?? "a run"} - strokewise`,
    head: html`
      <link rel="stylesheet" href="${PATHS.style}">
      <script src="${PATHS.script}" defer></script>
      ${again}
    `,
    body: html`
      ${["head", "work", "curves"].map((id) => html`<div id="${id}">${trusted(sections[id])}</div>`)}
      <p id="link" class="note" role="status"></p>
    `,
  });
}

function headOf(run: Watched["run"]): Html {
  if (run === undefined) {
    return html`
      <h1>A run</h1>
      <p class="muted">It is being opened: data is measured, threads are timed.</p>
    `;
  }
  const { folder, summary, metrics, fault } = run;
  const { model, data, dataset, classes, parameters } = summary;
  const learns = data === null
    ? ""
    : ` on ${withoutOptions(data)}${
      dataset === null ? "" : `: ${dataset}, ${counted(classes ?? 0, "class", "classes")}`
    }`;
  const size = parameters === null ? "" : `, ${grouped(parameters)} parameters`;
  const done = stepOf(run) / (summary.steps ?? Infinity);
  return html`
    <h1>${folder}</h1>
    <p class="muted">${(model ?? "a model") + size + learns}<br>${standingOf(run)}</p>
    ${fault === undefined || run.isRunning && metrics.length === 0 ? NOTHING : html`<p class="note">Note: ${fault}</p>`}
    ${tileList(tilesOf(run))}
    <div class="progress" role="progressbar" aria-label="steps taken" aria-valuenow="${Math.round(100 * done)}">
      <i style="width:${(100 * done).toFixed(1)}%"></i>
    </div>
  `;
}

/** How it stands, in a sentence. */
function standingOf({ folder, summary: { state }, isThere }: NonNullable<Watched["run"]>): string {
  if (!isThere) return "Its folder is not there any more.";
  if (state === "running") return "It is being trained.";
  if (state === "finished" || state === "stopped early") {
    return `It has ${state}; how good it is: ${commandLine("evaluate", ["--run", folder])}`;
  }
  if (state === "diverged") return "It has diverged.";
  return state === "damaged"
    ? "It is damaged."
    : `It is interrupted; it goes on with ${commandLine("train", ["--resume", folder])}`;
}

const stepOf = ({ metrics, summary }: NonNullable<Watched["run"]>): number => metrics.at(-1)?.step ?? summary.step ?? 0;

function tilesOf(run: NonNullable<Watched["run"]>): Tile[] {
  const { summary: { steps }, metrics, isRunning } = run;
  const [step, line, last] = [stepOf(run), metrics.at(-1), stepLines(metrics).at(-1)];
  const best = bestOf(run);
  const seconds = line?.clock.seconds ?? run.summary.seconds ?? 0;
  const left = isRunning && steps !== null && step > 0
    ? `about ${humanTime(seconds / step * (steps - step))} to go`
    : "of training";
  return [
    {
      name: "Step",
      value: grouped(step),
      note: `${steps === null ? "" : `of ${grouped(steps)}`}${line ? `, epoch ${line.epoch.toFixed(1)}` : ""}`,
    },
    ...last
      ? [{
        name: "Loss, train",
        value: decimal(last.train.loss),
        note: `mean of ${counted(last.steps, "step")}, ${grouped(Math.round(last.rates.examplesPerSecond))} examples/s`,
      }]
      : [],
    ...best ? [best] : [],
    { name: "Time", value: humanTime(seconds), note: left },
  ];
}

/** The best evaluation by the metric that the run is judged by. */
function bestOf({ metrics, summary }: NonNullable<Watched["run"]>): Tile | undefined {
  const line = metrics.findLast((line): line is Metrics & { kind: "evaluation" } =>
    line.kind === "evaluation" && line.best
  );
  if (line === undefined) return undefined;
  const metric = summary.best?.metric ?? ("accuracy" in line.valid ? "accuracy" : "loss");
  const value = line.valid[metric];
  return {
    name: `${metricTitle(metric)}, valid`,
    value: metric === "accuracy" ? percent(value) : decimal(value),
    note: `the best so far, at step ${grouped(line.step)}`,
  };
}
