import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AuditRecord } from '../../lib/audit/record.ts';
import { createSigner } from '../../lib/audit/sign.ts';
import { parsePolicyDocument } from '../../lib/policy/parse.ts';
import type { Report } from '../../lib/report/report.ts';
import type { Resource } from '../../lib/resource.ts';
import type { ContinuationPayload } from '../../lib/run/chain.ts';
import { submitContinuation } from '../../lib/run/continuation.ts';
import { RunNotDoneError } from '../../lib/run/leave-to-platform.ts';
import type { Session } from '../../lib/run/session.ts';
import { aResource } from '../support/builders.ts';
import { aWorld } from '../support/runs.ts';
import { startedBy } from '../support/started.ts';

const REGIONS = ['cn-beijing', 'cn-hangzhou'];

const DOCUMENT = {
  version: 1,
  name: 'strip-markers',
  mode: 'apply',
  scope: { regions: REGIONS, resourceTypes: ['ContainerGroup', 'ImageCache'] },
  remove: [{ key: 'ci-*' }],
  protect: [{ resources: { tag: 'legal-hold', exists: true } }],
  limits: { maxResources: 12, maxTags: 16, maxPercent: 40, maxFailures: 2, canary: 0 },
  batch: { resources: 1, keys: 20 },
};
const POLICY = parsePolicyDocument(DOCUMENT, 'strip-markers.yaml');
const WIDER = {
  ...DOCUMENT,
  remove: [{ key: '*' }],
  limits: { maxResources: 1000, maxTags: 20_000, maxPercent: 100, maxFailures: 1000 },
};

/** As the function sends it to itself, for a family that may still do all that its policy allows. */
const HONEST: ContinuationPayload = {
  tagsweep: 'continuation',
  version: 1,
  familyId: 'r-1',
  shard: 'all',
  hop: 1,
  idleHops: 0,
  policy: POLICY.name,
  policyDigest: POLICY.digest,
  mode: 'apply',
  allowance: { resources: 12, tags: 16, failures: 2 },
  startedAtMs: 0,
};

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'policies-'));
  writeFileSync(join(folder, 'strip-markers.json'), JSON.stringify(DOCUMENT));
  writeFileSync(join(folder, 'wider.json'), JSON.stringify({ ...WIDER, name: 'wider' }));
});

afterAll(() => rmSync(folder, { recursive: true }));

interface Fleet {
  readonly seen: number;
  /** How many of them have a marker, and how many a second one. */
  readonly marked: number;
  readonly twice: number;
  /** How many refuse to be changed. */
  readonly stuck: number;
}

function resourcesOf({ seen, marked, twice }: Fleet): readonly Resource[] {
  return Array.from({ length: seen }, (_, at) =>
    aResource({
      id: `eci-${at}`,
      region: REGIONS[at % 3 === 0 ? 0 : 1]!,
      tags: { team: 'a', ...(at < marked && { 'ci-run': `${at}` }), ...(at < twice && { 'ci-job': '1' }) },
    }),
  );
}

interface Came {
  /** `place key` of each tag that is gone. */
  readonly gone: readonly string[];
  readonly report?: Report;
  readonly error?: Error;
}

/** Sends an event to a function that works on this fleet, under further settings. */
async function send(
  event: unknown,
  fleet: Fleet,
  further: Readonly<Record<string, string>> = {},
): Promise<Came> {
  const { cloud, ports } = aWorld(resourcesOf(fleet), {
    fault: ({ api, ids }) =>
      api === 'UntagResources' && ids?.some((id) => Number(id.split('-')[1]) < fleet.stuck)
        ? { when: 'before', kind: 'rejected', code: 'Forbidden.Resource' }
        : undefined,
  });
  const before = [...cloud.state()].map(([name, tags]) => [name, [...tags.keys()]] as const);
  const bytes = Buffer.from(JSON.stringify(event));
  const settings = { TAGSWEEP_POLICIES_DIR: folder, ...further };
  const came = await startedBy(bytes, { ports, options: { identity: {} } }, settings).then(
    (report) => ({ ...(report !== undefined && 'runId' in report && { report }) }),
    (error: Error) => ({
      error,
      ...(error instanceof RunNotDoneError && { report: error.report }),
    }),
  );
  const after = cloud.state();
  const gone = before.flatMap(([name, keys]) =>
    keys.filter((key) => after.get(name)?.has(key) !== true).map((key) => `${name} ${key}`),
  );
  return { gone, ...came };
}

