/**
 * The options of tasks that serve a page: where they listen, and by which names they may be asked.
 *
 * @module
 */
import { UsageError } from "../../cli/option_values.ts";
import { hostNameOf, isAllAddresses } from "./hosts.ts";

/** The options, without a port that goes without saying. */
export const SERVER_OPTIONS = {
  host: {
    value: "127.0.0.1",
    help: "the address to listen at: this machine's browser alone reaches 127.0.0.1, others 0.0.0.0",
  },
  port: { value: 8000, help: "the port, 0 to 65535; 0 for any that is free", min: 0, max: 65_535, whole: true },
  allowHost: {
    value: [] as readonly string[],
    help: "further names by which browsers may ask for the page, such as that of a proxy",
  },
} as const;

/**
 * Checks the names among the options.
 *
 * @throws {UsageError} When one is no host's.
 */
export function checkHosts(
  { host, allowHost }: { readonly host: string; readonly allowHost: readonly string[] },
): void {
  for (const [flag, names] of [["--host", [host]], ["--allow-host", allowHost]] as const) {
    const bad = names.find((name) => hostNameOf(name) === undefined);
    if (bad !== undefined) throw new UsageError(`${flag}: ${JSON.stringify(bad)} is no host's name`);
  }
}

/** Where other machines find the page, of a server at all addresses of this one; said in a line. */
export function wordsForOthers(host: string, port: number): string | undefined {
  if (!isAllAddresses(host)) return undefined;
  const urls = Deno.networkInterfaces().filter(({ family, scopeid, address }) =>
    family === "IPv4" && !address.startsWith("127.") && !scopeid
  ).map(({ address }) => `http://${address}:${port}/`);
  if (urls.length === 0) return undefined;
  return `from a phone or another machine, for all who reach this one: ${urls.join(", ")}`;
}
