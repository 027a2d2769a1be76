/** A Redis of the tests' own: on a free port of this machine alone, with a password, in memory. */
import type { Redis } from "ioredis";
import { may } from "../../helpers.ts";
import { MAY_SERVE } from "../../pipelines/sources/hostile_server.ts";

/** Whether a Redis can be started. */
export const HAS_REDIS: boolean = MAY_SERVE && may("read", "write", "run", "env") && has("redis-server");

/** The name of a test that needs Redis; it says why it is ignored. */
export function withRedis(name: string): string {
  return HAS_REDIS ? name : `${name} (needs redis-server, and deno test -P=test)`;
}

function has(program: string): boolean {
  try {
    return new Deno.Command(program, { args: ["--version"], stdout: "null", stderr: "null" }).outputSync().success;
  } catch {
    return false;
  }
}

const PASSWORD = "open sesame/@";

/** A running Redis. */
export interface RedisServer extends AsyncDisposable {
  /** With its password. */
  readonly url: string;
  readonly port: number;
  /** Ends it as a power failure does, and starts it again after a while: it has forgotten everything. */
  forget(milliseconds: number): Promise<void>;
}

/** Starts a Redis. */
export async function startRedis(...flags: string[]): Promise<RedisServer> {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  listener.close();
  const start = async (): Promise<Deno.ChildProcess> => {
    const process = new Deno.Command("redis-server", {
      args: ["--port", `${port}`, "--bind", "127.0.0.1", "--requirepass", PASSWORD, "--save", "", ...flags],
      stdout: "null",
      stderr: "null",
      cwd: "/tmp",
    }).spawn();
    for (let left = 100; left > 0; left--) {
      try {
        (await Deno.connect({ hostname: "127.0.0.1", port })).close();
        break;
      } catch {
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
    return process;
  };
  let server = await start();
  const end = async (): Promise<void> => {
    server.kill("SIGKILL");
    await server.status;
  };
  return {
    url: `redis://:${encodeURIComponent(PASSWORD)}@127.0.0.1:${port}`,
    port,
    async forget(milliseconds) {
      await end();
      await new Promise((resolve) => setTimeout(resolve, milliseconds));
      server = await start();
    },
    [Symbol.asyncDispose]: end,
  };
}

/** A client of a Redis; its package is loaded only here, for it reads the environment. */
export async function clientOf(url: string): Promise<Redis> {
  const { Redis } = await import("ioredis");
  return new Redis(url);
}
