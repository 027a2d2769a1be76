/**
 * The pictures of `render.ts`, drawn by cairo itself through npm:canvas, a native addon that not every machine has.
 *
 * @module
 */
import { InputError } from "../base/errors.ts";
import type { Renderer } from "./render.ts";
import { type BitmapOptions, type FrameOptions, placeBitmap, placeFrames, type Placement } from "./render_options.ts";
import type { Drawing, Polyline } from "../strokes/stroke.ts";

/** The part of npm:canvas in use here; its own types would be installed with whatever imports this package. */
interface CanvasModule {
  createCanvas(width: number, height: number): { getContext(kind: "2d"): Context };
}

/** The part of its drawing context in use here. */
interface Context {
  antialias: "default" | "none";
  fillStyle: string;
  lineCap: "round";
  lineJoin: "round";
  lineWidth: number;
  strokeStyle: string;
  beginPath(): void;
  fillRect(x: number, y: number, width: number, height: number): void;
  getImageData(x: number, y: number, width: number, height: number): { readonly data: Uint8ClampedArray };
  lineTo(x: number, y: number): void;
  moveTo(x: number, y: number): void;
  setTransform(a: number, b: number, c: number, d: number, e: number, f: number): void;
  stroke(): void;
}

const HOW_TO_GET_IT = "deno install --allow-scripts=npm:canvas fetches or compiles it, after deno add npm:canvas " +
  "where this is a dependency; the default renderer needs nothing";

/**
 * Loads npm:canvas and gives a renderer that draws with it: for whoever compares, as `renderBitmap` and `renderFrames`
 * give the same pixels, faster. One renderer is for one thread.
 *
 * @returns `renderBitmap` and `renderFrames` as in `render.ts`.
 * @throws {InputError} When the addon is not there, or this run may not load it (`--allow-ffi`).
 *
 * @example
 * ```ts
 * import { InputError, loadCairo, renderBitmap } from "@strokewise/strokewise/pipelines";
 * import { assertEquals, assertInstanceOf } from "@std/assert";
 *
 * const drawing = [[[0, 200], [30, 90]]] as const;
 * try {
 *   assertEquals((await loadCairo()).renderBitmap(drawing), renderBitmap(drawing));
 * } catch (error) {
 *   assertInstanceOf(error, InputError); // this machine does without
 * }
 * ```
 */
export async function loadCairo(): Promise<Renderer> {
  const { createCanvas } = await importCanvas();
  const contexts = new Map<number, Context>();
  const contextOf = (side: number): Context => {
    let context = contexts.get(side);
    if (context === undefined) {
      context = createCanvas(side, side).getContext("2d");
      context.lineCap = context.lineJoin = "round";
      context.strokeStyle = "white";
      context.fillStyle = "black";
      contexts.set(side, context);
    }
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.fillRect(0, 0, side, side);
    return context;
  };
  return {
    renderBitmap(drawing: Drawing, options: BitmapOptions = {}): Uint8Array<ArrayBuffer> {
      const { side, placement, out } = placeBitmap(drawing, options);
      const context = contextOf(side);
      context.antialias = "default";
      setPen(context, placement);
      for (const stroke of drawing) drawStroke(context, stroke, placement);
      readGrey(context, side, out);
      return out;
    },

    renderFrames(drawing: Drawing, options: FrameOptions = {}): Uint8Array<ArrayBuffer> {
      const { size, antialias, maxStrokes, merge, placement, out } = placeFrames(drawing, options);
      const context = contextOf(size);
      context.antialias = antialias ? "default" : "none";
      setPen(context, placement);
      const cells = size * size;
      const strokes = merge ? drawing.length : Math.min(drawing.length, maxStrokes);
      for (let stroke = 0; stroke < strokes; stroke++) {
        drawStroke(context, drawing[stroke], placement);
        if (stroke < maxStrokes - 1 || stroke === strokes - 1) {
          const at = Math.min(stroke, maxStrokes - 1) * cells;
          readGrey(context, size, out.subarray(at, at + cells));
        }
      }
      return out;
    },
  };
}

async function importCanvas(): Promise<CanvasModule> {
  const name: string = "canvas"; // a literal would have it installed too
  try {
    return await import(name);
  } catch (error) {
    if (error instanceof Error && error.name === "NotCapable") {
      throw new InputError("cannot render with cairo: npm:canvas is a native addon, which needs --allow-ffi", {
        cause: error,
      });
    }
    throw new InputError(`cannot render with cairo: npm:canvas does not load here; ${HOW_TO_GET_IT}`, { cause: error });
  }
}

function setPen(context: Context, { scale, shift, radius }: Placement): void {
  context.setTransform(scale, 0, 0, scale, shift, shift);
  context.lineWidth = 2 * radius / scale;
}

function drawStroke(context: Context, [xs, ys]: Polyline, { offsetX, offsetY }: Placement): void {
  if (xs.length === 0) return;
  context.beginPath();
  context.moveTo(xs[0] + offsetX, ys[0] + offsetY);
  for (let i = 0; i < xs.length; i++) context.lineTo(xs[i] + offsetX, ys[i] + offsetY);
  context.stroke();
}

/** Copies the red of each pixel; grey has as much green and blue. */
function readGrey(context: Context, side: number, out: Uint8Array): void {
  const { data } = context.getImageData(0, 0, side, side); // [side, side, 4]
  for (let pixel = 0; pixel < out.length; pixel++) out[pixel] = data[4 * pixel];
}
