/** What a command may do beside its work: no more than deno.json grants, and less where its flags need less. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { FAST, inTemporaryFolder } from "../../helpers.ts";
import { CAN_RUN, runTask } from "../command.ts";

/** A dataset that says what it is allowed to do where it would read. */
const PROBE = `
const ask = (query) => Deno.permissions.querySync(query).state;
export default {
  ...{ name: "probe", url: import.meta.url, summary: "-", licence: "-", unit: "x", extensions: [".txt"], options: {} },
  fields: () => ({ label: { dtype: "uint8", shape: [] } }),
  async *chunks() {
    throw new Error(ask({ name: "net", host: "storage.googleapis.com:443" }) + " " + ask({ name: "run" }));
  },
  parse() {},
  pack: () => ({}),
};`;

Deno.test({
  name:
    "prepare without --download reaches no network, and commands run no others but esbuild, deno and those of Slurm",
  ignore: FAST || !CAN_RUN,
  fn: () =>
    inTemporaryFolder(async (folder) => {
      await Deno.writeTextFile(`${folder}/probe.ts`, PROBE);
      await Deno.writeTextFile(`${folder}/a.txt`, "a");
      const args = ["--dataset", `${folder}/probe.ts`, "--output", `${folder}/out`, `${folder}/a.txt`];
      const { code, stderr } = await runTask("prepare", args);
      assertEquals(code, 2, stderr);
      assertStringIncludes(stderr, "Error: prompt prompt (file://");
      const { permissions } = JSON.parse(await Deno.readTextFile(new URL("../../../deno.json", import.meta.url)));
      const all: [string, Record<string, unknown>][] = Object.entries(permissions);
      const having = (name: string) => all.filter(([, set]) => set[name] !== undefined).map(([task]) => task);
      assertEquals(having("net"), ["prepare", "download", "train", "watch", "serve", "test", "test-fast"]);
      assertEquals(having("run"), ["fuzz", "serve", "export", "reproduce", "sweep", "work", "test", "bench"]);
      assertEquals(having("ffi"), ["prepare", "train", "test", "test-fast", "bench"]);
    }),
});
