/** The symbol of a match's length (RFC 1951, section 3.2.5), less 257, by the length less 3. */
export const LENGTH_SYMBOLS: usize = memory.data(256);
/** Its number of extra bits and the least length less 3, by symbol less 257. */
export const LENGTH_EXTRA: usize = memory.data(29);
export const LENGTH_BASE: usize = memory.data(2 * 29);

let isReady = false;

export function prepareTables(): void {
  if (isReady) return;
  isReady = true;
  let length = 0;
  for (let symbol = 0; symbol < 28; symbol++) {
    const extra = symbol < 8 ? 0 : (symbol >> 2) - 1;
    store<u8>(LENGTH_EXTRA + symbol, <u8>extra);
    store<u16>(LENGTH_BASE + 2 * symbol, <u16>length);
    for (let i = 0; i < 1 << extra; i++) store<u8>(LENGTH_SYMBOLS + length++, <u8>symbol);
  }
  // The longest match has a symbol of its own.
  store<u8>(LENGTH_SYMBOLS + 255, 28);
  store<u8>(LENGTH_EXTRA + 28, 0);
  store<u16>(LENGTH_BASE + 2 * 28, 255);
}

/** The symbol of a distance less 1. */
// @ts-ignore: decorator
@inline
export function distanceSymbol(distance: u32): u32 {
  if (distance < 4) return distance;
  const high = 31 - clz(distance);
  return 2 * high + ((distance >> (high - 1)) & 1);
}

/** Its number of extra bits, which are the lowest of the distance less 1. */
// @ts-ignore: decorator
@inline
export function distanceExtra(symbol: u32): u32 {
  return symbol < 4 ? 0 : (symbol >> 1) - 1;
}
