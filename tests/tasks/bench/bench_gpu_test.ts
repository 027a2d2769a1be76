import { assertRejects } from "@std/assert";
import { InputError } from "../../../pipelines/base/errors.ts";
import { benchGpu } from "../../../tasks/bench/bench_gpu.ts";

Deno.test({
  name: "bench --gpu says in one line that there is no graphics card",
  ignore: globalThis.navigator?.gpu === undefined,
  fn: async () => {
    const { requestAdapter } = navigator.gpu;
    navigator.gpu.requestAdapter = () => Promise.resolve(null);
    try {
      const running = benchGpu({ data: undefined, python: "python3", stock: false });
      await assertRejects(
        () => running,
        InputError,
        "--gpu: there is no graphics card to time: Cannot start the webgpu",
      );
    } finally {
      navigator.gpu.requestAdapter = requestAdapter;
    }
  },
});
