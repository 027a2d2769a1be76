/**
 * What the numbers of a GAN's training tell, and when they say that it goes wrong.
 *
 * @module
 */

/** What the metrics of its objectives tell. */
export const GAN_MEANINGS = {
  loss: "1.386 where it is in doubt (hinge: 2), 0 where sure",
  realAccuracy: "of real images, the share that it takes for real",
  fakeAccuracy: "of made images, the share that it does not",
  penalty: "what R1 adds to the loss",
  "generator.loss": "0.693 where half are taken for real (hinge: 0)",
  "generator.distance": "samples to images, by random features; lower is better",
  "generator.sampleSpread": "how far two samples are apart, by the same features",
  "generator.imageSpread": "how far two images are apart; samples should be as far",
} as const;

/** Samples that are less varied than this share of what images are have collapsed. */
const COLLAPSED = 0.5;

/** A discriminator that is right about this share of both sorts teaches little. */
const CERTAIN = 0.99;

/** A discriminator that knows this share fewer of the valid images than of the training images knows the latter by heart. */
const BY_HEART = 0.3;

/**
 * Says of a GAN what is amiss.
 *
 * @param measured Its objectives' metrics, on valid and in training.
 */
export function worriesOf(
  { train, valid }: Readonly<Record<"train" | "valid", Readonly<Record<string, number>>>>,
): string[] {
  const worries: string[] = [];
  if (valid["generator.sampleSpread"] < COLLAPSED * valid["generator.imageSpread"]) {
    worries.push(
      "the samples are less than half as varied as the images: the generator has collapsed, or has not begun",
    );
  }
  if (train.realAccuracy > CERTAIN && train.fakeAccuracy > CERTAIN) {
    worries.push("the discriminator is right about all: the generator learns little from it");
  }
  if (train.realAccuracy - valid.realAccuracy > BY_HEART) {
    worries.push("the discriminator knows training images from valid ones: it learns them by heart");
  }
  return worries;
}
