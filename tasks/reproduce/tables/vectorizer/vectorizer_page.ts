/**
 * The vectorizer's table for the terminal, as Markdown and as a page that stands alone.
 *
 * @module
 */
import { grouped, percent } from "../../../../pipelines/base/text.ts";
import { html, htmlPage, pngUrl } from "../../../report/html.ts";
import { REPORT_STYLE } from "../../../report/report_style.ts";
import type { Measured } from "../../measured_table.ts";
import { type Part, partToHtml, partToMarkdown, partToText } from "../../table_part.ts";
import type { HandRow, RenderedBack, TruthRow } from "./measures.ts";

/** Shares of test digits that a classifier of real digits names rightly. */
export interface Readings {
  /** The digits themselves. */
  readonly real: number;
  /** Drawn back where they were, with a pen of their own. */
  readonly inPlace: number;
  /** Drawn anew as MNIST's are, all with one pen. */
  readonly centred: number;
}

/** Strokes of others and ours, of the same pictures. */
export interface Peer {
  readonly count: number;
  readonly theirs: HandRow;
  readonly ours: HandRow;
  /** PNG: theirs in the picture's place, ours beside. */
  readonly sheet: Uint8Array;
}

/** All that was measured. */
export interface VectorizerResults {
  /** Test digits. */
  readonly count: number;
  readonly perSecond: number;
  readonly back: RenderedBack;
  readonly readings: Readings;
  readonly truth: { readonly digits: readonly TruthRow[]; readonly all: TruthRow };
  readonly peer?: Peer;
  /** PNG. */
  readonly sheets: Readonly<Record<"strokes" | "truth", Uint8Array>>;
}

const [fixed2, fixed3] = [2, 3].map((digits) => (value: number) => value.toFixed(digits));

/** The measured numbers in words and figures. */
export function vectorizerTable(results: VectorizerResults): Measured {
  const parts = partsOf(results);
  const title = "Digits to strokes";
  const text = [title, ...parts.flatMap(partToText)]
    .join("\n");
  const markdown = [
    `# ${title}`,
    ...parts.flatMap(partToMarkdown),
    "",
  ].join("\n");
  const pictures = [
    { title: "Found strokes", png: results.sheets.strokes, about: "test digits, each with what was found beside it" },
    {
      title: "True and found",
      png: results.sheets.truth,
      about: "the pen's true strokes, and what was found in the picture",
    },
    ...(results.peer
      ? [{ title: "Theirs and ours", png: results.peer.sheet, about: "De Jong's strokes, and ours" }]
      : []),
  ];
  const body = html`
    <h1>${title}</h1>
    ${parts.map(partToHtml)}
    ${pictures.map(({ title, png, about }) =>
      html`
        <section
          class="long"><h2>${title}</h2><p class="note">From blue to orange as they are drawn, a dot where each begins: ${about}.</p><img class="canvas" style="width:100%" src="${pngUrl(
            png,
          )}" alt="${about}"></section>
      `
    )}
  `;
  return { text, markdown, page: htmlPage(title, REPORT_STYLE, body) };
}

function partsOf({ count, perSecond, back, readings, truth, peer }: VectorizerResults): Part[] {
  return [
    {
      title: "Drawn back",
      notes: [
        `${
          grouped(count)
        } test digits. The shared ink is that of picture and drawn strokes over the ink of either, pixels ` +
        "brighter than half being ink; with a pen of the width that was found, and of one width for all.",
      ],
      rows: [
        ["strokes", "points", "shared ink", "with one pen", "digits a second on one core"],
        [
          fixed2(back.strokes),
          fixed2(back.points),
          fixed3(back.ownPen),
          fixed3(back.onePen),
          grouped(Math.round(perSecond)),
        ],
      ],
    },
    {
      title: "Strokes by digit",
      notes: [],
      rows: [["digit", ...back.strokesOf.keys().map(String)], ["strokes", ...back.strokesOf.map(fixed2)]],
    },
    {
      title: "Read by a classifier of real digits",
      notes: [
        "Trained on real digits alone. Drawn back: where they were, with their own pen; or as MNIST's are made, with one.",
      ],
      rows: [
        ["", "top-1"],
        ["real digits", percent(readings.real)],
        ["drawn back", percent(readings.inPlace)],
        ["drawn anew", percent(readings.centred)],
      ],
    },
    {
      title: "Beside true pen paths",
      notes: [
        `${
          grouped(truth.all.count)
        } digits of pendigits' test file, drawn as MNIST's are. Start: begins within 5 pixels of ` +
        "where the pen did. Direction: nearer to the true path than backwards. Distance: of the paths by dynamic time " +
        "warping, pixels a point.",
      ],
      rows: [
        ["digit", "strokes", "true", "as many", "start", "direction", "distance"],
        ...[...truth.digits.map((row, digit) => truthRow(String(digit), row)), truthRow("all", truth.all)],
      ],
    },
    ...peer === undefined ? [] : [{
      title: "De Jong's strokes and ours",
      notes: [
        `${peer.count} test digits. Distance and direction: to the nearest true pen path of the same digit. Torn: ends of ` +
        "strokes that lie on the middle of another.",
      ],
      rows: [
        ["", "strokes", "distance", "direction", "torn ends"],
        handRow("De Jong", peer.theirs),
        handRow("ours", peer.ours),
      ],
    }],
  ];
}

function truthRow(name: string, row: TruthRow): string[] {
  const { strokes, trueStrokes, sameStrokes, start, direction, distance } = row;
  return [
    name,
    fixed2(strokes),
    fixed2(trueStrokes),
    ...[sameStrokes, start, direction].map((share) => percent(share)),
    fixed2(distance),
  ];
}

function handRow(name: string, { strokes, distance, direction, torn }: HandRow): string[] {
  return [name, fixed2(strokes), fixed2(distance), percent(direction), fixed2(torn)];
}
