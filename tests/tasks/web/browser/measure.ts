// deno-lint-ignore-file no-console -- a script says what it found
/**
 * How heavy the paint page is, how long it takes to be there, and how fast its runs name drawings in Chromium:
 *
 *     deno run -A tests/tasks/web/browser/measure.ts RUN…
 *
 * With no run named, small ones are trained for it.
 */
import { gzipSync } from "fflate";
import type { Page } from "playwright-core";
import { launchChromium } from "../../../chromium.ts";
import { SHAPE_NAMES, shapeByHand } from "./hand.ts";
import { Paint } from "./paint.ts";
import { makeRuns } from "./paint_runs.ts";
import { serveSite } from "./sites.ts";
import { visit } from "./visit.ts";

/** Drawings that are named. */
const DRAWINGS = 24;

const kib = (bytes: number) => `${(bytes / 1024).toFixed(0)} KiB`;

/** Notes the bytes of each kind of file that a page asks for, and what gzip leaves of them. */
function weigh(page: Page): Map<string, [plain: number, zipped: number]> {
  const weights = new Map<string, [number, number]>();
  const seen = new Set<string>(); // each Worker asks for its script; the browser has it after the first time
  page.context().on("response", async (response) => {
    if (seen.has(response.url())) return;
    seen.add(response.url());
    const kind = /\.(\w+)$/.exec(new URL(response.url()).pathname)?.[1] ?? "html";
    const body = new Uint8Array(await response.body());
    const [plain, zipped] = weights.get(kind) ?? [0, 0];
    weights.set(kind, [plain + body.length, zipped + gzipSync(body).length]);
  });
  return weights;
}

/** The middle and the slow end of what a run says that it takes, ms. */
function summary(times: readonly number[]): string {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
  return `median ${at(0.5)} ms (${Math.floor(1000 / at(0.5))} a second), 90 % within ${at(0.9)} ms`;
}

if (import.meta.main) {
  const made = await Deno.makeTempDir({ prefix: "strokewise-" });
  const runs = Deno.args.length > 0 ? Deno.args : await makeRuns(made);
  const lines: string[] = [];
  {
    await using site = await serveSite(runs);
    const browser = await launchChromium();
    let weights = new Map<string, [number, number]>();
    const begun = performance.now();
    const spoil = (page: Page) => Promise.resolve(weights = weigh(page));
    await using open = await visit(browser, site.url, { spoil });
    const paint = new Paint(open);
    await paint.loaded();
    lines.push(`all runs are loaded ${((performance.now() - begun) / 1000).toFixed(1)} s after the page was asked for`);
    for (const [kind, [plain, zipped]] of [...weights].sort()) {
      lines.push(`${kind}: ${kib(plain)}, gzipped ${kib(zipped)}`);
    }
    const times = new Map<string, number[]>();
    for (let i = 0; i < DRAWINGS; i++) {
      await paint.draw(shapeByHand(SHAPE_NAMES[i % SHAPE_NAMES.length], i));
      for (const run of await open.page.locator(".run:has(.pace)").all()) {
        const name = (await run.getAttribute("aria-label"))!;
        const all = Number.parseFloat((await run.locator(".pace").textContent())!);
        times.set(name, [...times.get(name) ?? [], all]);
      }
      await paint.button("Clear").click();
      await paint.settled(0);
    }
    for (const [name, all] of times) {
      lines.push(`${name} names ${all.length} drawings, all strokes of each: ${summary(all)}`);
    }
    await browser.close();
  }
  await Deno.remove(made, { recursive: true });
  console.log(lines.join("\n"));
}
