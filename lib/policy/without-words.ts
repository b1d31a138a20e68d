/** A policy's document as plans and records carry it: its description decides nothing, and is not for everybody who reads them. */
export function withoutWords(document: unknown): unknown {
  const { description: _, ...rest } = document as Readonly<Record<string, unknown>>;
  return rest;
}
