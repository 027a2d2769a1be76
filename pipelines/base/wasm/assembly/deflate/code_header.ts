import { putBits, settleBits } from "./bits";
import { codeLengths, codesOf } from "./huffman";

/** The symbols of RFC 1951, section 3.2.7: lengths 0 to 15, the one before again, zeros. */
const SYMBOLS: i32 = 19;
const AGAIN: i32 = 16;
const ZEROS: i32 = 17;
const MANY_ZEROS: i32 = 18;
/** In the order in which their lengths are written. */
const ORDER: usize = memory.data<u8>([16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]);

const COUNTS: usize = memory.data(4 * SYMBOLS);
const LENGTHS: usize = memory.data(SYMBOLS);
const CODES: usize = memory.data(4 * SYMBOLS);
/** The lengths of both codes, one after the other, and as symbols, u8, each with its extra bits, u8. */
const ALL: usize = memory.data(286 + 30);
const RUNS: usize = memory.data(2 * (286 + 30));

let literals: i32 = 0;
let distances: i32 = 0;
let runs: i32 = 0;
/** Symbols whose lengths are written. */
let given: i32 = 0;

/**
 * Prepares what a block with codes of its own begins with.
 *
 * @param literalLengths u8 [286], bits of each code.
 * @param distanceLengths u8 [30].
 * @returns How many bits it takes.
 */
export function prepareCodes(literalLengths: usize, distanceLengths: usize): u32 {
  for (literals = 286; literals > 257 && load<u8>(literalLengths + literals - 1) == 0;) literals--;
  for (distances = 30; distances > 1 && load<u8>(distanceLengths + distances - 1) == 0;) distances--;
  memory.copy(ALL, literalLengths, literals);
  memory.copy(ALL + literals, distanceLengths, distances);
  findRuns(literals + distances);
  codeLengths(COUNTS, SYMBOLS, 7, LENGTHS);
  for (given = SYMBOLS; given > 4 && load<u8>(LENGTHS + load<u8>(ORDER + given - 1)) == 0;) given--;
  let bits: u32 = 17 + 3 * given;
  for (let symbol = 0; symbol < SYMBOLS; symbol++) {
    bits += load<u32>(COUNTS + 4 * symbol) * (load<u8>(LENGTHS + symbol) + extraBits(symbol));
  }
  return bits;
}

function extraBits(symbol: i32): u32 {
  return symbol < AGAIN ? 0 : symbol == AGAIN ? 2 : symbol == ZEROS ? 3 : 7;
}

function findRuns(total: i32): void {
  memory.fill(COUNTS, 0, 4 * SYMBOLS);
  runs = 0;
  for (let i = 0; i < total;) {
    const length: i32 = load<u8>(ALL + i);
    let same = 1;
    while (i + same < total && load<u8>(ALL + i + same) == length) same++;
    i += same;
    if (length > 0) {
      addRun(length, 0);
      same--;
    }
    while (same >= 3) {
      const part = min(same, length > 0 ? 6 : 138);
      if (length > 0) addRun(AGAIN, part - 3);
      else if (part <= 10) addRun(ZEROS, part - 3);
      else addRun(MANY_ZEROS, part - 11);
      same -= part;
    }
    while (same-- > 0) addRun(length, 0);
  }
}

function addRun(symbol: i32, extra: i32): void {
  store<u8>(RUNS + 2 * runs, <u8>symbol);
  store<u8>(RUNS + 2 * runs++, <u8>extra, 1);
  store<u32>(COUNTS + 4 * symbol, load<u32>(COUNTS + 4 * symbol) + 1);
}

/** Writes what was prepared. */
export function writeCodes(): void {
  putBits((literals - 257) | ((distances - 1) << 5) | ((given - 4) << 10), 14);
  settleBits();
  for (let i = 0; i < given; i++) {
    putBits(load<u8>(LENGTHS + load<u8>(ORDER + i)), 3);
    settleBits();
  }
  codesOf(LENGTHS, SYMBOLS, CODES);
  for (let i = 0; i < runs; i++) {
    const symbol: i32 = load<u8>(RUNS + 2 * i);
    const code = load<u32>(CODES + 4 * symbol);
    putBits(code & 0xffff, code >> 16);
    putBits(load<u8>(RUNS + 2 * i, 1), extraBits(symbol));
    settleBits();
  }
}
