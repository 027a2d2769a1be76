/**
 * The registry of targets: one line each.
 *
 * @module
 */
import { modelTargets } from "./model_target.ts";
import { onnx } from "./onnx/onnx_format.ts";
import { safetensors } from "./safetensors/safetensors_format.ts";
import { site } from "./site_target.ts";
import type { ExportTarget } from "./target.ts";
import { tfevents } from "./tfevents_target.ts";
import { tfjs } from "./tfjs/tfjs_format.ts";

/** What `deno task export --to` writes. */
export const TARGETS: Readonly<Record<string, ExportTarget>> = {
  site,
  tfevents,
  ...modelTargets({ onnx, tfjs, safetensors }),
};