/** The request that anybody who may send a continuation could send as well. */
function requestLike({ policy, regions, resourceTypes }: Partial<ContinuationPayload>): object {
  return {
    policy,
    mode: 'apply',
    ...(regions && { regions }),
    ...(resourceTypes && { resourceTypes }),
  };
}

const requests = new Map<string, Promise<Came>>();

/** What comes of a request, found out once. */
function requestOnce(request: object, fleet: Fleet): Promise<Came> {
  const name = JSON.stringify([request, fleet]);
  const came = requests.get(name) ?? send(request, fleet);
  requests.set(name, came);
  return came;
}

const WITHIN: Fleet = { seen: 40, marked: 9, twice: 5, stuck: 0 };
const STUCK: Fleet = { seen: 40, marked: 12, twice: 0, stuck: 6 };
/** Each passes one limit and no other. */
const ABOVE = {
  maxResources: { seen: 40, marked: 13, twice: 0, stuck: 0 },
  maxTags: { seen: 40, marked: 9, twice: 9, stuck: 0 },
  maxPercent: { seen: 20, marked: 9, twice: 0, stuck: 0 },
};
const FLEETS: readonly Fleet[] = [WITHIN, STUCK, ...Object.values(ABOVE)];

const numbers = fc.constantFrom<unknown>(-1, 0, 1, 3, 12, 13, 999, 1e6, 2 ** 53, 0.5, '9', null);
const texts = fc.constantFrom<unknown>(
  '',
  'r-2',
  'all',
  'cn-beijing',
  '../x',
  'wider',
  'x'.repeat(99),
  7,
  null,
);

/** What a forger writes into each field, one at a time. */
const FORGED: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  tagsweep: texts,
  version: numbers,
  familyId: texts,
  shard: texts,
  hop: numbers,
  idleHops: numbers,
  policy: texts,
  document: fc.constantFrom<unknown>(WIDER, { ...WIDER, name: 'wider' }, DOCUMENT, {}, null),
  policyDigest: fc.constantFrom<unknown>(`sha256:${'0'.repeat(64)}`, '', null),
  mode: fc.constantFrom<unknown>('dry-run', 'apply', 'force', null),
  planDigest: fc.constantFrom<unknown>(`sha256:${'0'.repeat(64)}`, '', null),
  regions: fc.constantFrom<unknown>(['cn-beijing'], ['cn-hangzhou'], ['cn-shenzhen'], [], 'all', null),
  resourceTypes: fc.constantFrom<unknown>(['ImageCache'], ['VirtualNode'], [], ['Bucket'], null),
  'allowance.resources': numbers,
  'allowance.tags': numbers,
  'allowance.failures': numbers,
  'allowance.maxPercent': numbers,
  allowance: fc.constantFrom<unknown>({}, null, { resources: 1e9, tags: 1e9, failures: 1e9 }),
  startedAtMs: numbers,
  sent: fc.constantFrom<unknown>(
    [{ api: 'UntagResources', region: 'cn-hangzhou', calls: 1e9, lastAtMs: Date.UTC(2026, 0, 1) }],
    [{ api: 'UntagResources', region: 'cn-hangzhou', calls: 9, lastAtMs: 1e15 }],
    [{ api: 'UntagResources', region: 'cn-hangzhou', calls: -9, lastAtMs: 0 }],
    [{ api: '__proto__', region: 'constructor', calls: 1, lastAtMs: 0 }],
    Array(1001).fill({ api: 'UntagResources', region: 'cn-hangzhou', calls: 1, lastAtMs: 0 }),
    'none',
  ),
  // Fields that there are not.
  limits: fc.constantFrom<unknown>(WIDER.limits),
  maxPercent: fc.constantFrom<unknown>(100),
  seen: fc.constantFrom<unknown>(1e9),
  resourceIds: fc.constantFrom<unknown>(['eci-0']),
  unprotect: fc.constantFrom<unknown>(['PodName']),
};

