import { placeOfBits, startBits } from "./bits";
import { addLiteral, addMatch, isFull, startBlock, tokens, writeBlock, writeStored } from "./block";
import { distance, forgetPlaces, longestMatch, matchAbove, mostBytes } from "./matches";
import { prepareTables } from "./tables";

/** A shorter match is put off by a byte where there is a longer one above then. */
const LAZY: usize = 32;

/**
 * Deflates bytes (RFC 1951) so that the last bits end with a byte: blocks of which none is the last, then an empty stored
 * one. For pictures and other arrays of rows: a match is looked for where such arrays have them.
 *
 * @param from The bytes; 16 bytes before and behind them are read.
 * @param out Where the deflated bytes go: `length + length / 1024 + 64` are enough.
 * @param stride Bytes of a row, 1 or more.
 * @returns How many bytes were written.
 */
export function deflate(from: usize, length: usize, out: usize, stride: usize): usize {
  prepareTables();
  forgetPlaces();
  startBits(out);
  startBlock();
  if (stride < 2 || stride > 1 << 14) stride = 2;
  const end = from + length;
  const searched = length < 16 ? from : end - 16;
  let begun = from;
  let place = from;
  while (place < end) {
    let best: usize = 0;
    let back: usize = 0;
    if (place > from && place < searched) {
      best = longestMatch(place, from, mostBytes(place, end), stride);
      back = distance;
      while (back > 0 && best < LAZY && place + 1 < searched) {
        const next = matchAbove(place + 1, from, mostBytes(place + 1, end), stride, best);
        if (distance == 0) break;
        addLiteral(load<u8>(place++));
        best = next;
        back = distance;
      }
    }
    if (back > 0) {
      addMatch(<u32>best, <u32>back);
      place += best;
    } else addLiteral(load<u8>(place++));
    if (isFull()) {
      writeBlock(begun, place - begun);
      startBlock();
      begun = place;
    }
  }
  if (tokens > 0) writeBlock(begun, place - begun);
  writeStored(place, 0);
  return placeOfBits() - out;
}
