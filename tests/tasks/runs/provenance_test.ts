import { assert, assertEquals } from "@std/assert";
import config from "../../../deno.json" with { type: "json" };
import { provenance, VERSION } from "../../../tasks/runs/provenance.ts";
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
    const isClone = (await Deno.lstat(`${cwd}.git`).catch(() => undefined))?.isDirectory; // a worktree has a file there
    if (code === 0 && isClone) assertEquals(commit, new TextDecoder().decode(stdout).trim());
    else assertEquals(commit, undefined);
  },
});
