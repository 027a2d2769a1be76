/**
 * The mean of several ranks' values, added up in one order.
 *
 * @module
 */

/**
 * Means over ranks. The sum is in float64 and rounded once; nothing of it depends on the processor.
 *
 * @param received The values of all ranks, one after another, as many of each as there are means.
 * @param counts How much the values of each rank count, 0 or more, not all of them 0.
 * @param means Gets the means.
 */
export function averageOf(received: Float32Array, counts: readonly number[], means: Float32Array): void {
  const total = counts.reduce((sum, count) => sum + count, 0);
  const weights = counts.map((count) => count / total);
  const { length } = means;
  if (weights.length === 2) { // of two ranks in half the time
    const [first, second] = weights;
    for (let i = 0; i < length; i++) means[i] = first * received[i] + second * received[length + i];
    return;
  }
  for (let i = 0; i < length; i++) {
    let sum = 0;
    for (let rank = 0; rank < weights.length; rank++) sum += weights[rank] * received[rank * length + i];
    means[i] = sum;
  }
}
