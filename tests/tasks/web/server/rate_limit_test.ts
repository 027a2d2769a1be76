import { assertEquals } from "@std/assert";
import { RateLimit } from "../../../../tasks/web/server/rate_limit.ts";

const limit = (all = 1000) =>
  new RateLimit({ each: { burst: 2, perSecond: 0.5 }, all: { burst: all, perSecond: 1 } }, 0);

Deno.test("a client has its burst, then its rate, however the times lie", () => {
  const rate = limit();
  assertEquals([0, 0, 0].map((now) => rate.ask("a", now)), [0, 0, 2]);
  assertEquals(rate.ask("a", 500), 1.5);
  assertEquals([2000, 2000].map((now) => rate.ask("a", now)), [0, 2]);
  assertEquals([1e9, 1e9, 1e9].map((now) => rate.ask("a", now)), [0, 0, 2]); // no more than the burst is saved up
  let taken = 0;
  for (let now = 2e9; now < 2e9 + 100_000; now += 100) if (rate.ask("a", now) === 0) taken++;
  assertEquals(taken, 2 + 49);
});

Deno.test("all clients together have a burst and a rate too; who is refused does not use it up", () => {
  const rate = limit(3);
  assertEquals([..."aaaabc"].map((client) => rate.ask(client, 0) === 0), [true, true, false, false, true, false]);
  assertEquals(rate.ask("d", 1000), 0);
});

Deno.test("addresses of one network of IPv6 are one client; IPv4 ones are told apart", () => {
  const same = ["2001:db8:1:2::1", "2001:db8:1:2:ffff::2", "2001:db8:1:2:0:0:0:3", "2001:db8:1:2:3:4:5:6%eth0"];
  const rate = limit();
  assertEquals(same.map((address) => rate.ask(address, 0) === 0), [true, true, false, false]);
  const others = ["2001:db8:1:3::1", "2001:db8::1:2:0:0:1", "::1", "::ffff:10.0.0.1", "::ffff:10.0.0.2", "10.0.0.1"];
  for (const address of others) assertEquals([rate.ask(address, 0), rate.ask(address, 0)], [0, 0], address);
  assertEquals(others.map((address) => rate.ask(address, 0) > 0), others.map(() => true));
});

Deno.test("ever new clients do not use up the memory: those at rest are forgotten, others wait", () => {
  const rate = limit(1e9);
  for (let i = 0; i < 10_000; i++) assertEquals(rate.ask(`10.0.${i >> 8}.${i & 255}`, 0), 0);
  assertEquals(rate.ask("192.168.0.1", 0) > 0, true);
  assertEquals(rate.ask("10.0.0.0", 0), 0); // one of those that are known
  assertEquals(rate.ask("192.168.0.1", 60_000), 0);
});
