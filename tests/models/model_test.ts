/** What a model is made of is checked before it is trained. */
import { assertEquals, assertThrows } from "@std/assert";
import { checkParts, faultOfBuilt, type Model } from "../../models/model.ts";

Deno.test("a model has objectives of different names, which train variables that it has", () => {
  const check = (...objectives: { name: string; trains: string[] }[]) =>
    checkParts({ variables: { "a/weights": null, "b/weights": null }, objectives } as unknown as Model);
  check({ name: "nll", trains: ["a/weights"] }, { name: "critic", trains: ["b/weights"] });
  assertThrows(() => check(), RangeError, "it has no objective");
  assertThrows(() => check({ name: "nll", trains: [] }), RangeError, "objective nll trains nothing");
  const twice = { name: "nll", trains: ["a/weights"] };
  assertThrows(() => check(twice, twice), RangeError, "two objectives are named nll");
  const misspelt = { name: "nll", trains: ["a/weigths"] };
  assertThrows(() => check(misspelt), RangeError, "trains a/weigths, which is unknown; did you mean a/weights?");
});

Deno.test("what is built has variables, objectives and dispose", () => {
  const model = { variables: {}, objectives: [], dispose: () => {} };
  assertEquals(faultOfBuilt(model), undefined);
  const cases: [built: unknown, words: string][] = [
    [Promise.reject(new Error("late")), "a promise"],
    [undefined, "undefined"],
    [{ ...model, variables: undefined }, "undefined as variables"],
    [{ ...model, objectives: {} }, "an object as objectives"],
    [{ ...model, dispose: undefined }, "undefined as dispose"],
  ];
  for (const [built, words] of cases) {
    assertEquals(faultOfBuilt(built), `${words}, expected a model: { variables, objectives, dispose }`);
  }
});
