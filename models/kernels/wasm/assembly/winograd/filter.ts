// A filter at the points, packed for products with cells or with results.

import { panelBytes } from "../conv/patch_product";
import { filterStep } from "./plan";
import { phases, POINTS } from "./points";
import { filterToPoints } from "./tiles";

// filter [KH, KW, Cin, Cout] -> of each point a matrix [phases Cin, Cout] in panels of eight of its columns; or turned,
// of each phase down, [Cout, phases across x Cin].
export function packFilter(
  to: usize, filter: usize, channels: i32, outputs: i32, tapsY: i32, tapsX: i32, turned: bool, temp: usize,
): void {
  const tap = <usize>(channels * outputs) << 2, step = filterStep(channels, outputs), points = temp + (25 << 4);
  for (let phase = 0; phase < 4; phase++) {
    const phaseY = phase >> 1, phaseX = phase & 1;
    for (let c = 0; c < channels; c++) {
      for (let o = 0; o < outputs; o += 4) {
        filterToPoints(filter + (<usize>(c * outputs + o) << 2), tap, tapsY, tapsX, phaseY, phaseX, points, temp);
        for (let y = 0; y < POINTS; y++) {
          if (phaseY >= phases(tapsY, y)) continue;
          for (let x = 0; x < POINTS; x++) {
            const across = phases(tapsX, x);
            if (phaseX >= across) continue;
            const at = to + <usize>(y * POINTS + x) * step, value = v128.load(points + (<usize>(y * POINTS + x) << 4));
            if (turned) {
              const column = phaseX * channels + c;
              const panel = at + <usize>phaseY * panelBytes(outputs, across * channels) +
                (<usize>((column >> 3) * outputs + o) << 5) + (<usize>(column & 7) << 2);
              v128.store32_lane(panel, value, 0);
              v128.store32_lane(panel, value, 1, 32);
              v128.store32_lane(panel, value, 2, 64);
              v128.store32_lane(panel, value, 3, 96);
            } else {
              const depth = phases(tapsY, y) * across * channels, row = (phaseY * across + phaseX) * channels + c;
              v128.store(at + (<usize>((o >> 3) * depth + row) << 5) + (<usize>(o & 7) << 2), value);
            }
          }
        }
      }
    }
  }
}
