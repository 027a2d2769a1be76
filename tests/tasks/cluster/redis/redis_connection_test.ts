import { assertEquals, assertRejects } from "@std/assert";
import { InputError } from "../../../../pipelines/base/errors.ts";
import { redisAddress } from "../../../../tasks/cluster/redis/redis_address.ts";
import { FAST } from "../../../helpers.ts";
import { HAS_REDIS, startRedis, withRedis } from "../redis_server.ts";
import { until } from "../sweeps.ts";

Deno.test({
  name: withRedis(
    "redis: one that hangs is told, refused where it is first asked, and gone on with when it answers again",
  ),
  ignore: FAST || !HAS_REDIS,
  fn: async () => {
    const { connectRedis } = await import("../../../../tasks/cluster/redis/redis_connection.ts");
    await using server = await startRedis();
    const address = redisAddress(server.url, "--redis");
    const told: string[] = [];
    const { redis, isThere } = await connectRedis(address, (line) => told.push(line));
    await redis.set("key", "value");
    server.hang();
    const value = redis.get("key");
    const gone = `redis      ${address.shown} is gone, and waited for: it has not answered for 5 s`;
    const [refused] = await Promise.all([
      assertRejects(() => connectRedis(address, () => {}), InputError),
      until(() => told.length > 0, "it is told"),
    ]);
    assertEquals(refused.message, `redis ${address.shown}: it has not answered for 5 s`);
    assertEquals([told, isThere()], [[gone], false]);
    server.goOn();
    assertEquals(await value, "value");
    await until(isThere, "it is there");
    assertEquals(told, [gone, `redis      ${address.shown} is back`]);
    redis.disconnect();
  },
});
