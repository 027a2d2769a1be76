/**
 * The training step of the models of images, at 64 x 64 in colour and 32 filters, as in the report "Introduction to Deep
 * Learning Assignment 3", section 2; of the GAN DCGAN's too, whose batches are normalized.
 *
 * @module
 */
import type { ModelSpec } from "../../models/model_spec.ts";
import { cae } from "../../models/zoo/autoencoders/cae.ts";
import { REPORT_SIZES } from "../../models/zoo/autoencoders/coder_options.ts";
import { vae } from "../../models/zoo/autoencoders/vae.ts";
import { gan } from "../../models/zoo/gan/gan.ts";
import { GAN_PRESETS } from "../../models/zoo/gan/gan_options.ts";
import { defaultsOf, type OptionValue } from "../../pipelines/base/option_table.ts";
import { Prng } from "../../pipelines/base/prng.ts";
import type { DataDescription } from "../../pipelines/dataset.ts";
import type { Subject } from "./subject.ts";

const SIDE = 64, FILTERS = 32;
const FACES: DataDescription = { fields: { image: { dtype: "uint8", shape: [SIDE, SIDE, 3] } }, classes: ["face"] };

const CODER = { ...REPORT_SIZES, filters: FILTERS, maxFilters: FILTERS };
/** DCGAN without what PyTorch's is not given. */
const PLAIN = { spectralNorm: "none", augmentColor: 0, augmentTranslation: 0, augmentCutout: 0 };

/** The models; pixels are random, which changes no time. */
export function imageSubjects(size = 64): Subject[] {
  return [
    subject("cae", { model: cae, changed: { ...CODER, latentSize: 256 } }, size),
    subject("vae", { model: vae, changed: { ...CODER, latentSize: 64 } }, size),
    subject("gan, report", { model: gan, changed: { ...GAN_PRESETS.report.model, channels: FILTERS } }, size),
    subject("gan, dcgan", { model: gan, changed: { ...PLAIN, channels: FILTERS } }, size),
  ];
}

function subject(
  name: string,
  { model, changed }: { readonly model: ModelSpec; readonly changed: Readonly<Record<string, OptionValue>> },
  size: number,
): Subject {
  const prng = new Prng(6);
  const image = Uint8Array.from({ length: size * SIDE * SIDE * 3 }, () => prng.integer(256));
  const label = new Uint8Array(size);
  const options = { ...defaultsOf(model.options), ...changed };
  const full = `${name}, ${FILTERS} filters, batch ${size}`;
  return {
    ...{ name: full, model, options, data: FACES, batch: { size, fields: { image, label } }, whole: true },
    peer: {
      ...{ name: full, model: model.name, classes: 1, options },
      fields: {
        image: { dtype: "uint8", shape: [size, SIDE, SIDE, 3], data: image },
        label: { dtype: "uint8", shape: [size], data: label },
      },
    },
  };
}
