import type { AuditRecord } from '../../lib/audit/record.ts';
import type { Echo } from '../../lib/cloud/config.ts';
import { encodeJson } from '../../lib/text.ts';

/** What prints the records of a run, so that a copy exists where the log store is out of reach; nothing where it is off. */
export function recordPrinter(
  echo: Echo,
  printLine: (line: Readonly<Record<string, string>>) => void,
): ((record: AuditRecord) => void) | undefined {
  if (echo === 'off') return undefined;
  return (record) => printLine(echo === 'all' ? record : withoutValues(record));
}

/**
 * A record as those may see it who read what the platform keeps: a journal names the tags' keys. The hash goes, too,
 * since a short value could be found from it.
 */
export function withoutValues(record: AuditRecord): Readonly<Record<string, string>> {
  if (record.resources === undefined) return record;
  const { resources, resources_hash, ...others } = record;
  return { ...others, resources: keysOnly(resources) };
}

function keysOnly(resources: string): string {
  const entries = JSON.parse(resources) as readonly { id: string; tags?: object; keys?: readonly string[] }[];
  return encodeJson(entries.map(({ id, tags = {}, keys = Object.keys(tags) }) => ({ id, keys })));
}
