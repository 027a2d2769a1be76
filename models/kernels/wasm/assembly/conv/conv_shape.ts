// What the kernels of a convolution share.

// The side of what the patches of so many pixels cover.
@inline
export function covered(pixels: i32, stride: i32, taps: i32): i32 {
  return (pixels - 1) * stride + taps;
}
