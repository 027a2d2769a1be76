/**
 * Names of files and folders that are addresses elsewhere. Browser safe.
 *
 * @module
 */

/** Whether a name is an address elsewhere. */
export function isRemote(name: string): boolean {
  return /^[a-z][a-z0-9+.-]+:\/\//i.test(name);
}

/** An address as it may be shown and kept: without a name, a password, or what is behind ? and #. */
export function withoutSecrets(address: string): string {
  return address.replace(/[?#].*$/s, "").replace(/:\/\/[^/]*@/, "://");
}
