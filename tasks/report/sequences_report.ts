/**
 * What reports say of a model that writes sequences: whole answers and characters that are right, by kind, and mistakes.
 *
 * @module
 */
import { cut } from "../cli/text.ts";
import { grouped, percent } from "../../pipelines/base/text.ts";
import type { Evaluation } from "../evaluation/judges.ts";
import type { SequencesScore } from "../evaluation/sequence_tally.ts";
import type { SequencesPictures } from "../evaluation/sequences.ts";
import type { AbilityReporter, NumberLine, TextStyle, Tile } from "./ability_report.ts";
import { type Html, html, NOTHING } from "./html.ts";
import { rowPicture } from "./row_picture.ts";
import { sumMapFigure } from "./sum_map.ts";

/** Mistakes in the terminal. */
const SHOWN = 6;

/** Reports on the answers. */
export const reportSequences: AbilityReporter = (evaluation, { sequences: pictures }) => {
  const { sequences: score } = evaluation;
  if (score === undefined) return undefined;
  return {
    metrics: {
      answers: { title: "Whole answers" },
      characters: { title: "Characters, those before them right", guessing: score.baselines.constant.characters },
    },
    tiles: tilesOf(evaluation, score),
    numbers: numbersOf(evaluation, score),
    ...(pictures ? { pictures: () => pictureSections(evaluation, score, pictures) } : {}),
    charts: () => kindsSection(evaluation, score),
    blocks: (style) => [kindLines(score, style), mistakeLines(score, style)],
  };
};

function tilesOf(
  { unit }: Evaluation,
  { answers, characters, baselines, examples, beam }: SequencesScore,
): readonly Tile[] {
  const wrong = Math.round(examples * (1 - answers));
  return [
    {
      name: "Whole answers right",
      value: percent(answers),
      note: `${grouped(wrong)} of ${grouped(examples)} ${unit}s wrong`,
    },
    { name: "Characters right", value: percent(characters), note: "spaces in front included" },
    {
      name: "Always the same answer",
      value: percent(baselines.constant.characters),
      note: `of the characters, by ${quoted(baselines.constant.answer)}`,
    },
    ...beam > 1 ? [{ name: "Beam", value: grouped(beam), note: "beginnings kept while an answer is written" }] : [],
  ];
}

function numbersOf(
  { unit }: Evaluation,
  { answers, characters, baselines, beam }: SequencesScore,
): readonly NumberLine[] {
  const { alike, constant } = baselines;
  const kept = beam > 1 ? `, a beam of ${beam}` : "";
  return [
    { name: "answers", value: percent(answers), meaning: `of the ${unit}s have a wholly right answer${kept}` },
    { name: "characters", value: percent(characters), meaning: "are right, spaces in front included" },
    {
      name: "constant",
      value: percent(constant.characters),
      meaning: `of them by writing ${quoted(constant.answer)} always`,
    },
    { name: "", value: percent(alike.characters), meaning: `by writing ${quoted(alike.character)} everywhere` },
  ];
}

/** A text whose spaces are seen. */
const quoted = (text: string) => `"${text}"`;

function kindLines({ kinds }: SequencesScore, { dim, width }: TextStyle): string[] {
  const wide = Math.max(0, ...kinds.map(({ kind }) => kind.length));
  return kinds.map(({ kind, answers, examples }) => {
    const start = `${kind.padEnd(wide)} ${percent(answers).padStart(7)}`;
    return start + dim(cut(` of ${grouped(examples)}`, width - start.length));
  });
}

function mistakeLines({ mistakes }: SequencesScore, { bad, dim, width }: TextStyle): string[] {
  return mistakes.slice(0, SHOWN).map(({ query = "?", right, written, confidence }) => {
    const start = `${query} = ${quoted(written)}`;
    const rest = `, not ${quoted(right)}, ${percent(confidence)} sure`;
    return `${query} = ${bad(quoted(written))}${dim(cut(rest, width - start.length))}`;
  });
}

function pictureSections({ unit, split }: Evaluation, score: SequencesScore, pictures: SequencesPictures): Html {
  return html`
    ${pictures.maps.length === 0 ? NOTHING : html`
      <section class="long">
        <h2>Right and wrong, by the numbers</h2>
        <p class="note">
          A point is a ${unit} of the ${split} split. <span class="key"><i class="dot right-fill"></i>right
          <i class="dot wrong-fill"></i>wrong</span>; what is grey was not asked.
        </p>
        <div class="pair">${pictures.maps.map(sumMapFigure)}</div>
      </section>
    `}
    ${score.mistakes.length === 0 ? NOTHING : html`
      <section class="long">
        <h2>Wrong answers</h2>
        <p class="note">Those of which the model was surest.</p>
        <table>
          <tr><th>${unit}</th>${pictures.mistakes
            ? html`<th>as it was read</th>`
            : NOTHING}<th class="number">written</th><th class="number">right</th><th class="number">sure</th></tr>
          ${score.mistakes.map((mistake, i) =>
            html`
              <tr>
                <td><code style="white-space:pre">${mistake.query ?? ""}</code></td>
                ${pictures.mistakes ? html`<td>${rowPicture(pictures.mistakes[i], "what was read")}</td>` : NOTHING}
                <td class="number"><code style="white-space:pre">${quoted(mistake.written)}</code></td>
                <td class="number"><code style="white-space:pre">${quoted(mistake.right)}</code></td>
                <td class="number">${percent(mistake.confidence)}</td>
              </tr>
            `
          )}
        </table>
      </section>
    `}
  `;
}

function kindsSection({ unit, split }: Evaluation, { kinds, places, baselines }: SequencesScore): Html {
  const { alike, constant } = baselines;
  const cell = (value: number) => html`<td class="number">${percent(value)}</td>`;
  return html`
    <section class="long">
      <h2>The numbers</h2>
      <div class="pair">
        <div>
          <h3>By kind</h3>
          <p class="note">Of the ${split} split; a ${unit} is of several kinds, digits are those of the answer.</p>
          <table>
            <tr><th></th><th class="number">${unit}s</th><th class="number">Whole answers</th><th class="number">Characters</th></tr>
            ${kinds.map(({ kind, examples, answers, characters }) =>
              html`
                <tr><td>${kind}</td><td class="number">${grouped(examples)}</td>${cell(answers)}${cell(characters)}</tr>
              `
            )}
          </table>
        </div>
        <div>
          <h3>By place</h3>
          <table>
            <tr><th>Character</th><th class="number">Right</th></tr>
            ${places.map((share, t) => html`<tr><td>${t + 1}</td>${cell(share)}</tr>`)}
          </table>
          <p class="note" style="margin-top:12px">
            An answer is right where all of its characters are. Shares of characters look better than they are: ${quoted(
              alike.character,
            )} everywhere gets ${percent(alike.characters)}, ${quoted(constant.answer)} always ${percent(
              constant.characters,
            )}.
          </p>
        </div>
      </div>
    </section>
  `;
}
