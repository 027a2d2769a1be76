import { assertEquals } from "@std/assert";
import { Message } from "../../../tasks/runs/protobuf.ts";

const hexOf = (message: Message) => message.toBytes().toHex();

Deno.test("protobuf: the examples of its documentation", () => {
  // https://protobuf.dev/programming-guides/encoding/: Test1.a = 150; Test2.b = "testing"; Test3.c = a Test1
  const test1 = new Message().int(1, 150);
  assertEquals(hexOf(test1), "089601");
  assertEquals(hexOf(new Message().text(2, "testing")), "120774657374696e67");
  assertEquals(hexOf(new Message().message(3, test1)), "1a03089601");
});

Deno.test("protobuf: numbers of every length, below 0 too, and fields above 15", () => {
  assertEquals(hexOf(new Message().int(1, 0).int(1, 127).int(1, 128)), "0800" + "087f" + "088001");
  assertEquals(hexOf(new Message().int(1, -1)), "08ffffffffffffffffff01");
  assertEquals(hexOf(new Message().int(1, 2n ** 63n - 1n)), "08ffffffffffffffff7f");
  assertEquals(hexOf(new Message().int(20, 7)), "a00107");
  assertEquals(hexOf(new Message().text(1, "ü").bytes(2, new Uint8Array())), "0a02c3bc" + "1200");
  const long = new Message().bytes(9, new Uint8Array(300)).toBytes();
  assertEquals([long.length, long.slice(0, 3).toHex()], [303, "4aac02"]);
});