function forge(field: string, value: unknown): Partial<ContinuationPayload> {
  const [first, second] = field.split('.') as [string, string?];
  if (second === undefined) return { ...HONEST, [first]: value };
  return { ...HONEST, [first]: { ...HONEST.allowance, [second]: value } };
}

describe('a continuation from elsewhere', () => {
  it.each(Object.entries(FORGED))(
    'with another %s does no more than a request could',
    async (field, values) => {
      await fc.assert(
        fc.asyncProperty(fc.constantFrom(...FLEETS), values, async (fleet, value) => {
          const payload = forge(field, value);

          const { gone, report } = await send(payload, fleet);

          const request = await requestOnce(requestLike(payload), fleet);
          expect(gone.filter((pair) => !request.gone.includes(pair))).toEqual([]);
          expect(report?.tags.failed ?? 0).toBeLessThanOrEqual(request.report?.tags.failed ?? 0);
        }),
        { numRuns: 40 },
      );
    },
  );

  it('that says nothing false goes on', async () => {
    const { gone, report } = await send(HONEST, WITHIN);

    expect(report).toMatchObject({ outcome: 'success', runId: 'r-1-all-h1', parentRunId: 'r-1' });
    expect(gone).toHaveLength(14);
  });

  it.each(Object.entries(ABOVE))('cannot be the way round %s', async (limit, fleet) => {
    const allowance = { resources: 1e9, tags: 1e9, failures: 1e9 };

    const { gone, report } = await send({ ...HONEST, allowance }, fleet);

    expect(gone).toEqual([]);
    expect(report).toMatchObject({ outcome: 'refused', code: 'LIMIT_EXCEEDED' });
    expect(report?.reason).toContain(limit);
  });

  it('stops at the failures that the policy allows, whatever it says of them itself', async () => {
    const allowance = { ...HONEST.allowance, failures: 1000 };

    const { report } = await send({ ...HONEST, allowance }, { ...STUCK, stuck: 12 });

    expect(report).toMatchObject({ outcome: 'failure', code: 'MAX_FAILURES' });
  });

  it.each([
    ['another digest', { policyDigest: `sha256:${'0'.repeat(64)}` }],
    ['another policy', { policy: 'wider' }],
  ])('with %s is refused, and the records say so', async (_, part) => {
    const { gone, report, error } = await send({ ...HONEST, ...part }, WITHIN);

    expect(gone).toEqual([]);
    expect(error).toBeInstanceOf(RunNotDoneError);
    expect(report).toMatchObject({ outcome: 'refused', code: 'DIGEST_MISMATCH', parentRunId: 'r-1' });
    expect(report?.reason).toContain('The rest was not removed');
  });

  it.each([
    ['under the name of one that there is', { document: WIDER }],
    [
      'under another name',
      {
        document: { ...WIDER, name: 'wider' },
        policyDigest: parsePolicyDocument({ ...WIDER, name: 'wider' }, '').digest,
      },
    ],
  ])('with a policy of its own %s is refused', async (_, part) => {
    const { gone, error } = await send({ ...HONEST, ...part }, WITHIN);

    expect(gone).toEqual([]);
    expect(error).toMatchObject({ code: 'NOT_ALLOWED' });
  });
});

