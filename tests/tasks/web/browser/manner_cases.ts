/// <reference lib="dom" />
/** How the page behaves: for those who use keys, who hear it, who want it calm; nothing jumps. */
import type { AxeResults, RunOptions } from "axe-core";
import type { Page } from "playwright-core";
import { assert, assertEquals } from "@std/assert";
import { shapeByHand, sunByHand } from "./hand.ts";
import type { Paint } from "./paint.ts";
import type { PaintCase } from "./paint_case.ts";
import type { Shift } from "./visit.ts";

/** What is wrong for those who do not use the page as most do, as far as it is serious, by axe-core. */
async function findings(page: Page, only?: readonly string[]): Promise<string[]> {
  const { default: axe } = await import("axe-core");
  // Not as a script of the page, which its policy forbids.
  if (await page.evaluate(() => !("axe" in globalThis))) await page.evaluate(axe.source);
  const options: RunOptions = { resultTypes: ["violations"], ...(only ? { runOnly: [...only] } : {}) };
  const { violations } = await page.evaluate((options) => {
    const { axe } = globalThis as unknown as { axe: { run(options: RunOptions): Promise<AxeResults> } };
    return axe.run(options);
  }, options);
  return violations.filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ target, failureSummary }) => `${target}: ${failureSummary}`)}`);
}

/** The titles of the panels that the page offers. */
const panelTitles = (paint: Paint) => paint.page.getByRole("tab").allTextContents();

/** Looks for what is wrong in each state of the page. */
async function checkStates(paint: Paint, only?: readonly string[]): Promise<void> {
  const found: Record<string, string[]> = { blank: await findings(paint.page, only) };
  await paint.draw(sunByHand(9));
  for (const title of await panelTitles(paint)) {
    await paint.panel(title);
    found[title] = await findings(paint.page, only);
  }
  await paint.button("Help").click();
  found.help = await findings(paint.page, only);
  await paint.button("Close").click();
  assertEquals(Object.values(found).flat(), []);
}

const sumOf = (shifts: readonly Shift[]) => shifts.reduce((sum, { value }) => sum + value, 0);

/** Where everything is that one could point at, and each run. */
function placesOf({ page }: Paint): Promise<string[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll("canvas.sheet-canvas, .tools button, .switches button, .run, [role=tab]")].map(
      (element) => {
        const { left, top, width, height } = element.getBoundingClientRect();
        return `${element.textContent?.slice(0, 12)} ${[left, top, width, height].map(Math.round)}`;
      },
    )
  );
}

/** What has the focus, and whether one sees it. */
function focused(page: Page): Promise<{ name: string; visible: boolean; inPage: boolean }> {
  return page.evaluate(() => {
    const element = document.activeElement!;
    const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(element);
    const { width, height } = element.getBoundingClientRect();
    const name = element.getAttribute("aria-label") ?? element.textContent?.trim() ?? "";
    return {
      name: `${element.tagName} ${element.id || name}`,
      visible: width > 0 && height > 0 &&
        (outlineStyle !== "none" && parseFloat(outlineWidth) >= 2 || boxShadow !== "none"),
      inPage: element !== document.body,
    };
  });
}

/** All that can be used now, whether by keys or not: what has no own stop must be in a list of tabs or radios that has. */
function usable(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll<HTMLElement>("button, input, select, textarea, summary, a[href]")]
      .filter((element) => element.checkVisibility({ visibilityProperty: true }) && !element.matches(":disabled"))
      .filter((element) => !element.closest("dialog:not([open])"))
      .filter((element) => element.tabIndex >= 0)
      .map((element) =>
        `${element.tagName} ${element.id || (element.getAttribute("aria-label") ?? element.textContent?.trim() ?? "")}`
      )
  );
}

export const MANNER_CASES: readonly PaintCase[] = [
  {
    name: "axe-core finds nothing serious, blank, in any panel and in the help",
    check: ({ paint }) => checkStates(paint),
  },
  {
    name: "axe-core finds no colour that is hard to tell in the dark",
    device: { dark: true },
    check: ({ paint }) => checkStates(paint, ["color-contrast"]),
  },
  {
    name: "nothing moves that was there while the page is loaded, one draws, clears, takes back and switches",
    anew: true,
    async check({ paint, visit }) {
      const loading = sumOf(await visit.shifts());
      assert(loading < 0.02, `while loading: ${loading}`);
      const places = await placesOf(paint);
      for (
        const act of [
          () => paint.draw(sunByHand(9)),
          () => paint.button("Clear").click(),
          () => paint.draw(shapeByHand("square")),
          () => paint.button("Undo").click(),
        ]
      ) {
        await act();
        assertEquals(await placesOf(paint), places);
      }
      const drawing = sumOf(await visit.shifts());
      assert(drawing < 0.01, `while drawing: ${drawing}`);
      for (let i = 0; i < 2; i++) {
        await paint.button("cnn").click();
        await paint.settled(0);
      }
      const switching = sumOf((await visit.shifts()).filter(({ wanted }) => !wanted));
      assert(switching < 0.01, `more than what was asked for: ${switching}`);
    },
  },
  {
    name: "every control is reached by the Tab key, in the order of reading, and shows that it is",
    async check({ paint, paint: { page } }) {
      await paint.draw(shapeByHand("circle"));
      for (const title of await panelTitles(paint)) {
        await paint.rested(await paint.panel(title));
        const expected = await usable(page);
        await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
        await page.mouse.click(2, 2); // so that the walk begins at the top
        const reached: string[] = [];
        for (let i = 0; i < expected.length + 20; i++) {
          await page.keyboard.press("Tab");
          const { name, visible, inPage } = await focused(page);
          if (!inPage) break;
          assert(visible, `${title}: one does not see that the focus is on ${name}`);
          reached.push(name);
        }
        const missing = expected.filter((name) => !reached.includes(name));
        assertEquals(missing, [], `${title}: never reached`);
      }
    },
  },
  {
    name: "one draws, and all works, where motion is not wanted: nothing is animated",
    device: { calm: true },
    async check({ paint, paint: { page } }) {
      await paint.draw(shapeByHand("square"));
      const running: string[] = [];
      for (const movement of shapeByHand("sun")) {
        await paint.move([movement]);
        running.push(
          ...await page.evaluate(() =>
            document.getAnimations().filter(({ effect }) => Number(effect?.getComputedTiming().duration) > 10)
              .map((animation) => (animation as CSSAnimation).animationName ?? animation.id ?? "an animation")
          ),
        );
      }
      assertEquals(running, []);
    },
  },
];
