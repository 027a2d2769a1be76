/**
 * Frames from stroke-index maps, on webgpu.
 *
 * @module
 */
import type { WebgpuKernel } from "./context.ts";

const GROUP = 256;

const SOURCE = `
@compute @workgroup_size(GROUP)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
  @builtin(local_invocation_index) thread: u32,
) {
  let i = flatWorkgroup(workgroup, workgroups) * GROUP + thread;
  if (i >= uniforms.total) { return; }
  let frame = i / uniforms.cells;
  let stroke = maps[u32(drawings[frame]) * uniforms.cells + i % uniforms.cells];
  frames[i] = select(0.0, 1.0, stroke > 0 && stroke <= strokes[frame]);
}`;

/** maps int32 [B, H, W], drawings and strokes int32 [F] -> frames [F, H, W]. */
export const strokeFrames: WebgpuKernel = ({ output, run }, { maps, drawings, strokes }) => {
  const [, height, width] = maps.shape;
  const [count] = drawings.shape;
  const frames = output([count, height, width]);
  const cells = height * width, total = count * cells;
  run({
    name: "StrokeFrames",
    source: SOURCE,
    constants: { GROUP },
    sizes: { cells, total },
    reads: { maps, drawings, strokes },
    writes: { frames },
    workgroups: Math.ceil(total / GROUP),
  });
  return frames;
};
