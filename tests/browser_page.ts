/** The page of `browser_test.ts`: computes what is compared, and posts it to the server that it came from. */
import { results, toJson } from "./browser_results.ts";

async function run(): Promise<void> {
  const checkpoint = await fetch("/checkpoint");
  const found = await results(new Uint8Array(await checkpoint.arrayBuffer()), { wasmFolder: "/" });
  await fetch("/results", { method: "POST", body: toJson(found) });
}

run().catch((error: Error) => fetch("/fault", { method: "POST", body: error.stack ?? error.message }));
