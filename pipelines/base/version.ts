/**
 * The version of this package, as files that it writes name it. Browser safe.
 *
 * @module
 */

/** As in deno.json, which a test compares. */
export const VERSION = "0.1.0";
