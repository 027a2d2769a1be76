/**
 * What is told of a queue on the command line.
 *
 * @module
 */
import { Bucket } from "../../../pipelines/sources/bucket.ts";
import { remoteFolder, withRemoteOptions } from "../../../pipelines/sources/remote_folder.ts";
import { UsageError } from "../../cli/option_values.ts";
import { ENDPOINT_OPTION } from "../../cli/remote_options.ts";

/** Options of the queue. */
export const QUEUE_OPTIONS = {
  attempts: {
    value: 4,
    help: "times that a row is tried which fails, each after a longer wait, 1 or more",
    min: 1,
    whole: true,
  },
  most: {
    value: 256,
    help:
      "megabytes of a row's folder, at most, that go through the queue, or the bucket, where a worker does not share " +
      "--run's folder; 1 or more",
    min: 1,
    whole: true,
  },
  bucket: {
    value: "",
    help:
      "s3://bucket/prefix through which rows' folders come back where a worker does not share --run's folder, and where " +
      "deno task work --bucket names the same; the queue when left out",
  },
  endpoint: ENDPOINT_OPTION,
  takeBack: {
    value: false,
    help: "take back what was submitted: no more rows begin, and those that were begun are saved and ended",
  },
} as const;

/**
 * The bucket through which rows' folders come back; undefined where the queue is.
 *
 * @param given Options of that name, of the queue or of a worker.
 * @param flag Begins the message of an error: what names the bucket.
 * @throws {UsageError} When it is none.
 * @throws {InputError} When its address is none.
 */
export function bucketOf(
  { bucket, endpoint }: { readonly bucket: string; readonly endpoint: string },
  flag: string,
): Bucket | undefined {
  if (bucket === "" && endpoint !== "") throw new UsageError(`${flag} is missing, whose server the endpoint is`);
  if (bucket === "") return undefined;
  if (!bucket.startsWith("s3://")) throw new UsageError(`${flag} ${bucket}: expected s3://bucket/prefix`);
  return new Bucket(remoteFolder(withRemoteOptions(bucket, { endpoint })), flag);
}

/** Bytes of a megabyte. */
export const MEGABYTE = 1e6;
