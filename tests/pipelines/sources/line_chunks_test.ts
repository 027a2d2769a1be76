import { assert, assertEquals, assertRejects } from "@std/assert";
import { Reject } from "../../../pipelines/base/errors.ts";
import { MAX_LINE_LENGTH, readLineChunks } from "../../../pipelines/sources/line_chunks.ts";
import { Prng } from "../../../pipelines/base/prng.ts";

const encode = (text: string) => new TextEncoder().encode(text);
const decode = (bytes: Uint8Array) => new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);

/** Bytes in parts, cut at random; fails at their end where it is told to. */
async function* parts(bytes: Uint8Array, seed: number, failure?: Error): AsyncGenerator<Uint8Array> {
  const prng = new Prng(seed);
  for (let at = 0; at < bytes.length;) {
    const to = at + 1 + prng.integer(40);
    yield bytes.subarray(at, to);
    at = to;
  }
  if (failure) throw failure;
}

const read = async (bytes: Uint8Array, size: number, seed = 0) =>
  (await Array.fromAsync(readLineChunks(parts(bytes, seed), size))).map(decode);

/** Lines of 0 to 60 letters, with or without an end of the last. */
function lines(seed: number): string {
  const prng = new Prng(seed);
  const all = Array.from({ length: 80 }, () => "é".repeat(prng.integer(30)) + "x".repeat(prng.integer(3)));
  return all.join(seed % 2 === 0 ? "\n" : "\r\n") + (seed % 3 === 0 ? "\n" : "");
}

Deno.test("line chunks: nothing is lost, each but the last ends with a line, none is larger than it must be", async () => {
  for (let seed = 0; seed < 12; seed++) {
    for (const size of [1, 7, 100, 10_000]) {
      const text = lines(seed);
      const chunks = await read(encode(text), size, seed);
      assertEquals(chunks.join(""), text);
      for (const [i, chunk] of chunks.entries()) {
        assert(chunk.length > 0);
        if (i < chunks.length - 1) assert(chunk.endsWith("\n"), JSON.stringify(chunk));
        const lineFeeds = chunk.slice(0, -1).includes("\n");
        assert(encode(chunk).length <= size || !lineFeeds, `${encode(chunk).length} bytes in a piece of ${size}`);
      }
    }
  }
});

Deno.test("line chunks: where they are cut depends on the bytes alone, not on how they arrive", async () => {
  const bytes = encode(lines(4));
  for (const size of [1, 50, 300]) {
    const expected = await read(bytes, size, 0);
    for (let seed = 1; seed < 9; seed++) assertEquals(await read(bytes, size, seed), expected);
  }
});

Deno.test("line chunks: a byte-order mark is left out, at the beginning only", async () => {
  assertEquals(await read(encode("\ufeffone\n\ufefftwo\n"), 1), ["one\n", "\ufefftwo\n"]);
  assertEquals(await read(encode("\ufeff"), 10), []);
  assertEquals(await read(new Uint8Array(), 10), []);
});

Deno.test("line chunks: when reading fails, the whole lines before were delivered", async () => {
  for (const size of [1, 8, 1000]) {
    const chunks: string[] = [];
    const failing = async () => {
      const failure = new Reject("truncated gzip", "the data ends too soon");
      const bytes = encode("\ufeffone\ntwo\nthree\nfou");
      for await (const chunk of readLineChunks(parts(bytes, 1, failure), size)) chunks.push(decode(chunk));
    };
    await assertRejects(failing, Reject, "truncated gzip");
    assertEquals(chunks.join(""), "one\ntwo\nthree\n");
  }
});

Deno.test("line chunks: a line without end is refused, not held in memory", async () => {
  let asked = 0;
  async function* endless(): AsyncGenerator<Uint8Array> {
    yield encode("good\n");
    for (;; asked++) yield new Uint8Array(2 ** 20).fill(120);
  }
  const chunks: string[] = [];
  const reading = async () => {
    for await (const chunk of readLineChunks(endless())) chunks.push(decode(chunk));
  };
  await assertRejects(reading, Reject, `line too long: more than ${MAX_LINE_LENGTH} bytes`);
  assertEquals(chunks, ["good\n"]);
  assert(asked < 20, `${asked} MiB were read`);
});
