import * as tf from "@tensorflow/tfjs-core";
import { assertThrows } from "@std/assert";
import { startBackend } from "../../models/backends/backend.ts";
import { assertSlopes } from "./slopes.ts";

Deno.test("a gradient passes as the slope it is; none, half of it, another sign or one element amiss do not", async () => {
  await startBackend("cpu");
  tf.tidy(() => {
    const at = tf.linspace(-1, 1, 12);
    const f = (x: tf.Tensor): tf.Scalar => tf.sum(tf.sin(tf.mul(x, 3)));
    const gradient = tf.grad(f)(at);
    assertSlopes(f, { at, gradient });
    assertThrows(() => assertSlopes(f, { at, gradient: tf.zerosLike(at), name: "weights" }), Error, "weights is 0");
    const last = tf.oneHot(tf.scalar(11, "int32"), 12);
    for (const wrong of [tf.mul(gradient, 0.5), tf.neg(gradient), tf.mul(gradient, tf.sub(1, last))]) {
      assertThrows(() => assertSlopes(f, { at, gradient: wrong }), Error, "the slope is");
    }
  });
});
