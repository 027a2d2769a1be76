/**
 * What reports say of a model that answers in pictures: what is read in them, how like real ones and how varied they are.
 *
 * @module
 */
import { cut } from "../cli/text.ts";
import { grouped, percent } from "../../pipelines/base/text.ts";
import type { Similarities } from "../evaluation/glyph_likeness.ts";
import type { GlyphsPictures, GlyphsScore } from "../evaluation/glyphs.ts";
import type { Evaluation } from "../evaluation/judges.ts";
import type { AbilityReporter, NumberLine, TextStyle, Tile } from "./ability_report.ts";
import { type Html, html, NOTHING } from "./html.ts";
import { rowPicture } from "./row_picture.ts";

/** Answers read wrongly in the terminal. */
const SHOWN = 4;

/** Reports on answers in pictures. */
export const reportGlyphs: AbilityReporter = (evaluation, { glyphs: pictures }) => {
  const { glyphs: score } = evaluation;
  if (score === undefined) return undefined;
  return {
    metrics: {
      ssim: { title: "Structural similarity to the picture seen" },
      kl: { title: "Divergence of latents, nats a picture", isNats: true },
      bernoulli: { title: "Pixels, nats a picture", isNats: true },
      "text.answers": { title: "Whole answers, as written" },
    },
    tiles: tilesOf(score),
    numbers: numbersOf(score),
    ...(pictures ? { pictures: () => shownSection(evaluation, score, pictures) } : {}),
    charts: () => likenessSection(evaluation, score),
    blocks: (style) => [wrongLines(score, style)],
  };
};

const two = (value: number) => value.toFixed(2);

/** The mean share of the real pictures' variety that drawn ones have; undefined where none was taken. */
function varietyShare({ variety }: GlyphsScore): number | undefined {
  const real = variety.reduce((sum, { real }) => sum + real, 0);
  return real > 0 ? variety.reduce((sum, { drawn }) => sum + drawn, 0) / real : undefined;
}

function tilesOf(score: GlyphsScore): readonly Tile[] {
  const { read, answers, likeness } = score;
  const share = varietyShare(score);
  return [
    ...read
      ? [{
        name: "Answers read in the pictures",
        value: percent(read.drawn.answers),
        note: `whole and right, of ${grouped(answers)}; of real pictures ${percent(read.real.answers)}`,
      }]
      : [],
    ...likeness
      ? [{
        name: "Likeness to the nearest real picture",
        value: two(likeness.nearest.drawn),
        note: `SSIM; another real one has ${two(likeness.nearest.real)}, the mean picture ${
          two(likeness.nearest.mean)
        }`,
      }]
      : [],
    ...share === undefined
      ? []
      : [{ name: "Variety", value: percent(share), note: "of that of real pictures of a character" }],
  ];
}

function numbersOf(score: GlyphsScore): readonly NumberLine[] {
  const { read, written, likeness } = score;
  const share = varietyShare(score);
  return [
    ...read
      ? [
        {
          name: "drawn",
          value: percent(read.drawn.answers),
          meaning: `of the answers are read rightly in their pictures, by ${read.classifier.model}`,
        },
        { name: "", value: percent(read.meant.answers), meaning: "are read as they were meant" },
        { name: "", value: percent(read.real.answers), meaning: "are read rightly in real pictures of them" },
      ]
      : [],
    { name: "meant", value: percent(written.answers), meaning: "of the answers that were to be drawn are right" },
    ...likeness
      ? [
        {
          name: "ssim",
          value: two(likeness.nearest.drawn),
          meaning: `to the nearest of ${likeness.among} real pictures; another real one ` +
            `${two(likeness.nearest.real)}, the mean picture ${two(likeness.nearest.mean)}`,
        },
        {
          name: "",
          value: two(likeness.own.drawn),
          meaning: `to the data's own picture; another real one ${two(likeness.own.real)}, the mean picture ${
            two(likeness.own.mean)
          }`,
        },
      ]
      : [],
    ...share === undefined
      ? []
      : [{ name: "variety", value: percent(share), meaning: "of the distance of two real pictures of a character" }],
  ];
}

function wrongLines({ shown }: GlyphsScore, { bad, dim, width }: TextStyle): string[] {
  return shown.filter(({ read, right }) => read !== undefined && read !== right).slice(0, SHOWN)
    .map(({ query = "?", right, written, read = "" }) => {
      const rest = ` read in the pictures of ${written.trim()}${written === right ? "" : `, not ${right.trim()}`}`;
      return `${query} = ${bad(read)}${dim(cut(rest, width - query.length - read.length - 3))}`;
    });
}

function shownSection({ unit }: Evaluation, { shown, read, temperature }: GlyphsScore, pictures: GlyphsPictures): Html {
  const code = (text: string) => html`<td class="number"><code style="white-space:pre">${text}</code></td>`;
  return html`
    <section class="long">
      <h2>Answers, drawn</h2>
      <p class="note">
        ${read ? "First those that are read wrongly, then the first others." : "The first ones."}${temperature === 1
          ? ""
          : ` Latents are ${temperature} times as far from the middle as was learnt.`}
      </p>
      <table>
        <tr><th>${unit}</th><th>drawn</th>${read
          ? html`<th class="number">read</th>`
          : NOTHING}<th class="number">meant</th><th class="number">right</th></tr>
        ${shown.map((one, i) =>
          html`
            <tr>
              <td><code style="white-space:pre">${one.query ?? ""}</code></td>
              <td>${rowPicture(pictures.shown[i], "what was drawn")}</td>
              ${one.read === undefined ? NOTHING : code(one.read)}${code(one.written)}${code(one.right)}
            </tr>
          `
        )}
      </table>
    </section>
  `;
}

function likenessSection({ split }: Evaluation, { likeness, variety }: GlyphsScore): Html {
  const cell = (value: number) => html`<td class="number">${two(value)}</td>`;
  const row = (name: string, { drawn, real, mean }: Similarities) =>
    html`<tr><td>${name}</td>${cell(drawn)}${cell(real)}${cell(mean)}</tr>`;
  return html`
    <section class="long">
      <h2>Beside real pictures</h2>
      <div class="pair">
        ${likeness === undefined ? NOTHING : html`
          <div>
            <h3>Structural similarity</h3>
            <table>
              <tr><th></th><th class="number">Drawn</th><th class="number">Another real one</th><th class="number">The mean picture</th></tr>
              ${row(`to the nearest of ${likeness.among} real ones`, likeness.nearest)}
              ${row(`to the ${split} split's own`, likeness.own)}
            </table>
            <p class="note" style="margin-top:12px">
              Of ${grouped(
                likeness.pictures,
              )} pictures. The mean picture of a character is liker to any one picture of it than
              real ones are to each other: this number alone is best for a model that draws nothing else.
            </p>
          </div>
        `}
        <div>
          <h3>Variety</h3>
          <p class="note">The mean distance of two pictures of a character.</p>
          <table>
            <tr><th>Character</th><th class="number">Drawn</th><th class="number">Real</th></tr>
            ${variety.map(({ character, drawn, real }) =>
              html`<tr><td>${character === " " ? "space" : character}</td>${cell(drawn)}${cell(real)}</tr>`
            )}
          </table>
        </div>
      </div>
    </section>
  `;
}
