import { assertEquals } from "@std/assert";
import { readEvaluation } from "../../../tasks/evaluation/read_evaluation.ts";
import { inTemporaryFolder, may } from "../../helpers.ts";

const HEAD = { model: "draw", dataset: "mnist", split: "test", unit: "digit", step: 3, examples: 100 };

Deno.test({
  name: "evaluations are read as they are, and those of former runs in the form of today",
  ignore: !may("read", "write"),
  fn: () =>
    inTemporaryFolder(async (folder) => {
      const path = `${folder}/metrics.json`;
      const read = async (stored: unknown) => {
        await Deno.writeTextFile(path, JSON.stringify(stored));
        return await readEvaluation(path);
      };
      const nearest = { samples: 5, mean: 1, standardDeviation: 2, maximum: 3 };
      const steps = { klPerStep: [1, 2], importance: { samples: 1, bound: 9 } };
      const metrics = { loss: 9, reconstruction: 6, kl: 3, accuracy: 0.5 };
      const today = {
        ...{ ...HEAD, metrics, generation: { nearest } },
        likelihood: { bound: 9, reconstruction: 6, kl: 3, ...steps },
      };
      assertEquals<unknown>(await read(today), today);
      assertEquals<unknown>(await read({ ...HEAD, metrics, drawing: { ...steps, nearest } }), today);
      assertEquals<unknown>(await read({ ...HEAD, metrics, drawing: steps }), { ...today, generation: {} });
      const plain = { ...HEAD, metrics: { loss: 1 } };
      assertEquals<unknown>(await read(plain), plain);
    }),
});
