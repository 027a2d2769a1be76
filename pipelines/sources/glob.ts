/**
 * Globs as shells know them (https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html, section 2.14),
 * and `{a,b}`. Not node:fs's, which asks for permission to read the environment. Browser safe.
 *
 * @module
 */

/** Whether a text says anything but itself as a glob. */
export function isGlob(text: string): boolean {
  return /[*?[{]/.test(text);
}

/**
 * The names that a glob without slashes stands for: `*` any characters, `?` any one, `[a-z]` and `[!a-z]` one of them or
 * none of them, `{a,b}` either. A name that begins with a dot only where the glob does.
 *
 * @example
 * ```ts
 * import { globToRegExp } from "./glob.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const names = ["cat.ndjson", "cat.ndjson.gz", "car.jsonl", ".cat.ndjson"];
 * assertEquals(names.filter((name) => globToRegExp("*.{ndjson,jsonl}").test(name)), ["cat.ndjson", "car.jsonl"]);
 * assertEquals(names.filter((name) => globToRegExp("ca[!t]*").test(name)), ["car.jsonl"]);
 * ```
 */
export function globToRegExp(glob: string): RegExp {
  let source = /^[*?[{]/.test(glob) ? "(?!\\.)" : "";
  let braces = 0;
  for (let i = 0; i < glob.length; i++) {
    const letter = glob[i];
    const set = letter === "[" ? /^\[([!^]?)(\]?[^\]]*)\]/.exec(glob.slice(i)) : null;
    if (set) {
      source += `[${set[1] ? "^" : ""}${set[2].replace(/[\\\]^[]/g, "\\$&")}]`;
      i += set[0].length - 1;
    } else if (letter === "*") source += ".*";
    else if (letter === "?") source += ".";
    else if (letter === "{" && glob.includes("}", i)) [source, braces] = [`${source}(?:`, braces + 1];
    else if (letter === "}" && braces > 0) [source, braces] = [`${source})`, braces - 1];
    else if (letter === "," && braces > 0) source += "|";
    else source += letter.replace(/[\\^$.*+?()[\]{}|]/, "\\$&");
  }
  try {
    return new RegExp(`^(?:${source})$`, "su");
  } catch {
    return /(?!)/; // such as [z-a], which nothing is in
  }
}
