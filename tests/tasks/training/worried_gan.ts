/** A GAN that always finds something amiss. */
import type { ModelSpec } from "../../../models/model_spec.ts";
import { gan } from "../../../models/zoo/gan/gan.ts";

const worriedGan: ModelSpec<typeof gan.options> = {
  ...gan,
  name: "worried-gan",
  url: import.meta.url,
  worries: ({ train, valid }) =>
    "realAccuracy" in train && "generator.distance" in valid ? ["it is not well"] : ["what was measured is not told"],
};

export default worriedGan;
