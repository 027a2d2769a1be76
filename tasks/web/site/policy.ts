/**
 * What the page may load and do: its content security policy.
 *
 * @module
 */

/** What holds wherever the page comes from: it is in the page itself, for hosts that send no headers of ours. */
const DIRECTIVES = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "style-src 'self'",
  "worker-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data: blob:",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
];

/** The policy inside the page. */
export const PAGE_POLICY = DIRECTIVES.join("; ");

/** The policy as a header, which alone can say that no other page may frame this one. */
export const HEADER_POLICY = [...DIRECTIVES, "frame-ancestors 'none'"].join("; ");
