/**
 * What carried folders' files hold on its way: in pieces in the queue, or whole in a bucket, each under its hash.
 *
 * @module
 */
import { sha256Of } from "../../../pipelines/base/hash.ts";
import type { Redis } from "ioredis";
import type { Bucket } from "../../../pipelines/sources/bucket.ts";
import { chunkKey, KEPT_FOR, putKey } from "./queue_names.ts";

/** A file on its way. */
export interface CarriedFile {
  /** Its path in the folder. */
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
  /** The numbers of its pieces in the queue; none where it goes through a bucket. */
  readonly chunks: readonly number[];
}

/** The files of a sending. */
export interface Content {
  /** Tells this sending from others of the same folder. */
  readonly sending: string;
  readonly files: readonly CarriedFile[];
}

/** What is carried, and by what. */
export interface Carrying {
  readonly redis: Redis;
  /** Holds what files hold; the queue does when left out. */
  readonly bucket?: Bucket | undefined;
  /** The id of what it was submitted with. */
  readonly id: string;
  /** The folder's name, that of a row. */
  readonly name: string;
}

/** Where it lies meanwhile. */
export interface ContentPlace {
  /** How messages name it. */
  readonly shown: string;
  /** Puts what a file holds there, behind those of the same sending that are there. */
  put(content: Uint8Array<ArrayBuffer>, before: Content): Promise<Omit<CarriedFile, "path">>;
  /** What a file holds; undefined where it is not all there. */
  get(file: CarriedFile, sending: string): Promise<Uint8Array | undefined>;
  /** Removes what a sending put there, but for what another has too. */
  remove(content: Content, other?: Content): Promise<void>;
}

/** The place of what is carried. */
export function contentIn({ redis, bucket, id, name }: Carrying): ContentPlace {
  return bucket === undefined ? queuePlace(redis, id) : bucketPlace(bucket, { redis, id, name });
}

/** Bytes of a piece. */
const CHUNK = 1 << 20;

function queuePlace(redis: Redis, id: string): ContentPlace {
  return {
    shown: "the queue",
    async put(content, { sending, files }) {
      const first = files.reduce((sum, { chunks }) => sum + chunks.length, 0);
      const chunks: number[] = [];
      for (let at = 0; at < content.length; at += CHUNK) {
        const number = first + chunks.length;
        const key = chunkKey(id, sending, number);
        await redis.set(key, Buffer.from(content.subarray(at, at + CHUNK)), "EX", KEPT_FOR);
        chunks.push(number);
      }
      return { bytes: content.length, sha256: sha256Of(content), chunks };
    },
    async get({ chunks }, sending) {
      const parts = await Promise.all(chunks.map((chunk) => redis.getBuffer(chunkKey(id, sending, chunk))));
      const whole = parts.filter((part) => part !== null);
      return whole.length < parts.length ? undefined : Buffer.concat(whole);
    },
    async remove({ sending, files }) {
      const keys = files.flatMap(({ chunks }) => chunks).map((chunk) => chunkKey(id, sending, chunk));
      if (keys.length > 0) await redis.del(...keys);
    },
  };
}

function bucketPlace(bucket: Bucket, { redis, id, name: folder }: Omit<Carrying, "bucket">): ContentPlace {
  // What another folder has alike is another file.
  const nameOf = ({ sha256 }: Pick<CarriedFile, "sha256">) => `${id}.${folder}.${sha256}`;
  return {
    shown: bucket.remote.shown,
    async put(content) {
      const sha256 = sha256Of(content), name = nameOf({ sha256 });
      await redis.sadd(putKey(id), name); // first: one that is killed behind it leaves a file that no folder names
      await redis.expire(putKey(id), KEPT_FOR);
      if (!await bucket.has(name, sha256)) await bucket.put(name, content);
      return { bytes: content.length, sha256, chunks: [] };
    },
    async get(file) {
      return await bucket.read(nameOf(file), file.bytes);
    },
    async remove({ files }, other) {
      const kept = new Set(other?.files.map(nameOf));
      for (const name of new Set(files.map(nameOf))) {
        if (kept.has(name)) continue;
        await bucket.remove(name);
        await redis.srem(putKey(id), name);
      }
    },
  };
}

/** Removes what was put into a bucket under an id and is there still, by workers that were killed. */
export async function removeStrays({ redis, bucket, id }: Omit<Carrying, "name">): Promise<void> {
  if (bucket === undefined) return;
  for (const name of await redis.smembers(putKey(id))) await bucket.remove(name);
  await redis.del(putKey(id));
}
