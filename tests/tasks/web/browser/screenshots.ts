/**
 * Pictures of every state of the paint page, light and dark, on a desk and on a phone, to be looked at:
 *
 *     deno run -A tests/tasks/web/browser/screenshots.ts FOLDER [RUN…]
 *
 * With no run named, small ones are trained for it.
 */
import { launchChromium } from "../../../chromium.ts";
import { shapeByHand, sunByHand, turned } from "./hand.ts";
import { Paint } from "./paint.ts";
import { makeRuns } from "./paint_runs.ts";
import { serveSite } from "./sites.ts";
import { type Device, visit } from "./visit.ts";

/** States in their order: each goes on from the one before. */
const STATES: Readonly<Record<string, (paint: Paint) => Promise<unknown>>> = {
  blank: (paint) => paint.settled(0),
  circle: (paint) => paint.draw(shapeByHand("circle")),
  sun: async (paint) => {
    await paint.button("Clear").click();
    await paint.draw(shapeByHand("sun"));
  },
  reason: async (paint) => {
    await paint.run("cnn-lstm").getByRole("button", { name: /^sun/ }).click();
    await paint.page.waitForTimeout(800);
  },
  view: (paint) => paint.panel("Model's view"),
  overflow: async (paint) => {
    const explained = paint.run("cnn-lstm").getByRole("button", { name: /^sun/ });
    if (!await explained.isVisible()) await paint.panel("Guesses"); // on a phone the bars are a panel
    await explained.click();
    await paint.draw(sunByHand(11, 5).slice(9));
  },
  replace: async (paint) => {
    await paint.button("Clear").click();
    await paint.draw(turned(shapeByHand("triangle", 7), 12));
    await paint.panel("Clean shape");
    await paint.page.waitForTimeout(500);
  },
  finish: async (paint) => {
    await paint.button("Clear").click();
    await paint.draw(shapeByHand("sun").slice(0, 3));
    await paint.rested(await paint.panel("Finish it"));
    await paint.page.waitForTimeout(1800);
  },
  finished: (paint) => paint.button(/^Ending \d(?!, nothing)/).first().click(),
  samples: async (paint) => {
    const panel = await paint.panel("Samples");
    await panel.getByRole("combobox", { name: "Drawn by" }).selectOption({ label: "sketch-rnn" });
    await paint.rested(panel);
    await paint.button(/^Sample 1\b/).click();
    await paint.button(/^Sample 3\b/).click();
    await paint.page.waitForTimeout(500);
  },
  draw: async (paint) => {
    const panel = await paint.panel("Samples");
    await panel.getByRole("combobox", { name: "Drawn by" }).selectOption({ label: "draw" });
    await paint.rested(panel);
    await panel.getByRole("slider", { name: "Step" }).press("Home");
    await panel.getByRole("slider", { name: "Step" }).press("ArrowRight");
    await paint.button(/^Sample 1\b/).click();
    await paint.button(/^Sample 3\b/).click();
    await paint.page.waitForTimeout(500);
  },
  game: (paint) => paint.panel("Game"),
  asked: (paint) => paint.button("Play").click(),
  playing: async (paint) => {
    await paint.button("Go").click();
    await paint.draw(shapeByHand("circle").map((movement) => movement.slice(0, 40)));
    await paint.page.waitForTimeout(1200);
  },
  over: async (paint) => {
    for (let round = 0; round < 6; round++) await paint.button("Skip").click();
  },
  keep: async (paint) => {
    await paint.button("Done").click();
    await paint.button("Clear").click();
    await paint.draw(shapeByHand("triangle"));
    await paint.panel("Keep it");
  },
  help: (paint) => paint.button("Help").click(),
};

const DEVICES: Readonly<Record<string, Device>> = {
  "desk-light": {},
  "desk-dark": { dark: true },
  "phone-light": { phone: true },
  "phone-dark": { phone: true, dark: true },
};

if (import.meta.main) {
  const [folder, ...runs] = Deno.args;
  await Deno.mkdir(folder, { recursive: true });
  const made = await Deno.makeTempDir({ prefix: "strokewise-" });
  if (runs.length === 0) runs.push(...await makeRuns(made));
  {
    await using site = await serveSite(runs, { collected: `${made}/collected.ndjson` });
    const browser = await launchChromium();
    for (const [name, device] of Object.entries(DEVICES)) {
      await using open = await visit(browser, site.url, device);
      const paint = new Paint(open);
      await paint.loaded();
      for (const [state, reach] of Object.entries(STATES)) {
        await reach(paint);
        await open.page.screenshot({ path: `${folder}/${name}-${state}.png`, fullPage: true, animations: "disabled" });
      }
    }
    await browser.close();
  }
  await Deno.remove(made, { recursive: true });
}
