/** What the page says when something is wrong, or not there. */
import type { Page } from "playwright-core";
import { assertEquals } from "@std/assert";
import type { SiteManifest } from "../../../../tasks/web/site/manifest.ts";
import { shapeByHand } from "./hand.ts";
import type { PaintCase } from "./paint_case.ts";

/** Has the page read a manifest that is not quite its own. */
function changeManifest(change: (manifest: SiteManifest) => SiteManifest) {
  return (page: Page) =>
    page.route("**/site.json", async (route) => {
      const response = await route.fetch();
      await route.fulfill({ response, json: change(await response.json()) });
    });
}

export const FAULT_CASES: readonly PaintCase[] = [
  {
    name: "a model that arrives damaged is not used, and said; the others work, and it can be asked for again",
    spoil: async (page) => {
      let isFirst = true;
      await page.context().route("**/cnn-lstm-*.safetensors", async (route) => {
        const response = await route.fetch();
        const bytes = await response.body();
        if (isFirst) bytes[bytes.length >> 1] ^= 1;
        isFirst = false;
        await route.fulfill({ response, body: bytes });
      });
    },
    async check({ paint }) {
      const fault = paint.run("cnn-lstm").getByRole("alert");
      await fault.waitFor();
      await paint.run("cnn").getByText("cnn · wasm").waitFor();
      await paint.draw(shapeByHand("square"));
      assertEquals((await paint.bars("cnn"))[0].name, "square");
      await fault.getByRole("button", { name: "Try again" }).click();
      await fault.waitFor({ state: "detached" });
      await paint.settled(1);
      assertEquals((await paint.bars("cnn-lstm"))[0].name, "square");
    },
  },
  {
    name: "a run that computes something else than where it was made says that it must not be trusted",
    spoil: changeManifest((manifest) => ({
      ...manifest,
      runs: manifest.runs.map((run) =>
        run.name === "cnn" ? { ...run, check: { ...run.check, numbers: run.check.numbers.map((n) => n + 0.002) } } : run
      ),
    })),
    async check({ paint }) {
      await paint.run("cnn").getByRole("alert").filter({ hasText: /not trust/ }).waitFor();
      await paint.run("cnn-lstm").getByText("cnn-lstm · wasm").waitFor();
      assertEquals(await paint.run("cnn-lstm").getByRole("alert").count(), 0);
    },
  },
  {
    name: "where there is no run the page says the command that makes one, and one can draw",
    spoil: changeManifest((manifest) => ({ ...manifest, runs: [] })),
    async check({ paint }) {
      await paint.page.getByRole("region", { name: "No run yet" }).getByText("deno task quickstart").waitFor();
      await paint.move(shapeByHand("sun").slice(0, 2));
      await paint.page.getByRole("img", { name: "Your drawing: 2 strokes" }).waitFor();
      await paint.button("Undo").click();
      assertEquals(await paint.strokes(), 1);
    },
  },
  {
    name: "where no run looks at drawings there is no sheet, but what they make, and the way from one to another",
    origin: "exported",
    spoil: changeManifest((manifest) => ({ ...manifest, runs: manifest.runs.filter(({ name }) => name === "draw") })),
    async check({ paint }) {
      const panel = paint.page.getByRole("tabpanel", { name: "Samples" });
      const tiles = panel.getByRole("button", { name: /^Sample \d/ });
      await tiles.first().waitFor();
      assertEquals(await tiles.count(), 12);
      await tiles.nth(0).click();
      await tiles.nth(5).click();
      await panel.getByRole("slider", { name: "From A to B" }).waitFor();
      assertEquals(await paint.canvas.count(), 0);
      assertEquals(await paint.button("Undo").count(), 0);
      assertEquals(await paint.page.getByRole("tab").allTextContents(), ["Samples"]);
    },
  },
];
