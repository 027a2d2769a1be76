/** Specs by their modules: found again where they are, refused in one line where they are not. */
import { assert, assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { InputError } from "../../../pipelines/base/errors.ts";
import { addressOf, checkSpec, resolveSpec, specAt, type SpecShape } from "../../../pipelines/base/spec_module.ts";
import { DATASETS } from "../../../pipelines/datasets/registry.ts";
import { mnist } from "../../../pipelines/datasets/mnist.ts";
import { DATASET_SHAPE } from "../../../pipelines/dataset.ts";
import { MODELS } from "../../../models/zoo/registry.ts";
import { AUGMENTATIONS } from "../../../pipelines/strokes/augmentations.ts";
import { inTemporaryFolder, may } from "../../helpers.ts";

const ignore = !may("read");

Deno.test({
  name: "every built-in spec is found at its address, and a copy of one is not",
  ignore,
  fn: async () => {
    for (const spec of [DATASETS, MODELS, AUGMENTATIONS].flatMap((specs) => Object.values(specs))) {
      checkSpec(spec, "spec", {});
      assertStrictEquals(await specAt(await addressOf(spec, "spec")), spec);
      assertStrictEquals(await specAt({ url: spec.url, name: spec.name }), spec);
    }
    const words = `dataset mnist: ${mnist.url} does not export this object, which Workers find by its url`;
    await assertRejects(() => addressOf({ ...mnist, parse: () => {} } as never, "dataset"), InputError, words);
  },
});

const SHAPE: SpecShape = { summary: "string", run: "function" };

/** Resolves a reference against a folder; `one` is built in. */
const resolve = (folder: string, reference: string) =>
  resolveSpec(reference, {
    ...{ what: "gadget", shape: SHAPE, base: `file://${folder}/` },
    registered: { one: { name: "one", url: "built:in" } },
  });

Deno.test({
  name: "a user's own spec is the default export of its module; anything else is refused in one line",
  ignore: ignore || !may("write"),
  fn: () =>
    inTemporaryFolder(async (folder) => {
      const write = (name: string, text: string) => Deno.writeTextFile(`${folder}/${name}`, text);
      await write("my gadget.ts", 'export default { name: "mine", url: import.meta.url, summary: "s", run() {} };');
      const mine = await resolve(folder, "./my gadget.ts");
      assertEquals([mine.name, mine.url], ["mine", `file://${folder}/my%20gadget.ts`]);
      assertStrictEquals(await specAt(await addressOf(mine, "gadget")), mine);
      assertEquals((await resolve(folder, "one")).url, "built:in");
      await write("50% #1?.ts", 'export default { name: "odd", url: import.meta.url, summary: "s", run() {} };');
      assertEquals((await resolve(folder, "./50% #1?.ts")).name, "odd");

      await write("none.ts", "export const a = 1;");
      await write("half.ts", 'export default { name: "half", url: import.meta.url, summary: "s" };');
      await write("elsewhere.ts", 'export default { name: "e", url: "file:///x.ts", summary: "s", run() {} };');
      await write("broken.ts", "export default {;");
      await write("throws.ts", 'throw new Error("no luck\\nat all");');
      await write("up.ts", 'export default { name: "../up", url: import.meta.url, summary: "s", run() {} };');
      for (
        const [name, option] of [["bare", "5"], ["null", "null"], [
          "misfit",
          '{ value: "c", choices: ["a"], help: "" }',
        ]]
      ) {
        const text =
          `export default { name: "o", url: import.meta.url, summary: "s", run() {}, options: { o: ${option} } };`;
        await write(`${name}.ts`, text);
      }
      await write(
        "snake.ts",
        'export default { name: "o", url: import.meta.url, summary: "s", run() {}, options: { a_b: {} } };',
      );
      const cases: [reference: string, words: string][] = [
        ["ane", '--gadget: expected one of one, or the path of a module; found "ane"; did you mean one?'],
        ["./none.ts", "--gadget ./none.ts: expected a gadget as its default export; found missing"],
        ["half.ts", "--gadget half.ts: its default export is no gadget: run is missing, expected a function"],
        ["elsewhere.ts", "--gadget elsewhere.ts: its url is file:///x.ts; write url: import.meta.url"],
        ["./absent.ts", "--gadget ./absent.ts: cannot be imported: "],
        ["broken.ts", "--gadget broken.ts: cannot be imported: "],
        ["throws.ts", "--gadget throws.ts: cannot be imported: no luck"],
        ["http://[/x.ts", "--gadget http://[/x.ts: neither a path nor an address"],
        ["up.ts", '--gadget up.ts: its default export is no gadget: its name is "../up", expected letters, digits'],
        ["bare.ts", "--gadget bare.ts: its default export is no gadget: its option o has no help"],
        ["null.ts", "--gadget null.ts: its default export is no gadget: its option o has no help"],
        ["snake.ts", "its option a_b is no camelCase name"],
        ["misfit.ts", 'its option o does not take its own default, "c"'],
      ];
      for (const [reference, words] of cases) {
        const { message } = await assertRejects(() => resolve(folder, reference), InputError, words);
        assert(!message.includes("\n"), message);
      }
    }),
});

Deno.test("what a user's own dataset must have is what every built-in one has", () => {
  for (const dataset of Object.values(DATASETS)) {
    for (const [member, type] of Object.entries(DATASET_SHAPE)) {
      assertEquals(typeof dataset[member as keyof typeof dataset], type, `${dataset.name}: ${member}`);
    }
  }
});
