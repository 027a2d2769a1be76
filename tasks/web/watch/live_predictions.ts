/**
 * What a classifier takes some examples for.
 *
 * @module
 */
import { isAble } from "../../../models/model.ts";
import { take } from "../../../models/zoo/answers.ts";
import { fieldOf } from "../../../pipelines/batches/batch_fields.ts";
import { percent } from "../../../pipelines/base/text.ts";
import { examplePicture } from "../../evaluation/classification.ts";
import { pictureFieldOf } from "../../evaluation/evaluate.ts";
import { drawingPicture, strokeKey } from "../../report/drawing_picture.ts";
import { html, NOTHING } from "../../report/html.ts";
import type { LiveWork } from "./live_work.ts";

/** Shows what a model that classifies takes examples for. */
export const livePredictions: LiveWork = {
  abilities: ["classify"],
  async show({ saved: { model, state: { data: { classes } } }, examples }) {
    if (!isAble(model, "classify")) return NOTHING;
    const { batch, index } = await examples(["label"]);
    const picture = pictureFieldOf(index);
    const labels = fieldOf(batch, "label"); // [B]
    const logProbs = await take(model.classify(batch)); // [B, K]
    const items = Array.from({ length: batch.size }, (_, b) => {
      const row = logProbs.subarray(b * classes.length, (b + 1) * classes.length);
      const predicted = row.indexOf(Math.max(...row));
      const [name, given] = [classes[labels[b]], classes[predicted]];
      const shown = picture === undefined ? NOTHING : drawingPicture(examplePicture(batch, b, picture), name);
      return html`
        <li>${shown}
          ${name} → <span class="${predicted === labels[b] ? "right-name" : "wrong-name"}">${given}</span><br>
          <span class="muted">${percent(Math.exp(row[predicted]))} sure</span>
        </li>
      `;
    });
    return html`
      <h2>What it takes ${index.unit}s for</h2>
      <p class="note">
        True → predicted, of the valid split, the same ones each time.
        ${picture === undefined || picture.grey ? NOTHING : strokeKey()}
      </p>
      <ul class="mistakes">${items}</ul>
    `;
  },
};
