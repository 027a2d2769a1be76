/**
 * Latents drawn from Gaussians, and their gradient, on webgpu.
 *
 * @module
 */
import type { WebgpuKernel } from "../context.ts";
import { elementwise, overElements } from "./elementwise.ts";
import { BEND } from "../math.ts";

// Element i is one of [B, Z]; its mu and the logarithm of its variance are at `at` and Z further.
const AT = "let at = i + i / uniforms.latentSize * uniforms.latentSize;";

const FORWARD = elementwise(
  `
  ${AT}
  let mean = parameters[at];
  let bent = bend(parameters[at + uniforms.latentSize]);
  mu[i] = mean;
  logVar[i] = bent;
  latent[i] = mean + exp(bent / 2.0) * epsilon[i];`,
  BEND,
);

const BACKWARD = elementwise(
  `
  ${AT}
  let dSigma = dLatent[i] * epsilon[i];
  dParameters[at] = dMu[i] + dLatent[i];
  dParameters[at + uniforms.latentSize] = (dLogVar[i] + dSigma * exp(logVar[i] / 2.0) / 2.0) * slopeOf(logVar[i]);`,
  BEND,
);

/** parameters [B, 2Z], epsilon [B, Z] -> mu, logVar, latent [B, Z]. */
export const sampleLatent: WebgpuKernel = ({ output, run }, { parameters, epsilon }) => {
  const [batch, latentSize] = epsilon.shape;
  const [mu, logVar, latent] = [output(epsilon.shape), output(epsilon.shape), output(epsilon.shape)];
  run({
    name: "SampleLatent",
    source: FORWARD,
    ...overElements(batch * latentSize, { latentSize }),
    reads: { parameters, epsilon },
    writes: { mu, logVar, latent },
  });
  return [mu, logVar, latent];
};

/** -> the gradient of the parameters. */
export const sampleLatentGrad: WebgpuKernel = ({ output, run }, reads) => {
  const [batch, latentSize] = reads.logVar.shape;
  const dParameters = output([batch, 2 * latentSize]);
  run({
    name: "SampleLatentGrad",
    source: BACKWARD,
    ...overElements(batch * latentSize, { latentSize }),
    reads,
    writes: { dParameters },
  });
  return dParameters;
};
