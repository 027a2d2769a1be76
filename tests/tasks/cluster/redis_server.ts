/** A Redis of the tests' own: on a free port of this machine alone, with a password, in memory. */
import type { Redis } from "ioredis";
import { may } from "../../helpers.ts";
import { MAY_SERVE } from "../../pipelines/sources/hostile_server.ts";

/** Whether certificates can be made. */
export const HAS_OPENSSL: boolean = may("run") && has("openssl", "version");

/** Whether a Redis can be started. */
export const HAS_REDIS: boolean = MAY_SERVE && may("read", "write", "run", "env") && has("redis-server");

/** The name of a test that needs Redis; it says why it is ignored. */
export function withRedis(name: string): string {
  return HAS_REDIS ? name : `${name} (needs redis-server, and deno test -P=test)`;
}

function has(program: string, version = "--version"): boolean {
  try {
    return new Deno.Command(program, { args: [version], stdout: "null", stderr: "null" }).outputSync().success;
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
  /** Stops it, its connections open; it answers nobody until it goes on. */
  hang(): void;
  goOn(): void;
}

/** Files by which a Redis shows who it is, in PEM. */
export interface TlsFiles {
  readonly certificate: string;
  readonly key: string;
  /** The authority that signed it, which nobody else knows. */
  readonly authority: string;
}

/** Makes an authority and a certificate for 127.0.0.1 by it. */
export async function tlsFiles(folder: string): Promise<TlsFiles> {
  const openssl = async (...args: string[]): Promise<void> => {
    const { success, stderr } = await new Deno.Command("openssl", { args, cwd: folder }).output();
    if (!success) throw new Error(new TextDecoder().decode(stderr));
  };
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
  await openssl("req", "-x509", ...key, "-days", "2", "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=authority");
  await openssl("req", ...key, "-keyout", "redis.key", "-out", "redis.csr", "-subj", "/CN=redis");
  await Deno.writeTextFile(`${folder}/names`, "subjectAltName=IP:127.0.0.1\n");
  await openssl(
    ...["x509", "-req", "-in", "redis.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial"],
    ...["-days", "2", "-extfile", "names", "-out", "redis.pem"],
  );
  return { certificate: `${folder}/redis.pem`, key: `${folder}/redis.key`, authority: `${folder}/ca.pem` };
}

/** Starts a Redis; with a certificate it speaks TLS alone. */
export async function startRedis(tls?: TlsFiles): Promise<RedisServer> {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  listener.close();
  const place = tls === undefined ? ["--port", `${port}`] : [
    ...["--port", "0", "--tls-port", `${port}`, "--tls-auth-clients", "no"],
    ...["--tls-cert-file", tls.certificate, "--tls-key-file", tls.key, "--tls-ca-cert-file", tls.authority],
  ];
  const start = async (): Promise<Deno.ChildProcess> => {
    const process = new Deno.Command("redis-server", {
      args: [...place, "--bind", "127.0.0.1", "--requirepass", PASSWORD, "--save", ""],
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
    try {
      server.kill("SIGKILL");
    } catch {
      // it has ended
    }
    await server.status;
  };
  return {
    url: `${tls === undefined ? "redis" : "rediss"}://:${encodeURIComponent(PASSWORD)}@127.0.0.1:${port}`,
    port,
    async forget(milliseconds) {
      await end();
      await new Promise((resolve) => setTimeout(resolve, milliseconds));
      server = await start();
    },
    hang: () => server.kill("SIGSTOP"),
    goOn: () => server.kill("SIGCONT"),
    [Symbol.asyncDispose]: end,
  };
}

/** A client of a Redis; its package is loaded only here, for it reads the environment. */
export async function clientOf(url: string): Promise<Redis> {
  const { Redis } = await import("ioredis");
  return new Redis(url);
}
