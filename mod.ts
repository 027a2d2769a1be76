/**
 * strokewise: drawings to tensors stroke by stroke, and models trained on them, in Deno and TypeScript. No Python, and no
 * network at run time.
 *
 * @example Prepare the embedded drawings, train a classifier for one epoch, and say how good it is
 * ```ts no-assert
 * import * as strokewise from "@strokewise/strokewise";
 *
 * const { quickdraw } = strokewise;
 * const shards = { dataset: quickdraw, options: strokewise.defaultsOf(quickdraw.options), sources: [], output: "data/mine" };
 * await strokewise.prepare({ ...shards, overwrite: true, perClass: 0, shardSize: 4096, seed: 0, maxRejects: 0.01 });
 *
 * console.log(await strokewise.startBackend());
 * await Deno.mkdir("runs/mine", { recursive: true });
 * const loop = { ...strokewise.defaultsOf(strokewise.LOOP_OPTIONS), epochs: 1 };
 * const augment = strokewise.defaultsOf(strokewise.AUGMENT_OPTIONS);
 * const settings = { data: "data/mine", folder: "runs/mine", model: "cnn-lstm", modelOptions: {}, loop, augment, seed: 0 };
 * for await (const line of strokewise.train(settings)) console.log(line);
 * const { evaluation } = await strokewise.evaluate({ folder: "runs/mine", split: "test" });
 * console.log(evaluation.top1);
 * ```
 *
 * @module
 */
export * from "./models/mod.ts";
export * from "./pipelines/mod.ts";
export * from "./tasks/mod.ts";
