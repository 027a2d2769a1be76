/// <reference lib="dom" />
/** A visit to the page, watched: whatever it complains of, asks other hosts for or moves unasked is a fault. */
import type { Browser, BrowserContextOptions, CDPSession, Page } from "playwright-core";

/** What the visitor has. */
export interface Device {
  readonly phone?: boolean;
  readonly dark?: boolean;
  /** Asks for reduced motion. */
  readonly calm?: boolean;
  /** Has a clock of the page's own, which a test can move. */
  readonly clock?: boolean;
}

/** How a page is opened. */
export interface Opening extends Device {
  /** Is done to the page before it is loaded. */
  readonly spoil?: ((page: Page) => Promise<unknown>) | undefined;
}

/** A page that is open. */
export interface Visit extends AsyncDisposable {
  /** Whether it is drawn on with a finger. */
  readonly phone: boolean;
  readonly page: Page;
  /** By which it is drawn on. */
  readonly session: CDPSession;
  /** What went wrong since it was asked last, a line each. */
  faults(): Promise<string[]>;
  /** What has moved since it was asked last: how much of the view each layout shift concerned, and what it was. */
  shifts(): Promise<Shift[]>;
}

/** A layout shift; a sum of 0.1 is what people call annoying. */
export interface Shift {
  readonly value: number;
  readonly what: readonly string[];
  /** Whether it came within half a second of a click or a key: what was asked for. */
  readonly wanted: boolean;
}

const DESKTOP = { viewport: { width: 1280, height: 800 }, deviceScaleFactor: 1 };
const PHONE = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, hasTouch: true, isMobile: true };

/** What browsers that have it say of a shift; TypeScript's DOM lacks it. */
interface LayoutShift extends PerformanceEntry {
  readonly value: number;
  readonly sources: readonly { readonly node: Node | null }[];
  readonly hadRecentInput: boolean;
}

/** What {@linkcode watchPage} leaves in the page. */
interface Watched {
  readonly shifts: Shift[];
  readonly violations: string[];
}

/** Runs in the page before its own scripts do. */
function watchPage(): void {
  const watched: Watched = { shifts: [], violations: [] };
  Object.assign(globalThis, { watched });
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      const { value, sources, hadRecentInput } = entry as LayoutShift;
      const what = sources.map(({ node }) => node instanceof Element ? `${node.nodeName}.${node.className}` : "text");
      watched.shifts.push({ value, what, wanted: hadRecentInput });
    }
  }).observe({ type: "layout-shift", buffered: true });
  addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) => {
    watched.violations.push(`the security policy: ${violatedDirective} forbids ${blockedURI}`);
  });
}

/** Takes what the page's watcher has found, so that it is not found again. */
function takeFound(page: Page): Promise<Watched> {
  return page.evaluate(() => {
    const { watched } = globalThis as unknown as { watched: Watched };
    return { shifts: watched.shifts.splice(0), violations: watched.violations.splice(0) };
  });
}

/** Opens a page, and watches it. */
export async function visit(
  browser: Browser,
  url: string,
  { phone = false, dark, calm, clock, spoil }: Opening = {},
): Promise<Visit> {
  const options: BrowserContextOptions = {
    ...(phone ? PHONE : DESKTOP),
    colorScheme: dark ? "dark" : "light",
    reducedMotion: calm ? "reduce" : "no-preference",
  };
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const faults: string[] = [];
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) faults.push(`${message.type()}: ${message.text()}`);
  });
  page.on("pageerror", (error) => faults.push(`uncaught: ${error.message}`));
  page.on("crash", () => faults.push("the page crashed"));
  context.on("request", (request) => {
    const { href, origin, protocol } = new URL(request.url());
    if (origin !== new URL(url).origin && protocol !== "blob:" && protocol !== "data:") faults.push(`asks ${href}`);
  });
  context.on("response", (response) => {
    if (response.status() >= 400) faults.push(`${response.status()} of ${response.url()}`);
  });
  if (clock) await page.clock.install();
  await page.addInitScript(watchPage);
  await spoil?.(page);
  await page.goto(url);
  const shifts: Shift[] = [];
  const look = async () => {
    const found = await takeFound(page);
    shifts.push(...found.shifts);
    faults.push(...found.violations);
  };
  return {
    ...{ phone, page, session: await context.newCDPSession(page) },
    async faults() {
      await look();
      return faults.splice(0);
    },
    async shifts() {
      await look();
      return shifts.splice(0);
    },
    [Symbol.asyncDispose]: () => context.close(),
  };
}
