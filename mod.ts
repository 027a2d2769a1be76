/**
 * strokewise: drawings to tensors stroke by stroke, and models trained on them, in Deno and TypeScript. No Python, and no
 * network at run time.
 *
 * @example In a checkout: prepare two classes of the embedded drawings, train for one epoch, and say how good that is
 * ```ts
 * import * as strokewise from "@strokewise/strokewise";
 * import { assert } from "@std/assert";
 *
 * const { defaultsOf, quickdraw } = strokewise;
 * const folder = await Deno.makeTempDir();
 * const [data, run] = [`${folder}/data`, `${folder}/run`];
 * const options = { ...defaultsOf(quickdraw.options), classes: ["circle", "line"], size: 16 };
 * await strokewise.prepare({ dataset: quickdraw, options, perClass: 100, output: data });
 *
 * await strokewise.startBackend();
 * await Deno.mkdir(run);
 * const loop = { ...defaultsOf(strokewise.LOOP_OPTIONS), epochs: 1 };
 * const augment = defaultsOf(strokewise.AUGMENT_OPTIONS);
 * const settings = { data, folder: run, model: "cnn", modelOptions: {}, loop, augment, seed: 0 };
 * for await (const { step, loss } of strokewise.train(settings)) assert(step > 0 && Number(loss) > 0);
 *
 * const { evaluation } = await strokewise.evaluate({ folder: run, split: "test" });
 * assert(evaluation.classification!.top1 > 0.3);
 * await Deno.remove(folder, { recursive: true });
 * ```
 *
 * @module
 */
export * from "./models/mod.ts";
export * from "./pipelines/formats/mod.ts";
export * from "./pipelines/mod.ts";
export * from "./tasks/mod.ts";
