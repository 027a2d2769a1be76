/** What a dataset of one's own does with a chunk, or is refused. */
import { assertEquals, assertThrows } from "@std/assert";
import { InputError } from "../../../pipelines/base/errors.ts";
import type { Dataset, RowSink } from "../../../pipelines/dataset.ts";
import { parseChunk } from "../../../pipelines/prepare/prepare_jobs.ts";

Deno.test("a parser that is not done when it returns is refused, whether it fails later or not", async () => {
  const parsed = (parse: (sink: RowSink) => unknown) => {
    const dataset = { name: "mine", parse: (_content: unknown, _options: unknown, sink: RowSink) => parse(sink) };
    return parseChunk(dataset as unknown as Dataset, { kind: "parse", options: {}, seed: 0, content: "" });
  };
  const add = ({ rows }: RowSink) => rows.add({ key: 1n, className: "sun", payload: new Uint8Array(1) });
  assertEquals(parsed(add).rows.count, 1);
  for (const fails of [false, true]) {
    const late = async (sink: RowSink) => {
      add(sink);
      await Promise.resolve();
      if (fails) throw new Error("late");
      add(sink);
    };
    assertThrows(
      () => parsed(late),
      InputError,
      "dataset mine: parse gave a promise, and must be done when it returns",
    );
  }
  await new Promise((resolve) => setTimeout(resolve)); // what fails late ends no program
});
