import { assertThrows } from "@std/assert";
import { InputError } from "../../../pipelines/base/errors.ts";
import { seal } from "../../../pipelines/base/seal.ts";
import { parsePartIndex } from "../../../pipelines/shards/part_index.ts";
import { WRITER_VERSION } from "../../../pipelines/shards/write_journal.ts";

const SPLIT = { shards: [] };
const WHOLE = {
  ...{ format: "strokewise part", writer: WRITER_VERSION, part: { number: 1, of: 2 } },
  ...{ options: {}, sources: [], histograms: {}, classes: [], fields: {} },
  splits: { train: SPLIT, valid: SPLIT, test: SPLIT },
};

Deno.test("a part.json with a seal, and without what a part says, is refused in a line", () => {
  const parse = (more: object) => parsePartIndex(JSON.stringify(seal({ ...WHOLE, ...more })), "part.json");
  parse({});
  for (const name of ["part", "options", "sources", "histograms", "classes", "fields", "splits"]) {
    assertThrows(() => parse({ [name]: null }), InputError, "part.json: lacks what a part says of itself");
  }
  assertThrows(() => parse({ part: { number: 1, of: 1e9 } }), InputError, "part 1/1000000000: expected i/N");
});
