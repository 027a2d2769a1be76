/** Parts of models as graphs of layers, of a user's own model too. */
import { assertEquals, assertThrows } from "@std/assert";
import { type Network, NetworkBuilder } from "../../../models/network.ts";
import { InputError } from "../../../pipelines/base/errors.ts";
import type { SavedModel } from "../../../tasks/runs/saved_model.ts";
import { networkOf } from "../../../tasks/export/model_format.ts";
import { Unsuitable } from "../../../tasks/export/target.ts";

/** A model with parts, of which nothing else is read. */
const withParts = (networks?: Record<string, () => unknown>) => ({ model: { networks } }) as unknown as SavedModel;

Deno.test("a part that is no graph, or has no way in or out, is refused", () => {
  const open = new NetworkBuilder();
  const x = open.input({ name: "x", dtype: "float32", shape: [1], meaning: "" });
  const empty = { inputs: [], nodes: [], outputs: [] };
  for (const made of [undefined, 5, null, {}, empty, { ...empty, inputs: [x] }, open]) {
    const part = withParts({ mine: () => made });
    assertThrows(
      () => networkOf(part, ""),
      InputError,
      "part mine: expected a graph of layers with inputs and outputs",
    );
  }
  open.output("y", x, "");
  const whole: Network = open;
  assertEquals(networkOf(withParts({ mine: () => open }), ""), { name: "mine", network: whole });
  for (const none of [undefined, {}]) {
    assertThrows(() => networkOf(withParts(none), ""), Unsuitable, "no graph of layers");
  }
});
