/** `deno task train` as a person types it. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { inTemporaryFolder } from "../../helpers.ts";
import { CAN_RUN, runTask } from "../command.ts";

Deno.test({
  name: "train: options that nothing would read are refused before data is prepared",
  ignore: !CAN_RUN,
  fn: () =>
    inTemporaryFolder(async (folder) => {
      await Deno.writeTextFile(`${folder}/before.json`, '{ "train.steps": 7, "train.epochs": 40 }');
      const length = "whatever the epochs; --train.steps 0 lets them decide";
      const cases: [args: string[], says: string][] = [
        [["--train.beta1", "0.5", "--train.optimizer=sgd"], "training: beta1: read with optimizer adam alone, found"],
        [
          ["--model", "vae", "--model.likelihood", "bernoulli", "--model.scale", "fixed"],
          "model vae: scale: read with",
        ],
        [
          ["--train.steps", "5", "--train.epochs", "3"],
          `--train.epochs: the run ends after --train.steps 5, ${length}`,
        ],
        [
          ["--config", "before.json", "--train.epochs=3"],
          `--train.epochs: the run ends after --train.steps 7, ${length}`,
        ],
        [["--config", "before.json", "--train.clip-norm", "-1"], "--train.clip-norm: expected"], // both of a file are no mistake
      ];
      for (const [args, says] of cases) {
        const { code, stderr } = await runTask("train", args, { folder });
        assertEquals([code, stderr.trimEnd().split("\n").length], [2, 1], stderr);
        assertStringIncludes(stderr, `strokewise train: ${says}`);
      }
      const { stdout } = await runTask("train", ["--help"], { folder });
      assertStringIncludes(stdout.replaceAll(/\s+/g, " "), "--train.momentum N with --train.optimizer sgd: the share");
      assertEquals((await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name), ["before.json"]);
    }),
});
