/// <reference lib="dom" />
/** A phone: drawn on with a finger. */
import { assert, assertEquals } from "@std/assert";
import { SHAPE_NAMES, shapeByHand } from "./hand.ts";
import type { PaintCase } from "./paint_case.ts";

const PHONE = { phone: true };

/** The least side of what a finger is to hit, in CSS pixels: WCAG 2.5.8's 24. */
const LEAST_TARGET = 24;

export const PHONE_CASES: readonly PaintCase[] = [
  {
    name: "on a phone a finger draws, the page stays where it is, and what is drawn is named",
    device: PHONE,
    async check({ paint, paint: { page } }) {
      const places = new Set<string>();
      for (const shape of SHAPE_NAMES) {
        await paint.canvas.scrollIntoViewIfNeeded();
        await page.waitForTimeout(50); // for what that scrolled
        await page.evaluate(() => {
          const seen: string[] = [];
          Object.assign(globalThis, { seen });
          document.addEventListener("scroll", () => seen.push(`${scrollX} ${scrollY}`));
        });
        await paint.draw(shapeByHand(shape, 3));
        for (const place of await page.evaluate(() => (globalThis as unknown as { seen: string[] }).seen)) {
          places.add(place);
        }
        for (const run of ["cnn-lstm", "cnn"]) assertEquals((await paint.bars(run))[0].name, shape);
        await paint.button("Clear").tap();
        await paint.settled(0);
      }
      assertEquals([...places], []);
    },
  },
  {
    name: "on a phone nothing is cut off, and every control is large enough for a finger",
    device: PHONE,
    async check({ paint, paint: { page } }) {
      await paint.draw(shapeByHand("square"));
      for (const title of await page.getByRole("tab").allTextContents()) {
        await paint.panel(title);
        const { width, view, small } = await page.evaluate((least) => ({
          width: document.documentElement.scrollWidth,
          view: document.documentElement.clientWidth,
          small: [...document.querySelectorAll<HTMLElement>("button, input, select, summary, a[href]")]
            .filter((element) => element.checkVisibility() && !element.closest(".unseen, dialog:not([open])"))
            .filter((element) => {
              const { width, height } = (element.closest("label") ?? element).getBoundingClientRect();
              return Math.min(width, height) < least;
            })
            .map((element) => `${element.tagName} ${element.getAttribute("aria-label") ?? element.textContent}`),
        }), LEAST_TARGET);
        assert(width <= view, `${title}: ${width} px wide, there are ${view}`);
        assertEquals(small, [], title);
      }
    },
  },
  {
    name: "on a phone the guesses are the first tab, the best stay in sight behind the others; a wide window has both",
    device: PHONE,
    async check({ paint, paint: { page } }) {
      await paint.draw(shapeByHand("square"));
      const tabs = page.getByRole("tab");
      assertEquals(await tabs.first().textContent(), "Guesses");
      for (const part of [paint.canvas, tabs.first()]) {
        const { y, height } = (await part.boundingBox())!;
        assert(y >= 0 && y + height <= page.viewportSize()!.height, "without scrolling");
      }
      await paint.panel("Model's view");
      assertEquals(await paint.run("cnn").count(), 0);
      for (const best of await page.locator(".glance > span").allTextContents()) {
        assert(/^\s*square \d+ %$/.test(best.replace("> ", "")), best);
      }
      assertEquals(await page.locator(".glance > span").count(), 2);
      const phone = page.viewportSize()!;
      await page.setViewportSize({ width: 1280, height: 800 });
      await paint.run("cnn").waitFor();
      assertEquals(await tabs.first().textContent(), "Model's view");
      assertEquals(await page.locator(".glance").count(), 0);
      await page.setViewportSize(phone);
      await paint.run("cnn").waitFor({ state: "detached" });
    },
  },
];
