import { assertEquals, assertRejects } from "@std/assert";
import { MODELS } from "../../../models/zoo/registry.ts";
import { InputError } from "../../../pipelines/base/errors.ts";
import { referenceTo, referred } from "../../../tasks/runs/spec_reference.ts";

const REGISTERED = { what: "model", specs: MODELS } as const;

Deno.test("code in a checkpoint, or somewhere else, is not run because the checkpoint names it", async () => {
  const scope = globalThis as { ran?: boolean };
  const code = `data:text/javascript,globalThis.ran = true; export const m = { name: "x", url: import.meta.url }`;
  for (
    const url of [code, "https://127.0.0.1:1/model.ts", "blob:null/1", "npm:x", "/model.ts", 5 as unknown as string]
  ) {
    const opening = () => referred({ name: "x", url, export: "m", sha256: "00" }, REGISTERED, "last.safetensors");
    await assertRejects(opening, InputError, "last.safetensors: its model x is in ");
  }
  assertEquals(scope.ran, undefined);
});

Deno.test("a run names no module that it would not be opened with", async () => {
  assertEquals(await referenceTo(MODELS.cnn, REGISTERED), { name: "cnn" });
  const elsewhere = { ...MODELS.cnn, name: "mine", url: "https://127.0.0.1:1/model.ts" };
  await assertRejects(() => referenceTo(elsewhere, REGISTERED), InputError, "a copy on this machine is one");
});
