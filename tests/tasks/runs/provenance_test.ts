import { assert, assertEquals } from "@std/assert";
import config from "../../../deno.json" with { type: "json" };
import { continued, type Provenance, provenance, VERSION } from "../../../tasks/runs/provenance.ts";
import { may } from "../../helpers.ts";

Deno.test("the version is that of deno.json", () => assertEquals(VERSION, config.version));

Deno.test({
  name: "a run says when it began, on what, and of which commit where that is known",
  ignore: !may("read", "run", "sys"),
  fn: async () => {
    const before = Date.now();
    const { version, commit, date, backend, device, processor } = await provenance({ name: "cpu", device: "plain" });
    assertEquals([version, backend, device], [VERSION, "cpu", "plain"]);
    assert(Date.parse(date) >= before && Date.parse(date) <= Date.now(), date);
    assert(processor === undefined || processor.length > 2, processor);
    const cwd = decodeURIComponent(new URL("../../../", import.meta.url).pathname);
    const git = new Deno.Command("git", { args: ["rev-parse", "HEAD"], cwd, stdout: "piped", stderr: "null" });
    const { code, stdout } = await git.output().catch(() => ({ code: 1, stdout: new Uint8Array() }));
    const isCheckout = await Deno.lstat(`${cwd}.git`).then(() => true, () => false);
    if (code === 0 && isCheckout) assertEquals(commit, new TextDecoder().decode(stdout).trim());
    else assertEquals(commit, undefined);
  },
});

Deno.test("a run that goes on says by what, where that is not as before", () => {
  const began: Provenance = { version: "1", date: "d", backend: "wasm", device: "cpu", commit: "a", processor: "Zen" };
  assertEquals(continued(began, { ...began, date: "e" }, 5), undefined);
  const once = continued(began, { ...began, date: "e", commit: "b" }, 5)!;
  const { date: _, ...machine } = began;
  assertEquals(once, { ...began, continued: [{ ...machine, commit: "b", date: "e", step: 5 }] });
  assertEquals(continued(once, { ...began, commit: "b", date: "f" }, 6), undefined);
  assertEquals(continued(once, began, 7)!.continued!.map(({ step, commit }) => [step, commit]), [[5, "b"], [7, "a"]]);
});
