/**
 * A parser under test.
 *
 * @module
 */
import type { Prng } from "../../pipelines/base/prng.ts";
import { mutateBytes, pick } from "./fuzz_mutate.ts";

/** A parser under test. */
export interface FuzzTarget {
  /** One changed input. */
  draw(prng: Prng): Uint8Array;
  /** Parses it; throws where it is refused. */
  parse(input: Uint8Array): unknown;
  /** Inputs at most, where each takes a while. */
  readonly most?: number;
  /** Milliseconds that one may take, where the usual ones are too few. */
  readonly patience?: number;
}

/** Inputs of bytes: half of the changes are made in the first `header` of them. */
export function ofBytes(
  inputs: readonly Uint8Array[],
  header: number,
  parse: (input: Uint8Array) => unknown,
): FuzzTarget {
  return { draw: (prng) => mutateBytes(pick(prng, inputs), prng, header), parse };
}
