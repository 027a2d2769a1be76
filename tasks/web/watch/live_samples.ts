/**
 * What a model draws, from the same random numbers at each checkpoint, and how that has changed.
 *
 * @module
 */
import { isAble } from "../../../models/model.ts";
import { grouped } from "../../../pipelines/base/text.ts";
import { sample } from "../../evaluation/samplers.ts";
import { html, NOTHING, pngUrl } from "../../report/html.ts";
import type { EarlierPicture, LiveWork } from "./live_work.ts";

/** Samples in a picture. */
const COUNT = 16;
/** Earlier pictures that are kept. */
const KEPT = 7;

/** Shows what a model that draws has learnt to draw. */
export const liveSamples: LiveWork = {
  abilities: ["images", "strokes"],
  async show({ saved, earlier }) {
    const formats = isAble(saved.model, "strokes") ? { formats: ["png"] as const } : {};
    const pictures = await sample(saved, { kinds: ["samples"], count: COUNT, seed: 0, ...formats });
    const png = pictures.find(({ file }) => file.endsWith(".png"));
    if (png === undefined) return NOTHING;
    const now = { step: saved.state.position.step, url: pngUrl(png.bytes) };
    const before = earlier.filter(({ step }) => step < now.step);
    const kept = thinned(before, KEPT);
    earlier.splice(0, Infinity, ...kept, now);
    const past = kept.map(({ step, url }) =>
      html`
        <figure><img class="canvas" src="${url}" alt="samples of step ${step}"><figcaption>step ${grouped(
          step,
        )}</figcaption></figure>
      `
    );
    return html`
      <h2>What it draws</h2>
      <p class="note">From the same random numbers at each checkpoint.</p>
      <div class="drawn">
        <figure>
          <img class="canvas" src="${now.url}" alt="samples of step ${now.step}">
          <figcaption>step ${grouped(now.step)}</figcaption>
        </figure>
        ${past.length === 0 ? NOTHING : html`<div class="past">${past}</div>`}
      </div>
    `;
  },
};

/**
 * Some of many pictures, spread over the steps: of those that are too many the ones go that stand nearest to their neighbours; the
 * first and the last stay.
 *
 * @example
 * ```ts
 * import { thinned } from "./live_samples.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const pictures = [0, 100, 200, 210, 300].map((step) => ({ step, url: "" }));
 * assertEquals(thinned(pictures, 4).map(({ step }) => step), [0, 100, 200, 300]);
 * ```
 */
export function thinned(pictures: readonly EarlierPicture[], most: number): EarlierPicture[] {
  const kept = [...pictures];
  while (kept.length > most) {
    let [nearest, gap] = [1, Infinity];
    for (let i = 1; i < kept.length - 1; i++) {
      const own = kept[i + 1].step - kept[i - 1].step;
      if (own <= gap) [nearest, gap] = [i, own];
    }
    kept.splice(nearest, 1);
  }
  return kept;
}
