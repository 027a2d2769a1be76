/**
 * Workers' signs of life: who is there, and with which code.
 *
 * @module
 */
import type { Redis } from "ioredis";
import { PREFIX, workerKey } from "./queue_names.ts";

/** What a worker says of itself. Safe to store as JSON. */
export interface WorkerSign {
  /** Its machine. */
  readonly host: string;
  /** See `codeIdentity`. */
  readonly code: string;
}

/** Milliseconds between signs, and seconds that one holds. */
const [EVERY, HOLDS] = [5000, 20];

/** Gives signs of life until it is disposed of. */
export async function giveSigns(redis: Redis, sign: WorkerSign): Promise<AsyncDisposable> {
  const key = workerKey(crypto.randomUUID());
  const give = async (): Promise<void> => void await redis.set(key, JSON.stringify(sign), "EX", HOLDS);
  await give();
  const timer = setInterval(() => {
    if (redis.status === "ready") give().catch(() => {}); // a full Redis: it is told where that matters
  }, EVERY);
  return {
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      if (redis.status === "ready") await redis.del(key);
    },
  };
}

/** The workers that are there. */
export async function readSigns(redis: Redis): Promise<WorkerSign[]> {
  const signs: WorkerSign[] = [];
  for await (const keys of redis.scanStream({ match: `${PREFIX}:worker:*`, count: 1000 })) {
    for (const text of keys.length === 0 ? [] : await redis.mget(keys)) {
      const sign = parsed(text);
      if (sign !== undefined) signs.push(sign);
    }
  }
  return signs;
}

function parsed(text: string | null): WorkerSign | undefined {
  try {
    const { host, code } = JSON.parse(text ?? "null") ?? {};
    return typeof host === "string" && typeof code === "string" ? { host, code } : undefined;
  } catch {
    return undefined;
  }
}
