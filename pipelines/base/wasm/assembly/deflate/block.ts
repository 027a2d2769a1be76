import { alignBits, putBits, putBytes, settleBits } from "./bits";
import { prepareCodes, writeCodes } from "./code_header";
import { codeLengths, codesOf } from "./huffman";
import { distanceExtra, distanceSymbol, LENGTH_BASE, LENGTH_EXTRA, LENGTH_SYMBOLS } from "./tables";

/** Literals and matches of a block at most. */
const MAX_TOKENS: i32 = 1 << 14;
/** As many as may come before a match is settled. */
const ROOM: i32 = 32;
/** u32 each: a literal's byte, or a match's distance less 1, its length less 3 from bit 15 on, and bit 31. */
const TOKENS: usize = memory.data(4 * MAX_TOKENS);
export let tokens: i32 = 0;

/** Symbols of literals and lengths, and of distances; the last 2 of each never occur. */
const LITERALS: i32 = 288;
const DISTANCES: i32 = 32;
/** The symbol at the end of a block. */
const END: i32 = 256;
/** How often each symbol occurs, u32, and bits of its code, u8: those of distances lie behind those of literals. */
const COUNTS: usize = memory.data(4 * (LITERALS + DISTANCES));
const LENGTHS: usize = memory.data(LITERALS + DISTANCES);
const CODES: usize = memory.data(4 * (LITERALS + DISTANCES));
/** By a match's length less 3, its code with extra bits, and how many bits they are: u32 each. */
const MATCH_CODES: usize = memory.data(8 * 256);

export function startBlock(): void {
  tokens = 0;
  memory.fill(COUNTS, 0, 4 * (LITERALS + DISTANCES));
}

export function isFull(): bool {
  return tokens >= MAX_TOKENS - ROOM;
}

// @ts-ignore: decorator
@inline
function count(symbol: u32): void {
  store<u32>(COUNTS + 4 * symbol, load<u32>(COUNTS + 4 * symbol) + 1);
}

// @ts-ignore: decorator
@inline
export function addLiteral(byte: u32): void {
  store<u32>(TOKENS + 4 * tokens++, byte);
  count(byte);
}

// @ts-ignore: decorator
@inline
export function addMatch(length: u32, distance: u32): void {
  store<u32>(TOKENS + 4 * tokens++, 0x80000000 | ((length - 3) << 15) | (distance - 1));
  count(END + 1 + load<u8>(LENGTH_SYMBOLS + length - 3));
  count(LITERALS + distanceSymbol(distance - 1));
}

/** Writes a block in the form that takes least. It stands for `length` bytes at `from`. */
export function writeBlock(from: usize, length: usize): void {
  count(END);
  setFixedLengths();
  const fixed = bitsOfTokens();
  codeLengths(COUNTS, LITERALS, 15, LENGTHS);
  codeLengths(COUNTS + 4 * LITERALS, DISTANCES, 15, LENGTHS + LITERALS);
  const dynamic = prepareCodes(LENGTHS, LENGTHS + LITERALS) + bitsOfTokens();
  if (<u32>(8 * length + 40 * (length / 65535 + 1)) <= min(fixed, dynamic)) return writeStored(from, length);
  if (fixed <= dynamic) {
    setFixedLengths();
    putBits(2, 3);
    settleBits();
  } else {
    putBits(4, 3);
    writeCodes();
  }
  writeTokens();
}

/** The lengths of RFC 1951, section 3.2.6. */
function setFixedLengths(): void {
  for (let symbol = 0; symbol < LITERALS; symbol++) {
    store<u8>(LENGTHS + symbol, symbol < 144 ? 8 : symbol < 256 ? 9 : symbol < 280 ? 7 : 8);
  }
  memory.fill(LENGTHS + LITERALS, 5, DISTANCES);
}

/** Bits of all tokens, extra ones too. */
function bitsOfTokens(): u32 {
  let bits: u32 = 0;
  for (let symbol = 0; symbol < LITERALS + DISTANCES; symbol++) {
    const extra: u32 = symbol >= LITERALS
      ? distanceExtra(symbol - LITERALS)
      : symbol > END && symbol < LITERALS - 2
      ? load<u8>(LENGTH_EXTRA + symbol - END - 1)
      : 0;
    bits += load<u32>(COUNTS + 4 * symbol) * (load<u8>(LENGTHS + symbol) + extra);
  }
  return bits;
}

function writeTokens(): void {
  codesOf(LENGTHS, LITERALS, CODES);
  codesOf(LENGTHS + LITERALS, DISTANCES, CODES + 4 * LITERALS);
  for (let length = 0; length < 256; length++) {
    const symbol: u32 = load<u8>(LENGTH_SYMBOLS + length);
    const code = load<u32>(CODES + 4 * (END + 1 + symbol));
    const extra: u32 = length - load<u16>(LENGTH_BASE + 2 * symbol);
    store<u32>(MATCH_CODES + 8 * length, (code & 0xffff) | (extra << (code >> 16)));
    store<u32>(MATCH_CODES + 8 * length, (code >> 16) + load<u8>(LENGTH_EXTRA + symbol), 4);
  }
  for (let i = 0; i < tokens; i++) {
    const token = load<u32>(TOKENS + 4 * i);
    if (token < 256) putCode(load<u32>(CODES + 4 * token));
    else {
      const match = MATCH_CODES + 8 * ((token >> 15) & 255);
      putBits(load<u32>(match), load<u32>(match, 4));
      const distance = token & 0x7fff;
      const symbol = distanceSymbol(distance);
      const extra = distanceExtra(symbol);
      putCode(load<u32>(CODES + 4 * (LITERALS + symbol)));
      putBits(distance & ((1 << extra) - 1), extra);
    }
    settleBits();
  }
  putCode(load<u32>(CODES + 4 * END));
  settleBits();
}

// @ts-ignore: decorator
@inline
function putCode(code: u32): void {
  putBits(code & 0xffff, code >> 16);
}

/** Writes bytes as they are, an empty block where there are none. */
export function writeStored(from: usize, length: usize): void {
  do {
    const part = min(length, 65535);
    putBits(0, 3);
    alignBits();
    putBits(part | ((part ^ 0xffff) << 16), 32);
    settleBits();
    putBytes(from, part);
    from += part;
    length -= part;
  } while (length > 0);
}
