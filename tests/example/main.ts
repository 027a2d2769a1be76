// deno-lint-ignore-file no-console -- a script says what it does
/** Prepares, trains in two Workers, judges, reports and uses: each with what is this project's own. */
import { evaluate, loadClassifier, prepare, startBackend, train, writeEvaluation } from "@strokewise/strokewise";
import jitter from "./jitter.ts";
import perceptron from "./perceptron.ts";
import spirals from "./spirals.ts";

const [folder] = Deno.args;
const [data, run] = [`${folder}/data`, `${folder}/run`];
const lines = Array.from({ length: 240 }, (_, i) => `${i % 2 === 0 ? "left" : "right"} ${1 + i / 240}`);
await Deno.writeTextFile(`${folder}/spirals.txt`, lines.join("\n") + "\n");

const index = await prepare({
  ...{ dataset: spirals, options: { size: 12 }, workers: 2 },
  ...{ sources: [`${folder}/spirals.txt`], output: data },
});
console.log(`prepared ${index.splits.train.examples} ${index.unit}s of ${index.classes.join(" and ")}`);

await startBackend("wasm");
await Deno.mkdir(run);
const settings = {
  ...{ data, folder: run, model: perceptron, augmentation: jitter, workers: 2 },
  loop: { epochs: 20, learningRate: 0.01, batchSize: 16, optimizer: "sgd", momentum: 0.9, emaDecay: 0.9 },
} as const;
for await (const line of train({ ...settings, modelOptions: { units: 24 }, augment: { by: 2 } })) {
  if (line.kind === "evaluation" && line.best) console.log(`best so far: ${line.valid.accuracy}`);
}

const judgement = await evaluate({ folder: run, split: "test" });
await writeEvaluation(run, judgement);
console.log(`top-1 ${judgement.evaluation.classification?.top1}`);

using classifier = await loadClassifier(run);
const [best] = await classifier.classify([[[127, 200, 127, 40], [127, 127, 220, 127]]]);
console.log(`a drawing: ${best.name}`);
