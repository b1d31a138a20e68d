import { cutText, redactSecrets } from '../redact.ts';
import { counted, encodeJson } from '../text.ts';
import { encodeList } from './bounded.ts';
import type { BatchFact } from './facts.ts';

/** Largest JSON array of resource ids in one record, so that a search finds each of them. */
const MAX_IDS_BYTES = 8_192;
const MAX_KEYS_BYTES = 8_192;
const MAX_MESSAGE_BYTES = 1_024;

/** The ECI API's version, which its operations are named by. */
const API_VERSION = '2018-08-08';

/**
 * The fields of `batch_completed`: one record, or several where the ids pass 8 KB.
 *
 * Counts are such that a sum over the records is right: `resource_count` is each part's own, and
 * `tags_removed` or `tags_restored` stands whole in the first part and is 0 in the others.
 */
export function batchFields(fact: BatchFact): readonly Readonly<Record<string, string>>[] {
  const parts = splitIds(fact.ids);
  const keys = encodeList(fact.keys, MAX_KEYS_BYTES);
  const changed = fact.apiName === 'TagResources' ? 'tags_restored' : 'tags_removed';
  return parts.map((ids, part) => ({
    level: fact.outcome === 'success' ? 'INFO' : 'WARN',
    message: sentence(fact),
    region: fact.region,
    batch_index: String(fact.index),
    attempt: String(fact.attempt),
    ...(parts.length > 1 && { chunk_index: String(part), chunk_count: String(parts.length) }),
    resource_type: fact.type,
    resource_ids: encodeJson(ids),
    resource_count: String(ids.length),
    tag_keys: keys.json,
    ...(keys.truncated && { truncated: 'true' }),
    [changed]: String(part === 0 ? fact.tagsChanged : 0),
    outcome: fact.outcome,
    duration_ms: String(Math.max(0, Math.round(fact.durationMs))),
    api_name: fact.apiName,
    api_version: API_VERSION,
    api_request_id: fact.requestId ?? '',
    http_status: fact.httpStatus === undefined ? '' : String(fact.httpStatus),
    error_code: fact.errorCode ?? '',
    error_message: cutText(redactSecrets(fact.errorMessage ?? ''), MAX_MESSAGE_BYTES),
    error_type: fact.errorType ?? '',
  }));
}

function splitIds(ids: readonly string[]): readonly (readonly string[])[] {
  const parts: string[][] = [[]];
  let bytes = 2;
  for (const id of ids) {
    const size = Buffer.byteLength(encodeJson(id)) + 1;
    let part = parts.at(-1) as string[];
    if (part.length > 0 && bytes + size > MAX_IDS_BYTES) {
      part = [];
      parts.push(part);
      bytes = 2;
    }
    part.push(id);
    bytes += size;
  }
  return parts;
}

function sentence(fact: BatchFact): string {
  const what = `${fact.apiName} for ${counted(fact.ids.length, fact.type)} in ${fact.region}, ${counted(fact.keys.length, 'tag key')}`;
  if (fact.outcome === 'success') {
    const done = fact.apiName === 'TagResources' ? 'put back' : 'removed';
    return `${what}: ${counted(fact.tagsChanged, 'tag')} ${done}`;
  }
  const code = fact.errorCode === undefined ? '' : ` with ${fact.errorCode}`;
  if (fact.outcome === 'unknown')
    return `${what}: no answer that tells whether it was done${code}, attempt ${fact.attempt}`;
  return `${what}: failed${code}, attempt ${fact.attempt}`;
}
