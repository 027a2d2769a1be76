import { assertEquals } from "@std/assert";
import { ByteReader } from "../../../pipelines/base/byte_reader.ts";

async function* pieces(...lengths: number[]): AsyncGenerator<Uint8Array> {
  let at = 0;
  for (const length of lengths) {
    yield Uint8Array.from({ length }, (_, i) => at + i);
    at += length;
  }
}

const range = (from: number, to: number) => Uint8Array.from({ length: to - from }, (_, i) => from + i);

Deno.test("bytes come in their order, however they were cut, and end where they end", async () => {
  for (const lengths of [[10], [1, 0, 2, 3, 4], [0, 5, 5, 0]]) {
    await using reader = new ByteReader(pieces(...lengths));
    assertEquals(await reader.peek(3), range(0, 3));
    assertEquals(await reader.read(4), range(0, 4));
    assertEquals([await reader.skip(2), reader.position], [2, 6]);
    assertEquals(await reader.read(0), range(0, 0));
    const parts = await Array.fromAsync(reader.pieces(3, 2));
    assertEquals(parts.flatMap((part) => [...part]), [6, 7, 8]);
    assertEquals([await reader.peek(9), await reader.skip(9), reader.position], [range(9, 10), 1, 10]);
    assertEquals([await reader.read(5), await reader.skip(1)], [range(0, 0), 0]);
  }
});

Deno.test("what is read is a copy, and closing the reader ends the stream", async () => {
  const [source, closed] = [range(0, 8), [] as string[]];
  async function* once() {
    try {
      yield source;
      yield source;
    } finally {
      closed.push("closed");
    }
  }
  {
    await using reader = new ByteReader(once());
    const read = await reader.read(2);
    source.fill(99);
    assertEquals(read, range(0, 2));
  }
  assertEquals(closed, ["closed"]);
});
