/**
 * The options of `prepare`. Browser safe.
 *
 * @module
 */

/** The options of {@linkcode prepare} that are the same for every dataset. */
export const PREPARE_OPTIONS = {
  overwrite: { value: false, help: "replace the output if it is there" },
  perClass: {
    value: 0,
    help: "keep so many examples of each class, drawn by the seed; 0 keeps all",
    min: 0,
    whole: true,
  },
  shardSize: { value: 4096, help: "examples a shard, 1 or more", min: 1, whole: true },
  seed: {
    value: 0,
    help: "of the shuffle, and of what the dataset draws; 0 to 4294967295",
    min: 0,
    max: 2 ** 32 - 1,
    whole: true,
  },
  workers: {
    value: 0,
    help: "Workers that parse and pack, 1 to 64; 0 for as many as there are cores",
    min: 0,
    max: 64,
    whole: true,
  },
  maxRejects: {
    value: 0.01,
    help: "fail when a larger share of the records is rejected, 0 to 1 or a percentage",
    min: 0,
    max: 1,
  },
  damaged: {
    value: "refuse",
    choices: ["refuse", "keep"],
    help:
      "files that are cut or broken: an error, or what comes before the damage is kept and the file listed as a reject",
  },
} as const;
