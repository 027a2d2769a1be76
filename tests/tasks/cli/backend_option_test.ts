import { assertEquals, assertRejects } from "@std/assert";
import { InputError } from "../../../pipelines/base/errors.ts";
import { openBackend } from "../../../tasks/cli/backend_option.ts";
import { evaluateCommand } from "../../../tasks/commands/evaluate.ts";
import { sampleCommand } from "../../../tasks/commands/sample.ts";
import { may } from "../../helpers.ts";

const name = "a backend that cannot start is the input's fault, in every command";
Deno.test(name, { ignore: !may("read") }, async () => {
  const requestAdapter = navigator.gpu.requestAdapter;
  navigator.gpu.requestAdapter = () => Promise.resolve(null);
  try {
    const words = "--backend webgpu: Cannot start the webgpu backend: no graphics adapter";
    for (
      const command of [
        () => openBackend("webgpu"),
        ...[evaluateCommand, sampleCommand].map((command) => () =>
          command(["--run", "runs/none", "--backend", "webgpu"])
        ),
      ]
    ) await assertRejects(command, InputError, words);
  } finally {
    navigator.gpu.requestAdapter = requestAdapter;
  }
  assertEquals((await openBackend("cpu")).why, "asked for");
});
