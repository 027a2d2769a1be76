import { assertEquals } from "@std/assert";
import { FAST, may } from "../../../helpers.ts";

Deno.test({
  name: "binary.ts of the pipelines is what assembly/ compiles to",
  ignore: FAST || !may("read", "env"), // AssemblyScript looks at CI and the like
  fn: async () => {
    const { binaryModule, compileAssembly } = await import("../../../../pipelines/base/wasm/build.ts");
    const file = new URL("../../../../pipelines/base/wasm/binary.ts", import.meta.url);
    assertEquals(await Deno.readTextFile(file), binaryModule(await compileAssembly()));
  },
});
