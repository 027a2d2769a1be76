/**
 * The paint page in Chromium, drawn on as by a hand: in turns as `deno task serve` serves it and as `deno task export --to
 * site` writes it, or with STROKEWISE_TEST_PAGES=all both at once. Ignored, and its names say why, where there is no
 * Chromium.
 */
import { assertEquals } from "@std/assert";
import { CHROMIUM, inChromium } from "../../../chromium.ts";
import { FAST, may } from "../../../helpers.ts";
import { CASES } from "./cases.ts";
import { Paint } from "./paint.ts";
import type { PaintCase } from "./paint_case.ts";
import { type Origin, ORIGINS, Stage } from "./stage.ts";
import type { Visit } from "./visit.ts";

const stage = new Stage();
/** The pages that are open, by where they come from and what the visitor has. */
const open = new Map<string, Visit>();

/** The page for a case, loaded anew or as the case before left it; spoilt ones are for no other. */
async function visitFor({ device, anew = false, spoil }: PaintCase, origin: Origin): Promise<Visit> {
  const key = spoil ? crypto.randomUUID() : JSON.stringify([origin, device]);
  if (anew) await open.get(key)?.[Symbol.asyncDispose]();
  if (anew || !open.has(key)) open.set(key, await stage.visit(origin, { ...device, spoil }));
  return open.get(key)!;
}

async function check(paintCase: PaintCase, origin: Origin): Promise<void> {
  const visit = await visitFor(paintCase, origin);
  const paint = new Paint(visit);
  if (paintCase.spoil === undefined) await paint.loaded();
  if (paintCase.spoil === undefined && !paintCase.anew) {
    await paint.tidy();
    await visit.shifts();
  }
  await paintCase.check({ paint, visit, stage, site: await stage.site(origin) });
  assertEquals(await visit.faults(), []);
}

// The browser and the server live on from test to test, and both pages are tried at once.
const shared = { sanitizeOps: false, sanitizeResources: false, sanitizeExit: false };

const all = may("env") && Deno.env.get("STROKEWISE_TEST_PAGES") === "all";

for (const [i, paintCase] of CASES.entries()) {
  Deno.test({
    name: inChromium(`the paint page: ${paintCase.name}`),
    ignore: FAST || CHROMIUM === undefined,
    ...shared,
    async fn(test) {
      const inTurn = all ? ORIGINS : [ORIGINS[i % ORIGINS.length]];
      const origins = paintCase.origin ? [paintCase.origin] : inTurn;
      await Promise.all(
        origins.map((name) => test.step({ name, ...shared, fn: () => check(paintCase, name) })),
      );
    },
  });
}

Deno.test.afterAll(async () => {
  for (const visit of open.values()) await visit[Symbol.asyncDispose]();
  await stage[Symbol.asyncDispose]();
});
