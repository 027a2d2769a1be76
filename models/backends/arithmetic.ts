/**
 * How this processor computes what WebAssembly leaves to it: the kernels multiply and add in one instruction, which rounds
 * once where the processor has it and twice where it has not. Browser safe.
 *
 * @module
 */

/** A function of three float32 that multiplies the first two and adds the third by `f32x4.relaxed_madd`. */
const MODULE = Uint8Array.fromHex(
  "0061736d01000000" + // magic number, version
    "010801" + "60037d7d7d017d" + // a type: three f32 to one
    "03020100" + // a function of it
    "070501" + "01660000" + // exported as f
    "0a1601" + "1400" + // its body, without locals
    "2000fd13" + "2001fd13" + "2002fd13" + // each argument in all lanes
    "fd8502" + "fd1f00" + "0b", // relaxed_madd, the first lane, end
);

/**
 * Whether products are rounded before they are added, in words. Runs on processors that differ in it differ in their last
 * bits.
 *
 * @example
 * ```ts
 * import { arithmeticOf } from "./arithmetic.ts";
 * import { assert } from "@std/assert";
 *
 * assert(["fused multiply-add", "separate multiply and add"].includes(arithmeticOf()));
 * ```
 */
export function arithmeticOf(): string {
  const { f } = new WebAssembly.Instance(new WebAssembly.Module(MODULE)).exports;
  const multiplyAdd = f as (a: number, b: number, c: number) => number;
  const a = 1 + 2 ** -12; // its square is 1 + 2^-11 + 2^-24, whose last part float32 has no room for
  return multiplyAdd(a, a, -(1 + 2 ** -11)) === 0 ? "separate multiply and add" : "fused multiply-add";
}
