import { assertEquals } from "@std/assert";
import { may } from "../../../helpers.ts";

Deno.test({
  name: "stock_gradients.js is what the gradients of tfjs-core are bundled to",
  ignore: !may("read", "env", "run"), // esbuild is a program of its own
  fn: async () => {
    const { bundleGradients } = await import("../../../../models/kernels/stock_gradients/build.ts");
    const file = new URL("../../../../models/kernels/stock_gradients/stock_gradients.js", import.meta.url);
    assertEquals(await Deno.readTextFile(file), await bundleGradients());
  },
});
