/**
 * WGSL of the functions that follow a convolution or a normalization.
 *
 * A program that calls it has the constant ACTIVATION, a place in `ACTIVATIONS`, and the uniform `slope`.
 *
 * @module
 */

/** `fn activated(x: f32) -> f32`; what is no number stays none. */
export const ACTIVATED = `
// e^x - 1; near 0, where the difference would leave few digits, its Taylor series, whose rest is below 1e-7 of it.
fn elu(x: f32) -> f32 {
  let series = x * (1.0 + x / 2.0 * (1.0 + x / 3.0 * (1.0 + x / 4.0 * (1.0 + x / 5.0 * (1.0 + x / 6.0)))));
  return select(select(exp(x) - 1.0, series, x > -0.25), x, x >= 0.0);
}
fn activated(x: f32) -> f32 {
  switch ACTIVATION {
    case 1u: { return select(x, 0.0, x < 0.0); }
    case 2u: { return select(x, uniforms.slope * x, x < 0.0); }
    case 3u: { return elu(x); }
    default: { return x; }
  }
}`;

/** `fn slopeAt(y: f32) -> f32`: the slope where the activation gave y. */
export const SLOPE_AT = `
fn slopeAt(y: f32) -> f32 {
  switch ACTIVATION {
    case 1u: { return select(0.0, 1.0, y > 0.0); }
    case 2u: { return select(uniforms.slope, 1.0, y > 0.0); }
    case 3u: { return select(1.0, y + 1.0, y < 0.0); }
    default: { return 1.0; }
  }
}`;
