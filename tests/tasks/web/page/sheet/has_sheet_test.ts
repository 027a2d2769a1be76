import { assertEquals } from "@std/assert";
import { collect } from "../../../../../tasks/web/page/panels/collect.tsx";
import { hasSheet } from "../../../../../tasks/web/page/sheet/has_sheet.ts";
import { fakeEngine, fakePage } from "../panels/fakes.ts";

const IMAGES = { images: { latentShape: [1, 8], prior: "normal" } } as const;

Deno.test("a page has a sheet where there is no run, drawings are collected, or a run looks at them", async () => {
  const [maker, namer] = [
    fakeEngine({ name: "gan", ...IMAGES }).engine,
    fakeEngine({ name: "cnn", naming: { side: 64, frames: 1, explains: false } }).engine,
  ];
  const alone = await fakePage(maker);
  assertEquals([hasSheet(alone), collect.isOffered(alone)], [false, false]);
  assertEquals(hasSheet({ ...alone, manifest: { ...alone.manifest, collects: true } }), true);
  assertEquals(hasSheet({ ...alone, runs: [] }), true);
  assertEquals(hasSheet(await fakePage(maker, namer)), true);
});
