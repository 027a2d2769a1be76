/// <reference lib="dom" />
/**
 * An image by a model, as it was after a step, and where that step wrote.
 *
 * @module
 */
import type { JSX } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import type { ModelImage } from "../../engine/engine.ts";
import { pngOf } from "../parts/save.ts";
import { channelsOf } from "../sheet/colours.ts";
import { palette } from "../theme.ts";

/** Pixels a cell, of a file. */
const SCALE = 8;

type Ink = readonly [red: number, green: number, blue: number];

/** The canvas after a step, grey in an ink or in its own colours: RGBA [side, side, 4]. */
export function pixelsAt(
  { canvases, side, channels }: ModelImage,
  step: number,
  ink: Ink,
): Uint8ClampedArray<ArrayBuffer> {
  const length = side * side * channels;
  const cells = canvases.subarray(step * length, (step + 1) * length); // [side, side, channels]
  return channels === 1 ? inkPixels(cells, ink) : colourPixels(cells);
}

/** Cells of red, green and blue as pixels: RGBA [side, side, 4]. */
function colourPixels(cells: Uint8Array): Uint8ClampedArray<ArrayBuffer> {
  const pixels = new Uint8ClampedArray(cells.length / 3 * 4);
  for (let i = 0; 3 * i < cells.length; i++) pixels.set([...cells.subarray(3 * i, 3 * i + 3), 255], 4 * i);
  return pixels;
}

/** Grey cells as pixels of an ink, clear where they are 0: RGBA [side, side]. */
export function inkPixels(cells: Uint8Array, ink: Ink): Uint8ClampedArray<ArrayBuffer> {
  const pixels = new Uint8ClampedArray(4 * cells.length);
  cells.forEach((value, i) => pixels.set([...ink, value], 4 * i));
  return pixels;
}

/**
 * The window of a step in cells, as far as it lies on the canvas; undefined where it does not, and where every step writes
 * everywhere.
 */
export function windowAt(
  { writes, side }: ModelImage,
  step: number,
): { readonly x: number; readonly y: number; readonly width: number; readonly height: number } | undefined {
  if (writes === undefined) return undefined;
  const [column, row, length] = writes.subarray(4 * step); // the middle of cell 0 is at 0
  const [left, right] = [column - length / 2, column + length / 2].map((edge) => clamped(edge + 0.5, side));
  const [top, bottom] = [row - length / 2, row + length / 2].map((edge) => clamped(edge + 0.5, side));
  return right > left && bottom > top ? { x: left, y: top, width: right - left, height: bottom - top } : undefined;
}

const clamped = (edge: number, side: number): number => Math.min(side, Math.max(0, edge));

/**
 * A picture of it.
 *
 * @param props.step 0-based.
 * @param props.isWriting Whether the window of the step is shown.
 */
export function Pixels({ image, step, isWriting }: {
  readonly image: ModelImage;
  readonly step: number;
  readonly isWriting: boolean;
}): JSX.Element {
  const element = useRef<HTMLCanvasElement>(null);
  const { side } = image;
  const { ink } = palette.value;
  useLayoutEffect(() => {
    const canvas = element.current!;
    const pixels = pixelsAt(image, step, channelsOf(ink));
    canvas.getContext("2d")!.putImageData(new ImageData(pixels, side, side), 0, 0);
  }, [image, step, ink]);
  const window = isWriting ? windowAt(image, step) : undefined;
  return (
    <>
      <canvas ref={element} class="frame" width={side} height={side} />
      {window && (
        <svg class="window" viewBox={`0 0 ${side} ${side}`} aria-hidden="true">
          <rect {...window} />
        </svg>
      )}
    </>
  );
}

/** The finished image as a PNG file, black on white or in its own colours. */
export function pixelFile(image: ModelImage): Promise<Blob> {
  const { side, steps } = image;
  const small = new OffscreenCanvas(side, side);
  const pixels = pixelsAt(image, steps - 1, [0, 0, 0]);
  small.getContext("2d")!.putImageData(new ImageData(pixels, side, side), 0, 0);
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = SCALE * side;
  const context = canvas.getContext("2d")!;
  context.fillStyle = "#fff";
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.imageSmoothingEnabled = false;
  context.drawImage(small, 0, 0, canvas.width, canvas.height);
  return pngOf(canvas);
}
