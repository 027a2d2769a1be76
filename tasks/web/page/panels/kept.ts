/**
 * What a panel knows, kept while another panel is chosen. Browser safe.
 *
 * @module
 */
import type { Store } from "../store.ts";

/** Makes something once for each page. */
export function keptFor<T>(create: (store: Store) => T): (store: Store) => T {
  const kept = new WeakMap<Store, T>();
  return (store) => {
    const known = kept.get(store) ?? create(store);
    kept.set(store, known);
    return known;
  };
}
