import { safeText } from '../../lib/text.ts';

/**
 * What the function returns, as it may be shown: the platform writes it as JSON in which active characters stand
 * as they are, and whoever invokes the function often prints that. Exact keys are in the records.
 */
export function safeAnswer<T>(value: T): T {
  return clean(value) as T;
}

function clean(value: unknown): unknown {
  if (typeof value === 'string') return safeText(value);
  if (Array.isArray(value)) return value.map(clean);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [safeText(key), clean(item)]));
}
