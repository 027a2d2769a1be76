/**
 * WGSL functions that several programs call.
 *
 * @module
 */

/**
 * Non-linearities that take an exponential of nothing above 0, so that none overflows. Near 0, where 1 - e would leave
 * few digits or none, tanh is its Taylor series, whose rest is below 1e-9 of it.
 */
export const NON_LINEARITIES = `
fn sigmoidOf(x: f32) -> f32 {
  let e = exp(-abs(x));
  return select(e, 1.0, x >= 0.0) / (1.0 + e);
}

fn tanhOf(x: f32) -> f32 {
  let e = exp(-2.0 * abs(x));
  let x2 = x * x;
  let p = ((x2 * (62.0 / 2835.0) - 17.0 / 315.0) * x2 + 2.0 / 15.0) * x2 - 1.0 / 3.0;
  return select(sign(x) * (1.0 - e) / (1.0 + e), x + x * x2 * p, abs(x) < 0.2);
}
`;

/** 10 tanh(x / 10), by which a window's logarithms are bent, and its slope. */
export const BEND = `
${NON_LINEARITIES}
fn bend(x: f32) -> f32 { return 10.0 * tanhOf(x / 10.0); }
fn slopeOf(bent: f32) -> f32 { return 1.0 - bent * bent / 100.0; }
`;
