/** What several tests need: permissions, real data, temporary folders, and a plain rasterizer to compare with. */
import type { Drawing } from "../pipelines/strokes/stroke.ts";

/** Whether this run may do something; a test that may not is ignored. */
export function may(...names: ("read" | "write" | "run" | "env" | "ffi" | "sys" | "net")[]): boolean {
  return names.every((name) => {
    const { state } = Deno.permissions.querySync(name === "sys" ? { name, kind: "cpus" } : { name });
    return state === "granted";
  });
}

/**
 * Whether slow tests are left out: a test that takes a second or so on a quiet machine has `ignore: FAST || …`. `deno task
 * test:fast` asks for it, takes no real data, and is not permitted to run programs, so that the tests of those are ignored.
 * A `deno test` that may not even ask has no time for them either.
 */
export const FAST: boolean = !may("env") || Deno.env.has("STROKEWISE_TEST_FAST");

// Without it the Vulkan loader complains on stderr at every look for a graphics card.
if (may("env") && !Deno.env.has("XDG_RUNTIME_DIR")) Deno.env.set("XDG_RUNTIME_DIR", "/tmp");

/** The folder of real Quick, Draw! and MNIST files beside the repository, where there is one and time for it. */
export const REAL_DATA: string | undefined = may("read") && !FAST ? findRealData() : undefined;

function findRealData(): string | undefined {
  const path = new URL("../../shared/data/", import.meta.url).pathname;
  try {
    return Deno.statSync(path).isDirectory ? path : undefined;
  } catch {
    return undefined;
  }
}

/** Stops `performance.now`, which then shows what the test says, until the end of the scope. */
export function stopClock(): Disposable & { now: number } {
  const { now } = performance;
  const clock = { now: 0, [Symbol.dispose]: () => void (performance.now = now) };
  performance.now = () => clock.now;
  return clock;
}

/** Runs a test in a folder of its own, which is removed afterwards. */
export async function inTemporaryFolder(test: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "strokewise-" });
  try {
    await test(folder);
  } finally {
    await removeFolder(folder);
  }
}

/** Removes a folder with patience: a program that was killed may have children that still write for a moment. */
async function removeFolder(folder: string, attempt = 1): Promise<void> {
  try {
    await Deno.remove(folder, { recursive: true });
  } catch (error) {
    if (attempt === 20) throw error;
    await new Promise((resolve) => setTimeout(resolve, 50 * attempt));
    await removeFolder(folder, attempt + 1);
  }
}

/**
 * The report's two steps, as plain as they can be: each stroke drawn onto a 256 x 256 bitmap by the rounding form of
 * Bresenham's line, each bitmap max-pooled. Frames after the last stroke are blank.
 *
 * @returns uint8 [frames, size, size].
 */
export function plainFrames(drawing: Drawing, { size, frames }: { size: number; frames: number }): Uint8Array {
  const drawn = new Set<number>();
  const pooled = new Uint8Array(frames * size * size);
  drawing.slice(0, frames).forEach(([xs, ys], t) => {
    for (let i = 0; i < xs.length; i++) {
      const from = Math.max(i - 1, 0);
      for (const [x, y] of linePixels([xs[from], ys[from]], [xs[i], ys[i]])) drawn.add(256 * y + x);
    }
    for (const pixel of drawn) { // the others are 0, and so is the maximum of none but them
      const [x, y] = [pixel % 256, Math.floor(pixel / 256)];
      pooled[(t * size + Math.floor(y * size / 256)) * size + Math.floor(x * size / 256)] = 1;
    }
  });
  return pooled;
}

/** Steps along the longer axis and rounds the other coordinate exactly, ties the way the integer error term breaks them. */
function* linePixels([x0, y0]: [number, number], [x1, y1]: [number, number]): Generator<[number, number]> {
  const [dx, dy] = [Math.abs(x1 - x0), Math.abs(y1 - y0)];
  const [stepX, stepY] = [Math.sign(x1 - x0), Math.sign(y1 - y0)];
  const length = Math.max(dx, dy);
  for (let i = 0; i <= length; i++) {
    // After i steps of the longer axis the shorter has made floor((2 i short + long) / (2 long)) or, at a tie, as below.
    const along = (short: number) => length === 0 ? 0 : Math.floor((2 * i * short + length) / (2 * length));
    yield dx >= dy ? [x0 + stepX * i, y0 + stepY * along(dy)] : [x0 + stepX * along(dx), y0 + stepY * i];
  }
}
