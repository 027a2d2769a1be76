/** How a processor multiplies and adds: a processor whose instruction is switched off is told from one that has it. */
import { assertEquals } from "@std/assert";
import { may } from "../../helpers.ts";

const hasBoth = Deno.build.arch === "x86_64" && Deno.build.os === "linux" && may("read", "run") &&
  new Deno.Command("grep", { args: ["-qw", "fma", "/proc/cpuinfo"] }).outputSync().success; // Deno may not look

Deno.test({
  name: "products are rounded before they are added where the processor has no fused instruction",
  ignore: !hasBoth,
  async fn() {
    const url = new URL("../../../models/backends/arithmetic.ts", import.meta.url).href;
    const said = async (...flags: string[]) => {
      const code = `import { arithmeticOf } from ${JSON.stringify(url)}; console.log(arithmeticOf());`;
      const { stdout } = await new Deno.Command(Deno.execPath(), { args: ["eval", ...flags, code] }).output();
      return new TextDecoder().decode(stdout).trim();
    };
    assertEquals(await said(), "fused multiply-add");
    assertEquals(await said("--v8-flags=--no-enable-fma3"), "separate multiply and add");
  },
});
