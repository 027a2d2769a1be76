// The gradient of max-pooling: each window's goes to its first largest cell.

export function maxPoolGrad(
  batch: i32, height: i32, width: i32, channels: i32, outHeight: i32, outWidth: i32,
  windowHeight: i32, windowWidth: i32, strideY: i32, strideX: i32, top: i32, left: i32,
  x: usize, dy: usize, dx: usize,
): void {
  const cell = <usize>channels << 2;
  const row = <usize>width * cell;
  memory.fill(dx, 0, <usize>(batch * height) * row);
  for (let n = 0; n < batch; n++) {
    const image = <usize>(n * height) * row;
    for (let oy = 0; oy < outHeight; oy++) {
      const y0 = max(0, oy * strideY - top), y1 = min(height, oy * strideY - top + windowHeight);
      for (let ox = 0; ox < outWidth; ox++) {
        const x0 = max(0, ox * strideX - left), x1 = min(width, ox * strideX - left + windowWidth);
        for (let c: usize = 0; c < cell; c += 4) {
          let at = image + <usize>y0 * row + <usize>x0 * cell + c;
          let best = load<f32>(x + at);
          for (let y = y0; y < y1; y++) {
            for (let i = x0; i < x1; i++) {
              const here = image + <usize>y * row + <usize>i * cell + c;
              const value = load<f32>(x + here);
              if (value > best) {
                best = value;
                at = here;
              }
            }
          }
          store<f32>(dx + at, load<f32>(dx + at) + load<f32>(dy));
          dy += 4;
        }
      }
    }
  }
}
