/** What the page gives away. */
import type { Locator } from "playwright-core";
import { parseRawLine, type RawRecord } from "../../../../pipelines/formats/quickdraw/raw.ts";
import type { Paint } from "./paint.ts";

/** A file that the page saved. */
export interface Saved {
  readonly name: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Has the page save a file. */
export async function savedBy(paint: Paint, button: Locator): Promise<Saved> {
  const [download] = await Promise.all([paint.page.waitForEvent("download"), button.click()]);
  return { name: download.suggestedFilename(), bytes: await Deno.readFile(await download.path()) };
}

/** The drawing on the sheet as the page's ndjson, by the reader that `prepare` has. */
export async function savedNdjson(paint: Paint): Promise<RawRecord[]> {
  await paint.panel("Keep it");
  const { bytes } = await savedBy(paint, paint.button("ndjson"));
  return new TextDecoder().decode(bytes).trimEnd().split("\n").map(parseRawLine);
}
