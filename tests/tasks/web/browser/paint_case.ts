/** What a test of the paint page is. */
import type { Page } from "playwright-core";
import type { Paint } from "./paint.ts";
import type { Site } from "./sites.ts";
import type { Origin, Stage } from "./stage.ts";
import type { Device, Visit } from "./visit.ts";

/** Where a test takes place. */
export interface Scene {
  readonly paint: Paint;
  readonly visit: Visit;
  readonly site: Site;
  readonly stage: Stage;
}

/** A test of the page. It finds a blank sheet and all runs on show; whatever the page complains of makes it fail. */
export interface PaintCase {
  /** What is so. */
  readonly name: string;
  /** What the visitor has; a mouse where it is left out. */
  readonly device?: Device;
  /** Whether the page is loaded anew for it. */
  readonly anew?: boolean;
  /** What is done to the page before it is loaded, for this test alone. */
  readonly spoil?: (page: Page) => Promise<unknown>;
  /** Where alone it is so. */
  readonly origin?: Origin;
  check(scene: Scene): Promise<void>;
}
