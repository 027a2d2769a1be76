/** Addresses of Redis; what is wrong with one is told without repeating it. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { redisAddress } from "../../../../tasks/cluster/redis/redis_address.ts";
import { commandLine, UsageError } from "../../../../tasks/cli/option_values.ts";

Deno.test("an address of Redis is shown without who asks", () => {
  const cases = [
    ["redis://127.0.0.1", "127.0.0.1:6379", "redis://127.0.0.1:6379"],
    ["redis://h:1/", "h:1", "redis://h:1"],
    ["redis://:pass%2Fword@h:7000/3", "h:7000", "redis://***@h:7000/3"],
    ["rediss://me:pw@h", "h:6379", "rediss://***@h:6379"],
    ["redis://me@[::1]:9", "[::1]:9", "redis://***@[::1]:9"],
  ];
  for (const [url, host, shown] of cases) assertEquals(redisAddress(url, "--redis"), { url, host, shown });
});

Deno.test("what is no address of Redis is refused, and not repeated", () => {
  const cases = [
    "",
    "secret",
    "http://:secret@h",
    "redis://",
    "redis://:secret@h/x",
    "redis://h/0?secret=1",
    "redis://h#secret",
  ];
  for (const url of cases) {
    const { message } = assertThrows(
      () => redisAddress(url, "--redis"),
      UsageError,
      "--redis: expected redis:// or rediss://",
    );
    assert(!message.includes("secret"), url);
  }
});

Deno.test("a command that is told has no password", () => {
  const args = [
    "--redis=rediss://me:a:b@h:1/2",
    "--data",
    "s3://key:secret@bucket/x",
    "--run",
    "runs/a@b",
    "https://h/a@b",
  ];
  assertEquals(
    commandLine("sweep", args),
    "deno task sweep '--redis=rediss://***@h:1/2' --data 's3://***@bucket/x' --run runs/a@b https://h/a@b",
  );
});
