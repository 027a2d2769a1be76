/**
 * Frames from stroke-index maps, on webgpu.
 *
 * @module
 */
import type { WebgpuKernel } from "../context.ts";
import { elementwise, overElements } from "./elementwise.ts";

const SOURCE = elementwise(`
  let frame = i / uniforms.cells;
  let stroke = maps[u32(drawings[frame]) * uniforms.cells + i % uniforms.cells];
  frames[i] = select(0.0, 1.0, stroke > 0 && stroke <= strokes[frame]);`);

/** maps int32 [B, H, W], drawings and strokes int32 [F] -> frames [F, H, W]. */
export const strokeFrames: WebgpuKernel = ({ output, run }, { maps, drawings, strokes }) => {
  const [, height, width] = maps.shape;
  const [count] = drawings.shape;
  const frames = output([count, height, width]);
  const cells = height * width;
  run({
    name: "StrokeFrames",
    source: SOURCE,
    ...overElements(count * cells, { cells }),
    reads: { maps, drawings, strokes },
    writes: { frames },
  });
  return frames;
};