describe('a continuation, where a journal key is held', () => {
  const KEY = Buffer.alloc(32, 7).toString('base64');
  const OTHER_KEY = Buffer.alloc(32, 8).toString('base64');
  const HELD = { TAGSWEEP_JOURNAL_KEY: KEY };

  /** What the function really submits, signed with a key. */
  async function submitted(payload: ContinuationPayload, key: string): Promise<ContinuationPayload> {
    const sent: ContinuationPayload[] = [];
    const invoker = {
      submit: async (event: unknown) => {
        sent.push(event as ContinuationPayload);
        return 'accepted' as const;
      },
    };
    const session = { ports: { invoker, signer: createSigner(key) } };
    await submitContinuation(session as unknown as Session, payload);
    return sent[0]!;
  }

  it('goes on when the function signed it', async () => {
    const signed = await submitted(HONEST, KEY);

    const { gone, report } = await send(signed, WITHIN, HELD);

    expect(report).toMatchObject({ outcome: 'success', parentRunId: 'r-1' });
    expect(gone.length).toBeGreaterThan(0);
  });

  it('goes on when an older key signed it that is still held', async () => {
    const signed = await submitted(HONEST, OTHER_KEY);

    const { report } = await send(signed, WITHIN, { TAGSWEEP_JOURNAL_KEY: `${KEY},${OTHER_KEY}` });

    expect(report?.outcome).toBe('success');
  });

  it('is refused unsigned, under an id that no family has', async () => {
    const { gone, report, error } = await send(HONEST, WITHIN, HELD);

    expect(gone).toEqual([]);
    expect(error).toMatchObject({ code: 'NOT_ALLOWED' });
    expect(report).toMatchObject({ runId: 'request-1', parentRunId: null, outcome: 'refused' });
    expect(report?.reason).toContain('it is not signed');
  });

  it('is refused when another key signed it', async () => {
    const { gone, report } = await send(await submitted(HONEST, OTHER_KEY), WITHIN, HELD);

    expect(gone).toEqual([]);
    expect(report?.reason).toContain('another key signed it');
  });

  it.each<[string, Partial<ContinuationPayload>]>([
    ['family', { familyId: 'timer-20261124T193000Z-0000000000000000' }],
    ['shard', { shard: 'cn-beijing' }],
    ['hop', { hop: 2 }],
    ['idle hops', { idleHops: 1 }],
    ['policy', { policy: 'wider' }],
    ['policy text', { document: WIDER }],
    ['digest', { policyDigest: `sha256:${'0'.repeat(64)}` }],
    ['reviewed plan', { planDigest: `sha256:${'0'.repeat(64)}` }],
    ['regions', { regions: ['cn-beijing'] }],
    ['types', { resourceTypes: ['ImageCache'] }],
    ['resources', { created: [{ region: 'cn-beijing', type: 'ContainerGroup', id: 'eci-1' }] }],
    ['allowance', { allowance: { resources: 13, tags: 16, failures: 2 } }],
    ['beginning', { startedAtMs: 1 }],
    ['windows', { sent: [] }],
  ])('is refused with another %s than was signed', async (_, part) => {
    const signed = await submitted(HONEST, KEY);

    const { gone, report } = await send({ ...signed, ...part }, WITHIN, HELD);

    expect(gone).toEqual([]);
    expect(report).toMatchObject({ runId: 'request-1', outcome: 'refused', code: 'NOT_ALLOWED' });
    expect(report?.reason).toContain('its signature belongs to other words');
  });

  it('is not signed by what signs a record', async () => {
    const { signature: _, ...plain } = HONEST;
    const signer = createSigner(KEY);
    const record = { ...plain, event_name: 'run_started' } as unknown as AuditRecord;

    const { signature } = signer.sign(record);
    const { report } = await send({ ...HONEST, signature }, WITHIN, HELD);

    expect(report).toMatchObject({ outcome: 'refused', code: 'NOT_ALLOWED' });
  });
});
