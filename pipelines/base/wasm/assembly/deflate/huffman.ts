/** Symbols of a code at most. */
const MOST: i32 = 288;
/** Bits of a code at most. */
const MOST_BITS: i32 = 15;

/** Symbols that occur, the rarest first. */
const ORDER: usize = memory.data(2 * MOST);
/** Of the tree's nodes, the symbols in that order before those that join two: weight, parent, depth. */
const WEIGHTS: usize = memory.data(4 * 2 * MOST);
const PARENTS: usize = memory.data(2 * 2 * MOST);
const DEPTHS: usize = memory.data(2 * 2 * MOST);
/** By number of bits: how many codes have it, and the next one of them. */
const COUNTS: usize = memory.data(4 * (MOST_BITS + 1));
const NEXT: usize = memory.data(4 * (MOST_BITS + 1));

/**
 * Finds the lengths of a Huffman code.
 *
 * @param frequencies u32 [symbols].
 * @param limit Bits of a code at most.
 * @param lengths u8 [symbols], filled: bits of each symbol's code, 0 where it does not occur; of two symbols at least.
 */
export function codeLengths(frequencies: usize, symbols: i32, limit: i32, lengths: usize): void {
  memory.fill(lengths, 0, symbols);
  const used = sortSymbols(frequencies, symbols);
  if (used < 2) {
    const only = used == 1 ? <i32>load<u16>(ORDER) : 0;
    store<u8>(lengths + only, 1);
    store<u8>(lengths + (only == 0 ? 1 : 0), 1);
    return;
  }
  countDepths(frequencies, used, limit);
  shorten(limit);
  let at = 0;
  for (let bits = limit; bits > 0; bits--) {
    for (let left = load<u32>(COUNTS + 4 * bits); left > 0; left--) {
      store<u8>(lengths + load<u16>(ORDER + 2 * at++), <u8>bits);
    }
  }
}

/** Fills ORDER; gives how many symbols occur. */
function sortSymbols(frequencies: usize, symbols: i32): i32 {
  let used = 0;
  for (let symbol = 0; symbol < symbols; symbol++) {
    const frequency = load<u32>(frequencies + 4 * symbol);
    if (frequency == 0) continue;
    let at = used++;
    for (; at > 0; at--) {
      const before = load<u16>(ORDER + 2 * (at - 1));
      if (load<u32>(frequencies + 4 * before) <= frequency) break;
      store<u16>(ORDER + 2 * at, before);
    }
    store<u16>(ORDER + 2 * at, <u16>symbol);
  }
  return used;
}

/** Joins the two lightest nodes until one is left, and counts how deep the symbols are then, `limit` at most. */
function countDepths(frequencies: usize, used: i32, limit: i32): void {
  for (let i = 0; i < used; i++) store<u32>(WEIGHTS + 4 * i, load<u32>(frequencies + 4 * load<u16>(ORDER + 2 * i)));
  const nodes = 2 * used - 1;
  let leaf = 0;
  let node = used;
  for (let made = used; made < nodes; made++) {
    let weight: u32 = 0;
    for (let child = 0; child < 2; child++) {
      const takesLeaf = leaf < used && (node >= made || load<u32>(WEIGHTS + 4 * leaf) <= load<u32>(WEIGHTS + 4 * node));
      const lightest = takesLeaf ? leaf++ : node++;
      weight += load<u32>(WEIGHTS + 4 * lightest);
      store<u16>(PARENTS + 2 * lightest, <u16>made);
    }
    store<u32>(WEIGHTS + 4 * made, weight);
  }
  memory.fill(COUNTS, 0, 4 * (MOST_BITS + 1));
  store<u16>(DEPTHS + 2 * (nodes - 1), 0);
  for (let i = nodes - 2; i >= 0; i--) {
    const depth = <i32>load<u16>(DEPTHS + 2 * load<u16>(PARENTS + 2 * i)) + 1;
    store<u16>(DEPTHS + 2 * i, <u16>depth);
    if (i < used) addTo(COUNTS + 4 * min(depth, limit), 1);
  }
}

/** Makes codes longer until they are no more than there is room for (Kraft's sum is 1), where some were cut to the limit. */
function shorten(limit: i32): void {
  let sum = 0; // in units of the longest code
  for (let bits = 1; bits <= limit; bits++) sum += <i32>load<u32>(COUNTS + 4 * bits) << (limit - bits);
  for (; sum > 1 << limit; sum--) {
    let bits = limit - 1;
    while (load<u32>(COUNTS + 4 * bits) == 0) bits--;
    addTo(COUNTS + 4 * bits, -1);
    addTo(COUNTS + 4 * (bits + 1), 2);
    addTo(COUNTS + 4 * limit, -1);
  }
}

function addTo(at: usize, more: i32): void {
  store<u32>(at, load<u32>(at) + more);
}

/**
 * Gives each symbol its code (RFC 1951, section 3.2.2).
 *
 * @param lengths u8 [symbols].
 * @param codes u32 [symbols], filled: the code as it is written, the first bit lowest; its length from bit 16 on.
 */
export function codesOf(lengths: usize, symbols: i32, codes: usize): void {
  memory.fill(COUNTS, 0, 4 * (MOST_BITS + 1));
  for (let symbol = 0; symbol < symbols; symbol++) addTo(COUNTS + 4 * load<u8>(lengths + symbol), 1);
  store<u32>(COUNTS, 0);
  let code: u32 = 0;
  for (let bits = 1; bits <= MOST_BITS; bits++) {
    code = (code + load<u32>(COUNTS + 4 * (bits - 1))) << 1;
    store<u32>(NEXT + 4 * bits, code);
  }
  for (let symbol = 0; symbol < symbols; symbol++) {
    const bits: u32 = load<u8>(lengths + symbol);
    let value = load<u32>(NEXT + 4 * bits);
    store<u32>(NEXT + 4 * bits, value + 1);
    let turned: u32 = 0;
    for (let i: u32 = 0; i < bits; i++, value >>= 1) turned = (turned << 1) | (value & 1);
    store<u32>(codes + 4 * symbol, turned | (bits << 16));
  }
}
