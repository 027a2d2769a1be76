// What convReluPool and its gradients share.
//
// Images are copied into a frame of zeros one cell wide, so that no loop has to look at borders; channels are padded
// with zeros to a multiple of four unless there is one. A pool keeps which of its four cells won (0 to 3), or CUT where
// ReLU left nothing: the gradients then touch one cell a pool, a quarter of the work.

export const CUT: i32 = 4;

@inline
export function paddedChannels(channels: i32): i32 {
  return channels == 1 ? 1 : (channels + 3) & ~3;
}

@inline
export function imageBytes(height: i32, width: i32, channels: i32): i32 {
  return ((height + 2) * (width + 2) * paddedChannels(channels) + 4) * 4;
}

export function convReluPoolScratch(height: i32, width: i32, inputs: i32, outputs: i32): i32 {
  const padded = (inputs + 3) & ~3; // one channel is padded too by the gradient of the input
  const image = ((height + 2) * (width + 2) * padded + 4) * 4;
  const filter = 12 * padded * ((outputs + 7) & ~7) * 4; // 12 taps: three rows of four where there is one channel
  const list = ((height / 2) * (width / 2) + 1) * 8;
  return image + filter + ((outputs + 7) & ~7) * 4 + list + 64;
}

export function frameImage(dst: usize, x: usize, height: i32, width: i32, channels: i32): void {
  const padded = paddedChannels(channels);
  const step = <usize>((width + 2) * padded) << 2;
  const row = <usize>(width * channels) << 2;
  memory.fill(dst, 0, <usize>imageBytes(height, width, channels));
  dst += step + (<usize>padded << 2);
  for (let y = 0; y < height; y++) {
    if (padded == channels) memory.copy(dst, x, row);
    else {
      for (let i = 0; i < width; i++) {
        memory.copy(dst + (<usize>(i * padded) << 2), x + (<usize>(i * channels) << 2), <usize>channels << 2);
      }
    }
    dst += step;
    x += row;
  }
}

// Whether the 4x4 cells that a pool depends on are all zero; for one input channel.
@inline
export function isBlank(corner: usize, step: usize): bool {
  return !v128.any_true(v128.or(
    v128.or(v128.load(corner), v128.load(corner + step)),
    v128.or(v128.load(corner + 2 * step), v128.load(corner + 3 * step)),
  ));
}
