import type { Lab } from '../lab.ts';
import { type RawPage, readPage } from '../raw.ts';

/** Data caches with and without each bucket that the user names. */
export async function learnBuckets(lab: Lab, plain: RawPage, buckets: readonly string[]): Promise<void> {
  const action = 'DescribeDataCaches';
  const listed = new Set(plain.items.map(({ id }) => id));
  for (const bucket of buckets) {
    const asked = await lab.ask({ action, parameters: { Bucket: bucket } });
    if (!asked.ok) {
      lab.say({
        check: 'buckets',
        status: 'warned',
        text: `bucket ${bucket} cannot be listed: ${asked.error.message}`,
        todo: 'Name the buckets that this account has.',
        requestId: asked.requestId,
      });
      continue;
    }
    const items = readPage('DataCache', asked.body).items;
    const hidden = items.filter(({ id }) => !listed.has(id));
    if (items.length === 0 || (hidden.length > 0 && plain.nextToken !== undefined)) continue;
    if (lab.known('buckets') === 'default-only') continue;
    lab.learn(
      'buckets',
      hidden.length > 0 ? 'default-only' : 'all',
      `${action} with and without Bucket=${bucket}`,
      asked,
    );
  }
}
