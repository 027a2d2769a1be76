import { assertThrows } from "@std/assert";
import { InputError } from "../../../pipelines/base/errors.ts";
import { seal } from "../../../pipelines/base/seal.ts";
import { parsePartIndex } from "../../../pipelines/shards/part_index.ts";
import { WRITER_VERSION } from "../../../pipelines/shards/write_journal.ts";

const hash = "0".repeat(64);
const SPLIT = { examples: 0, perClass: [0], shards: [] };
const SHARD = { file: "train-00000.npz", examples: 2, own: 1, bytes: 9, sha256: hash };
const WHOLE = {
  ...{ format: "strokewise part", version: 2, writer: WRITER_VERSION, part: { number: 1, of: 2 } },
  ...{ dataset: "quickdraw", unit: "drawing", licence: "none", options: { seed: 0 }, histograms: {}, filters: {} },
  ...{ rejects: {}, sources: [{ name: "a", bytes: 1, sha256: hash }], classes: ["a"], fields: {} },
  splits: { train: { examples: 2, perClass: [2], shards: [SHARD] }, valid: SPLIT, test: SPLIT },
};

Deno.test("a part.json with a seal, and without what a part says or with what cannot be, is refused in a line", () => {
  const parse = (more: object) => parsePartIndex(JSON.stringify(seal({ ...WHOLE, ...more })), "part.json");
  parse({});
  const shard = (more: object) => ({
    splits: { ...WHOLE.splits, train: { ...WHOLE.splits.train, shards: [{ ...SHARD, ...more }] } },
  });
  parse(shard({ own: 0, bytes: 0, sha256: "" }));
  const cases: [more: object, says: string][] = [
    [{ part: null }, "part: missing"],
    [{ options: null }, "options: missing"],
    [{ sources: null }, "sources: missing"],
    [{ splits: null }, "classes, fields or splits are missing"],
    [{ splits: { train: [], valid: 1 } }, "split train: examples, perClass or shards are missing"],
    [{ options: { seed: null } }, "option seed: null cannot be"],
    [{ options: { seed: { a: 1 } } }, "option seed: {"],
    [{ filters: { twin: -1 } }, "filters: expected counts"],
    [{ rejects: { json: "1" } }, "rejects: expected counts"],
    [{ histograms: { strokes: { 1: 0.5 } } }, "strokes: expected counts"],
    [{ notes: [1] }, "notes: expected lines"],
    [{ sources: [null] }, "sources: one of them cannot be"],
    [{ sources: [{ name: "a", bytes: 1e300, sha256: hash }] }, "sources: one of them cannot be"],
    [{ module: { url: "file:///a.ts" } }, "module: expected its address and hash"],
    [{ banks: { glyphs: { file: "../x", bytes: 1, sha256: hash } } }, "banks: one of them cannot be"],
    [{ rejectList: { bytes: -1, sha256: hash } }, "rejectList: expected bytes and a hash"],
    [{ unit: 1 }, "dataset, unit or licence: no text"],
    [shard({ own: 3 }), "shard train-00000.npz: 3 of 2 examples cannot be"],
    [shard({ own: "1" }), "shard train-00000.npz: 1 of 2 examples cannot be"],
    [shard({ file: "../train.npz" }), "shard ../train.npz"],
    [shard({ sha256: "" }), "shard train-00000.npz"],
  ];
  for (const [more, says] of cases) {
    assertThrows(() => parse(more), InputError, says);
  }
  assertThrows(() => parse({ part: { number: 1, of: 1e9 } }), InputError, "part 1/1000000000: expected i/N");
});
