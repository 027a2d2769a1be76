/** What is no file, wherever it lies: refused at once with one line, never waited for. */
import { assertEquals, assertRejects } from "@std/assert";
import { InputError } from "../../../pipelines/base/errors.ts";
import { convert } from "../../../pipelines/convert/convert.ts";
import { openFormat } from "../../../pipelines/convert/format_reader.ts";
import { imageFolder } from "../../../pipelines/datasets/image_folder/image_folder.ts";
import { mnist } from "../../../pipelines/datasets/mnist.ts";
import { quickdraw } from "../../../pipelines/datasets/quickdraw/quickdraw.ts";
import { encodeIdx } from "../../../pipelines/formats/idx.ts";
import { findSources } from "../../../pipelines/sources/source.ts";
import { inspectCommand } from "../../../tasks/commands/inspect.ts";
import { inTemporaryFolder, may } from "../../helpers.ts";
import { namesIn, prepareTo } from "../../tasks/prepared.ts";

const LINK = "a link to nowhere, where nothing is, expected one to a file: mend or remove it";

/** Makes something of a name in a folder of its own, and gives its path. */
async function inFolder(folder: string, name: string, make: (path: string) => Promise<unknown>): Promise<string> {
  await Deno.mkdir(folder, { recursive: true });
  const path = `${folder}/${name}`;
  await make(path);
  return path;
}

async function run(program: string, ...args: string[]): Promise<void> {
  assertEquals((await new Deno.Command(program, { args }).output()).code, 0);
}

const link = (path: string) => Deno.symlink("nowhere", path);

async function refused(read: () => Promise<unknown>, path: string, words: string): Promise<void> {
  const { message } = await assertRejects(read, InputError, `source ${path}: ${words}`);
  assertEquals(message.split("\n").length, 1);
}

Deno.test({
  name: "a link that leads nowhere is refused as a source, in a folder, by a glob and below a folder of pictures",
  ignore: !may("read", "write"),
  fn: () =>
    inTemporaryFolder(async (root) => {
      const folder = `${root}/in`;
      const path = await inFolder(folder, "cat.ndjson", link);
      for (const pattern of [path, folder, `${folder}/*`]) {
        await refused(() => findSources([pattern], [".ndjson"]), path, LINK);
        await refused(() => prepareTo(`${root}/out`, { dataset: quickdraw, sources: [pattern] }), path, LINK);
        await refused(() => convert({ sources: [pattern], to: "binary", output: `${root}/x.bin` }), path, LINK);
      }
      await refused(() => inspectCommand([path, "--sheet="]), path, LINK);
      const picture = await inFolder(`${root}/pictures/a`, "1.png", link);
      for (const dataset of [imageFolder, mnist]) {
        await refused(() => prepareTo(`${root}/out`, { dataset, sources: [`${root}/pictures`] }), picture, LINK);
      }
      await Deno.symlink(folder, `${root}/pictures/b.ndjson`);
      await refused(
        () => findSources([`${root}/pictures`], [".ndjson"]),
        `${root}/pictures/b.ndjson`,
        "a link to a folder",
      );
      assertEquals(await namesIn(root), ["in", "pictures"]);
    }),
});

Deno.test({
  name: "a named pipe that nobody writes to and a socket are refused at once, beside a file of images too",
  ignore: !may("read", "write", "run"),
  fn: () =>
    inTemporaryFolder(async (root) => {
      const fifo = (path: string) => run("mkfifo", path);
      const pipe = await inFolder(`${root}/in`, "cat.ndjson", fifo);
      const words = `a named pipe, expected a file: name a file, or read it as - by < ${pipe}`;
      for (const pattern of [pipe, `${root}/in`]) {
        await refused(() => prepareTo(`${root}/out`, { dataset: quickdraw, sources: [pattern] }), pipe, words);
        await refused(() => convert({ sources: [pattern], to: "binary", output: `${root}/x.bin` }), pipe, words);
      }
      await refused(() => inspectCommand([pipe, "--sheet="]), pipe, words);
      await refused(() => openFormat({ path: pipe }), pipe, words);
      const picture = await inFolder(`${root}/pictures/a`, "1.png", fifo);
      for (const dataset of [imageFolder, mnist]) {
        const prepare = () => prepareTo(`${root}/out`, { dataset, sources: [`${root}/pictures`] });
        await refused(prepare, picture, "a named pipe");
      }
      const images = `${root}/t10k-images-idx3-ubyte`;
      await Deno.writeFile(
        images,
        encodeIdx({ dtype: "uint8", shape: [1, 28, 28], data: new Uint8Array(784).fill(9) }),
      );
      const labels = await inFolder(root, "t10k-labels-idx1-ubyte", fifo);
      await refused(() => convert({ sources: [images], to: "png", output: `${root}/png` }), labels, "a named pipe");
      const listen = "Deno.listen({ transport: 'unix', path: Deno.args[0] }); Deno.exit()"; // its file stays
      const socket = await inFolder(`${root}/socket`, "s.ndjson", (path) => run("deno", "eval", listen, path));
      for (const pattern of [socket, `${root}/socket`]) {
        await refused(() => findSources([pattern], [".ndjson"]), socket, "a socket, expected a file");
      }
    }),
});
