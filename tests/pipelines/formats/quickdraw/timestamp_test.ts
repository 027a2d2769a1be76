/** Timestamps that are none. */
import { assertEquals } from "@std/assert";
import { microsecondsOf } from "../../../../pipelines/formats/quickdraw/timestamp.ts";

Deno.test("a time that does not exist is no timestamp, and not another time", () => {
  for (
    const text of ["2017-02-30 00:00:00 UTC", "2017-04-31 10:00:00", "2017-01-01 24:00:00 UTC", "2017-13-01 00:00:00"]
  ) {
    assertEquals(microsecondsOf(text), undefined, text);
  }
  assertEquals(microsecondsOf("2016-02-29 23:59:59.9 UTC"), BigInt(Date.UTC(2016, 1, 29, 23, 59, 59, 900)) * 1000n);
});
