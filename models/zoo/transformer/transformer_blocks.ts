/**
 * The blocks of a transformer, with the normalization in front of each part (Xiong et al. 2020, arXiv:2002.04745), which
 * needs no warming up.
 *
 * T steps, B batch, S steps that are looked at, D width.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Prng } from "../../../pipelines/base/prng.ts";
import { attentionLayer } from "../../layers/attention.ts";
import { layerNormLayer } from "../../layers/layer_norm.ts";
import type { Variables } from "../../layers/layer.ts";
import { linear } from "../../layers/linear.ts";
import type { Attended } from "../../ops/attention.ts";

/** The size of a block, and whether its steps see those up to them alone. */
export interface BlockOptions {
  /** D. */
  readonly width: number;
  readonly heads: number;
  /** Units of the hidden layer behind the attention. */
  readonly hidden: number;
  readonly causal: boolean;
  /** Whether it looks at another sequence too. */
  readonly looks: boolean;
}

/** B sequences side by side, and what is done with what each part adds. */
export interface BlockPass {
  readonly batch: number;
  /** Drops units, float32 [T B, D]. */
  drop(x: tf.Tensor2D): tf.Tensor2D;
}

/** A block; the rows of a step lie one after the other. */
export interface Block {
  readonly variables: Variables;
  /** Keys and values of the other sequence, float32 [S B, D], of a block that looks at one. */
  attend?(memory: tf.Tensor2D): Attended;
  /** float32 [T B, D] -> [T B, D]. */
  apply(x: tf.Tensor2D, pass: BlockPass, attended?: Attended): tf.Tensor2D;
}

/** Creates a block; the name starts its variables' names. */
export function block(name: string, options: BlockOptions, prng: Prng): Block {
  const { width, heads, hidden, causal, looks } = options;
  const self = attentionLayer(`${name}/self`, { width, heads, causal }, prng);
  const other = looks ? attentionLayer(`${name}/other`, { width, heads }, prng) : undefined;
  const first = linear(`${name}/hidden`, { inputs: width, outputs: hidden }, prng);
  const second = linear(`${name}/output`, { inputs: hidden, outputs: width }, prng);
  const norms = ["self", ...looks ? ["other"] : [], "hidden"].map((part) =>
    layerNormLayer(`${name}/${part}/norm`, width)
  );
  const [ofSelf, ofHidden, ofOther] = [norms[0], norms.at(-1)!, norms[1]];
  const layers = [self, ...other ? [other] : [], first, second, ...norms];
  return {
    variables: Object.assign({}, ...layers.map(({ variables }) => variables)),
    ...other && { attend: other.attend },
    apply(x, { batch, drop }, attended) {
      const own = ofSelf.apply(x);
      let sum = tf.add(x, drop(self.apply(own, self.attend(own), batch))) as tf.Tensor2D; // [TB, D]
      if (other && attended) sum = tf.add(sum, drop(other.apply(ofOther.apply(sum), attended, batch)));
      return tf.add(sum, drop(second.apply(tf.relu(first.apply(ofHidden.apply(sum))))));
    },
  };
}
