/** The browser that tests drive: where it is, how it is started, and whether it may be. */
import type { Browser } from "playwright-core";
import { may } from "./helpers.ts";
import { MAY_SERVE } from "./pipelines/sources/hostile_server.ts";

/** Where Chromium is; undefined where there is none, or no permission to run it and to serve it a page. */
export const CHROMIUM: string | undefined = MAY_SERVE && may("read", "write", "run", "env")
  ? findChromium()
  : undefined;

function findChromium(): string | undefined {
  const names = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"];
  return names.map((name) => `/usr/bin/${name}`).find((path) => {
    try {
      return Deno.statSync(path).isFile;
    } catch {
      return false;
    }
  });
}

/** The quiet ways of Chromium: it starts at once, asks nobody for updates, and needs no graphics card. */
export const CHROMIUM_FLAGS: readonly string[] = [
  ...["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"],
  ...["--disable-background-networking", "--disable-component-update", "--disable-sync"],
];

/** The name of a test that needs Chromium; it says why it is ignored. */
export function inChromium(name: string): string {
  return CHROMIUM === undefined ? `${name} (needs Chromium in /usr/bin, and deno test -P=test)` : `in Chromium ${name}`;
}

/**
 * Starts Chromium, to be driven.
 *
 * @param flags Beside the quiet ones.
 */
export async function launchChromium(...flags: string[]): Promise<Browser> {
  // A name of is-wsl's own, which playwright-core asks at its import: without it /proc is read, which Deno forbids.
  Deno.env.set("__IS_WSL_TEST__", "1");
  const { chromium } = await import("playwright-core");
  return await chromium.launch({ executablePath: CHROMIUM!, args: [...CHROMIUM_FLAGS, ...flags] });
}
