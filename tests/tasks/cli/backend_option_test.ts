import { assertEquals, assertRejects } from "@std/assert";
import { InputError } from "../../../pipelines/base/errors.ts";
import { openBackend } from "../../../tasks/cli/backend_option.ts";
import { sampleCommand } from "../../../tasks/commands/sample.ts";
import { may } from "../../helpers.ts";

Deno.test("a backend that cannot start is the input's fault, in commands too", { ignore: !may("read") }, async () => {
  const requestAdapter = navigator.gpu.requestAdapter;
  navigator.gpu.requestAdapter = () => Promise.resolve(null);
  try {
    const words = "--backend webgpu: Cannot start the webgpu backend: no graphics adapter";
    await assertRejects(() => openBackend("webgpu"), InputError, words);
    await assertRejects(() => sampleCommand(["--run", "runs/none", "--backend", "webgpu"]), InputError, words);
  } finally {
    navigator.gpu.requestAdapter = requestAdapter;
  }
  assertEquals((await openBackend("cpu")).why, "asked for");
});
