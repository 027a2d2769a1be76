/**
 * What a model answers that writes, as characters or as pictures of them.
 *
 * @module
 */
import { isAble, type Model } from "../../../models/model.ts";
import type { PlacedBatch } from "../../../pipelines/batches/batch.ts";
import { fieldOf } from "../../../pipelines/batches/batch_fields.ts";
import { textsOf } from "../../evaluation/sequences.ts";
import { type Html, html, NOTHING } from "../../report/html.ts";
import { rowPicture } from "../../report/row_picture.ts";
import type { LiveRun, LiveWork } from "./live_work.ts";

/** The field of a query's text, where there is one. */
const QUERY = "query";

interface Answer {
  readonly query: string | undefined;
  readonly right: string;
  readonly written: string;
  /** Of a model that draws its answers. */
  readonly drawn: Html | undefined;
}

/** Shows what a model writes. */
export const liveAnswers: LiveWork = {
  abilities: ["sequences", "glyphs"],
  async show(run) {
    const { unit, answers } = await answersOf(run);
    if (answers.length === 0) return NOTHING;
    const isDrawn = answers.some(({ drawn }) => drawn !== undefined);
    const code = (text: string) => html`<code style="white-space:pre">${text}</code>`;
    return html`
      <h2>What it answers</h2>
      <p class="note">The same ${unit}s of the valid split each time.</p>
      <table>
        <tr><th>${unit}</th>${isDrawn
          ? html`<th>drawn</th>`
          : NOTHING}<th class="number">written</th><th class="number">right</th></tr>
        ${answers.map(({ query, right, written, drawn = NOTHING }) =>
          html`
            <tr>
              <td>${code(query ?? "")}</td>
              ${isDrawn ? html`<td>${drawn}</td>` : NOTHING}
              <td class="number ${written === right ? "right-name" : "wrong-name"}">${code(written)}</td>
              <td class="number">${code(right)}</td>
            </tr>
          `
        )}
      </table>
    `;
  },
};

async function answersOf(
  { saved: { model }, examples }: LiveRun,
): Promise<{ readonly unit: string; readonly answers: readonly Answer[] }> {
  const field = isAble(model, "glyphs") ? model.glyphs.answer : isAble(model, "sequences") && model.sequences.field;
  if (!field) return { unit: "", answers: [] };
  const { batch, index: { fields, unit } } = await examples([field, QUERY]);
  const { characters, drawn } = await written(model, batch);
  const [right, found] = [fieldOf(batch, field), characters].map((codes) => textsOf(codes, batch, fields[field]));
  const queries = Object.hasOwn(fields, QUERY) ? textsOf(fieldOf(batch, QUERY), batch, fields[QUERY]) : [];
  return {
    unit,
    answers: right.map((text, b) => ({ query: queries[b], right: text, written: found[b], drawn: drawn?.[b] })),
  };
}

/** What a model writes, and pictures of it where it draws them. */
async function written(
  model: Model,
  batch: PlacedBatch,
): Promise<{ readonly characters: ArrayLike<number>; readonly drawn?: readonly Html[] }> {
  if (!isAble(model, "glyphs")) return await model.sequences!.write(batch, { beam: 1 });
  const { length, side } = model.glyphs;
  const { characters, pictures } = await model.glyphs.draw(batch, {
    beam: 1,
    temperature: 1,
    seed: 0,
    firstExample: 0,
  });
  const size = length * side * side;
  const drawn = Array.from({ length: batch.size }, (_, b) => {
    const pixels = pictures.slice(b * size, (b + 1) * size);
    return rowPicture({ count: length, side, pixels }, "what was drawn");
  });
  return { characters, drawn };
}
