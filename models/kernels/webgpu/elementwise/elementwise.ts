/**
 * Programs on webgpu in which a thread has one element.
 *
 * @module
 */

/** Threads of a workgroup. */
const GROUP = 256;

/** WGSL that does `body` for each element `i` below `uniforms.size`; `functions` are what it calls. */
export const elementwise = (body: string, functions = ""): string => `
${functions}
@compute @workgroup_size(GROUP)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
  @builtin(local_invocation_index) thread: u32,
) {
  let i = flatWorkgroup(workgroup, workgroups) * GROUP + thread;
  if (i >= uniforms.size) { return; }
  ${body}
}`;

/** What a run of such a program is given for so many elements; `sizes` are uniforms beside, and `constants` constants. */
export function overElements(
  size: number,
  sizes: Readonly<Record<string, number>> = {},
  constants: Readonly<Record<string, number>> = {},
) {
  return { constants: { GROUP, ...constants }, sizes: { size, ...sizes }, workgroups: Math.ceil(size / GROUP) };
}
