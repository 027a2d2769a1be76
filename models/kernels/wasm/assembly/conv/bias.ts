// Biases for products in panels of eight columns.

import { panelBytes } from "./patch_product";

// A bias padded to whole panels; zeros where there is none.
export function packBias(to: usize, bias: usize, columns: i32): void {
  memory.fill(to, 0, panelBytes(1, columns));
  if (bias) memory.copy(to, bias, <usize>columns << 2);
}
