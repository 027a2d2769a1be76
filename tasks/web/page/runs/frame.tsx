/// <reference lib="dom" />
/**
 * One frame as a run gets it.
 *
 * @module
 */
import type { JSX } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import type { Explanation, Naming } from "../../engine/engine.ts";
import { channelsOf } from "../sheet/colours.ts";
import { framePixels } from "./frames.ts";
import { heatPixels, pictureOf, strongestOf, withHalo } from "../sheet/heat.ts";
import { palette } from "../theme.ts";

/** A frame, and over it where the decision comes from. */
export function Frame({ naming, stroke, explanation }: {
  readonly naming: Naming;
  /** 1-based. */
  readonly stroke: number;
  readonly explanation?: Explanation | undefined;
}): JSX.Element {
  const element = useRef<HTMLCanvasElement>(null);
  const side = Math.sqrt(naming.raster.length);
  const colours = palette.value;
  useLayoutEffect(() => {
    const channels = { ink: channelsOf(colours.ink), wet: channelsOf(colours.wet) };
    const context = element.current!.getContext("2d")!;
    context.putImageData(new ImageData(framePixels(naming, stroke, channels), side, side), 0, 0);
    if (!explanation || explanation.side !== side || stroke > explanation.frames) return;
    context.drawImage(
      pictureOf(heatPixels(haloOf(explanation, stroke), strongestIn(explanation), colours), side),
      0,
      0,
    );
  }, [naming, stroke, explanation, colours]);
  return <canvas ref={element} class="frame" width={side} height={side} />;
}

/** The cells of a frame, with their halo: float32 [side, side]. */
function haloOf({ cells, side }: Explanation, stroke: number): Float32Array<ArrayBuffer> {
  return withHalo(cells.subarray((stroke - 1) * side * side, stroke * side * side), side);
}

const strongest = new WeakMap<Explanation, number>();

/** The strongest value of all frames, found once: they are to be compared. */
function strongestIn(explanation: Explanation): number {
  let found = strongest.get(explanation);
  if (found === undefined) {
    const frames = Array.from({ length: explanation.frames }, (_, i) => strongestOf(haloOf(explanation, i + 1)));
    strongest.set(explanation, found = Math.max(...frames));
  }
  return found;
}
