/**
 * The default export of a CommonJS module with an `__esModule` mark.
 *
 * Node gives the whole module where TypeScript and some loaders give its default; here both end the same.
 */
export function defaultExport<T>(imported: { readonly default: T } | T): T {
  const wrapped = imported as { readonly default?: T };
  return wrapped.default ?? (imported as T);
}
