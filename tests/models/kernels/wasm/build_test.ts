import { assertEquals } from "@std/assert";
import { FAST, may } from "../../../helpers.ts";

Deno.test({
  name: "binary.ts is what assembly/ compiles to",
  ignore: FAST || !may("read", "env"), // AssemblyScript looks at CI and the like
  fn: async () => {
    const { compileKernels } = await import("../../../../models/kernels/wasm/build.ts");
    const { binaryModule } = await import("../../../../pipelines/base/wasm/build.ts");
    const file = new URL("../../../../models/kernels/wasm/binary.ts", import.meta.url);
    assertEquals(await Deno.readTextFile(file), binaryModule(await compileKernels()));
  },
});
