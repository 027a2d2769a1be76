/**
 * The types of tfjs that appear in this package's signatures, under tfjs's own names; a tensor of tfjs is one of these.
 *
 * @module
 */
import type * as tf from "@tensorflow/tfjs-core";

/** A tensor of any shape. */
export type Tensor = tf.Tensor;

/** A tensor of shape [], a single number. */
export type Scalar = tf.Scalar;

/** A tensor with one dimension. */
export type Tensor1D = tf.Tensor1D;

/** A tensor with two dimensions. */
export type Tensor2D = tf.Tensor2D;

/** A tensor with three dimensions. */
export type Tensor3D = tf.Tensor3D;

/** A tensor with four dimensions. */
export type Tensor4D = tf.Tensor4D;

/** A tensor with five dimensions. */
export type Tensor5D = tf.Tensor5D;

/** A tensor whose values an optimizer changes in place. */
export type Variable = tf.Variable;
