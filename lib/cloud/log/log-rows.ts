import type { Answer } from './exchange.ts';
import { invalidAnswer } from './log-failure.ts';

/** One log as it was found: all values are text. */
export type Row = Readonly<Record<string, string>>;

export interface Page {
  readonly rows: readonly Row[];
  /** Whether the service calls the answer complete; `undefined` where it does not say. */
  readonly complete: boolean | undefined;
}

/**
 * The rows of an answer: a bare list, or one in `data` beside `meta`, as the two versions of the call answer. Values
 * that are no text become the text that was written.
 *
 * @throws {LogFailure} code `InvalidAnswer`: what is no list must not be read as one without records.
 */
export function readPageOf(answer: Answer): Page {
  const value = parse(answer);
  const list = Array.isArray(value) ? value : fieldOf(value, 'data');
  if (!Array.isArray(list)) throw invalidAnswer(answer, 'an answer that is no list of records');
  const progress = answer.headers['x-log-progress'] ?? fieldOf(fieldOf(value, 'meta'), 'progress');
  return {
    rows: list.filter((row) => typeof row === 'object' && row !== null).map(toRow),
    complete: progress === undefined ? undefined : String(progress).toLowerCase() === 'complete',
  };
}

function parse(answer: Answer): unknown {
  const text = answer.body.toString();
  // No list is no answer, unless the service says beside it that there is nothing.
  if (['', 'null'].includes(text.trim()) && answer.headers['x-log-count'] === '0') return [];
  try {
    return JSON.parse(text);
  } catch {
    throw invalidAnswer(answer, 'an answer that is no JSON');
  }
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

function toRow(row: object): Row {
  const known = Object.entries(row).filter(([, value]) => value !== null);
  return Object.fromEntries(known.map(([name, value]) => [name, toText(value)]));
}

function toText(value: unknown): string {
  if (typeof value === 'string') return value;
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
