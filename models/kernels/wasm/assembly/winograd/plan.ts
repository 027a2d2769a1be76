// Which convolutions go this way, and how their memory is laid out.

import { panelBytes } from "../conv/patch_product";
import { ALL_POINTS, STEP, TILE } from "./points";

// Tiles at a time: so many share a pass over the filter, and their points stay in the second-level cache.
const TILES: i32 = 64;

// Behind each tile's cells, and five times as much behind all of a point: so that neither tiles nor points all fall into the
// same sets of the first-level cache.
const GAP: usize = 64;

@inline
export function tilesOf(size: i32): i32 {
  return (size + TILE - 1) / TILE;
}

// Whether it pays: enough channels for the products to outweigh all else, `least` where three taps spare fewer of them;
// whole vectors, little beyond the borders.
@inline
export function isWinograd(
  batch: i32, channels: i32, outHeight: i32, outWidth: i32, outputs: i32,
  filterHeight: i32, filterWidth: i32, strideY: i32, strideX: i32, least: i32,
): bool {
  if (strideY != 2 || strideX != 2 || min(filterHeight, filterWidth) < 3 || max(filterHeight, filterWidth) > 4) return false;
  if (min(channels, outputs) < (filterHeight + filterWidth == 8 ? 16 : least) || ((channels | outputs) & 7) != 0) return false;
  const tiles = tilesOf(outHeight) * tilesOf(outWidth);
  return batch * tiles >= 16 && tiles * 5 * TILE * TILE <= 6 * outHeight * outWidth;
}

@inline
export function imagesAtOnce(batch: i32, tiles: i32): i32 {
  return min(batch, max(1, TILES / tiles));
}

// Cells of a frame of an image.
@inline
export function framed(tiles: i32): i32 {
  return STEP * tiles + 2;
}

// Bytes of a tile's cells at a point: [2][2][channels].
@inline
export function cellsBytes(channels: i32): usize {
  return (<usize>channels << 4) + GAP;
}

// Bytes from one point to the next: of cells, of results, of the filter or its gradient.
@inline
export function cellsStep(tiles: i32, channels: i32): usize {
  return <usize>tiles * cellsBytes(channels) + 5 * GAP;
}

@inline
export function resultsStep(tiles: i32, outputs: i32): usize {
  return (<usize>(tiles * outputs) << 2) + 5 * GAP;
}

@inline
export function filterStep(channels: i32, outputs: i32): usize {
  return panelBytes(4 * channels, outputs) + 5 * GAP;
}

// Bytes of the filter at all points.
@inline
export function filterBytes(channels: i32, outputs: i32): usize {
  return <usize>ALL_POINTS * filterStep(channels, outputs);
}
