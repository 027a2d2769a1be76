/**
 * How an SVG file is known, apart from its reader, which needs packages. Browser safe.
 *
 * @module
 */

/**
 * Whether a file is an SVG picture, by its beginning: declarations, comments and a document type may stand before its root.
 *
 * @param text The first characters.
 */
export function isSvg(text: string): boolean {
  let rest = text.trimStart();
  for (let end = 0; /^<[!?]/.test(rest); rest = rest.slice(end).trimStart()) {
    const close = rest.startsWith("<!--") ? "-->" : rest.startsWith("<?") ? "?>" : /^[^>]*\[/.test(rest) ? "]>" : ">";
    end = rest.indexOf(close) + close.length;
    if (end < close.length) return /^<!doctype svg\b/i.test(rest);
  }
  return /^<([\w.-]+:)?svg[\s/>]/.test(rest);
}
