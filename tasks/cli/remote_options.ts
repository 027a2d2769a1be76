/**
 * Options of data that lie elsewhere, at `https://` or `s3://` addresses.
 *
 * @module
 */
import { isRemote, REMOTE_CACHE, REMOTE_LIMIT, withRemoteOptions } from "../../pipelines/sources/remote_folder.ts";
import type { OptionValues } from "../../pipelines/base/option_table.ts";
import { flagOf, UsageError } from "./option_values.ts";

/** `--endpoint`, of whatever goes to S3. */
export const ENDPOINT_OPTION = {
  value: "",
  help:
    "the server of s3:// addresses, such as http://127.0.0.1:9000 of MinIO; AWS_ENDPOINT_URL, else Amazon's, when left out",
} as const;

/** The options of what reads data. */
export const REMOTE_OPTIONS = {
  endpoint: ENDPOINT_OPTION,
  cache: { value: "", help: `the folder where shards from elsewhere are kept; ${REMOTE_CACHE} when left out` },
  cacheLimit: {
    value: REMOTE_LIMIT / 1e9,
    help:
      "gigabytes of them at most, above 0: what was not used for the longest time goes first, and comes again when it is " +
      "wanted",
    above: 0,
  },
} as const;

/**
 * The address of data with what these options say of it, where they are given; of a folder of this machine as it is.
 *
 * @param data Empty where none is named.
 * @param given The names of the options that are given.
 * @throws {UsageError} When one is given that nothing would read.
 */
export function remoteData(
  data: string,
  { endpoint, cache, cacheLimit }: OptionValues<typeof REMOTE_OPTIONS>,
  given: readonly string[],
): string {
  checkRead(data, Object.keys(REMOTE_OPTIONS).find((name) => given.includes(name)));
  return withRemoteOptions(data, {
    ...{ endpoint, cache },
    ...(given.includes("cacheLimit") ? { limit: Math.round(cacheLimit * 1e9) } : {}),
  });
}

/**
 * Refuses an option of what lies elsewhere where nothing does.
 *
 * @param place An address or a folder.
 * @param option The name of one that is given.
 */
export function checkRead(place: string, option: string | undefined): void {
  if (option === undefined || isRemote(place)) return;
  const found = place === "" ? "no address is given" : `${place} is a folder of this machine`;
  throw new UsageError(`${flagOf(option)}: of https:// and s3:// addresses, and ${found}`);
}
