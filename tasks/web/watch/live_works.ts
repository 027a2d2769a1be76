/**
 * The table of what a run's last weights are asked for, one line each, and who asks them at each new checkpoint.
 *
 * @module
 */
import { isAble } from "../../../models/model.ts";
import { fieldsRead, type ModelSpec } from "../../../models/model_spec.ts";
import { InputError } from "../../../pipelines/base/errors.ts";
import { type PlacedBatch, readBatches } from "../../../pipelines/batches/batch.ts";
import type { ShardIndex } from "../../../pipelines/shards/shard_index.ts";
import { grouped } from "../../../pipelines/base/text.ts";
import { pictureFieldOf } from "../../evaluation/evaluate.ts";
import { type Html, html } from "../../report/html.ts";
import { readLearntIndex } from "../../runs/run_data.ts";
import type { RunState } from "../../runs/run_state.ts";
import { loadModel } from "../../runs/saved_model.ts";
import { liveAnswers } from "./live_answers.ts";
import { livePredictions } from "./live_predictions.ts";
import { liveSamples } from "./live_samples.ts";
import type { EarlierPicture, LiveWork } from "./live_work.ts";

const WORKS: readonly LiveWork[] = [liveSamples, livePredictions, liveAnswers];

/** Examples that are shown. */
const EXAMPLES = 12;

type Examples = { readonly batch: PlacedBatch; readonly index: ShardIndex };

/** Shows what a run's last weights make; a backend must have been started. */
export class LiveWorks {
  readonly #folder: string;
  readonly #earlier: EarlierPicture[] = [];
  readonly #examples = new Map<string, Promise<Examples>>();

  /** @param folder The run's. */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Sections of what the last checkpoint's weights make; why one makes nothing, where that is so. */
  async show(): Promise<Html> {
    return await orReason(async () => {
      const saved = await loadModel(this.#folder, "last");
      try {
        const { model, spec, state } = saved;
        const examples = (fields: readonly string[]) => this.#examplesOf(spec, state, fields);
        const step = html`<p class="note">By the weights of step ${grouped(state.position.step)}.</p>`;
        const made: Html[] = [];
        for (const { abilities, show } of WORKS) {
          if (!abilities.some((ability) => isAble(model, ability))) continue;
          const work = () => show({ saved, examples, earlier: this.#earlier });
          made.push(html`<section class="long">${await orReason(work)}${step}</section>`);
        }
        return html`${made}`;
      } finally {
        saved.model.dispose();
      }
    });
  }

  /** Examples of valid, read once. */
  #examplesOf(spec: ModelSpec, { settings, data: learnt }: RunState, fields: readonly string[]): Promise<Examples> {
    const key = fields.join();
    const known = this.#examples.get(key);
    if (known) return known;
    const read = async () => {
      const { data } = settings;
      const index = await readLearntIndex({ data, folder: this.#folder });
      const shown = pictureFieldOf(index)?.field;
      const wanted = [...fieldsRead(spec, settings.modelOptions, learnt), ...fields, ...shown ? [shown] : []];
      const own = [...new Set(wanted)].filter((name) => Object.hasOwn(index.fields, name));
      const asked = {
        folder: data,
        split: "valid",
        batchSize: EXAMPLES,
        fields: own,
        shuffleSeed: 0,
        epochs: 1,
      } as const;
      for await (const batch of readBatches(asked)) return { batch, index };
      throw new InputError(`data ${data}: the valid split holds no example`);
    };
    const reading = read();
    this.#examples.set(key, reading);
    reading.catch(() => this.#examples.delete(key)); // perhaps its data comes back
    return reading;
  }
}

/** What is made, or why nothing is. */
async function orReason(make: () => Promise<Html>): Promise<Html> {
  try {
    return await make();
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return html`<p class="note">Nothing to show of its work: ${error.message}</p>`;
  }
}
