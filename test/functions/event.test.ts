import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeEvent } from '../../functions/cleanup/event.ts';
import { MAX_EVENT_BYTES, MAX_EVENT_DEPTH } from '../../functions/cleanup/json.ts';
import { deriveRunId } from '../../functions/cleanup/run-id.ts';
import { CleanupError } from '../../lib/errors.ts';

const bytes = (value: unknown) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));

const decode = (value: unknown) => decodeEvent(bytes(value));

const DIGEST = `sha256:${'0a'.repeat(32)}`;

/** A creation as EventBridge delivers it, with only the interesting part said. */
function aCreation(data: Record<string, unknown> = {}, envelope: Record<string, unknown> = {}) {
  return {
    id: '5c3f4f1e-0001',
    source: 'acs.eci',
    specversion: '1.0',
    type: 'eci:ActionTrail:ApiCall',
    time: '2026-01-01T04:00:00.179Asia/Shanghai',
    aliyunregionid: 'cn-shanghai',
    data: {
      eventName: 'CreateContainerGroup',
      eventRW: 'Write',
      acsRegion: 'cn-beijing',
      responseElements: { ContainerGroupId: 'eci-2zefresh', RequestId: 'A0B1' },
      ...data,
    },
    ...envelope,
  };
}

describe('decodeEvent', () => {
  it.each([
    ['no bytes', ''],
    ['blanks', ' \n\t'],
    ['a byte order mark', '\ufeff'],
  ])('takes %s for an empty event', (_, text) => {
    expect(decode(text)).toEqual({ kind: 'empty' });
  });

  it('reads a manual request with every key', () => {
    const wish = {
      policy: 'strip-ci-markers',
      mode: 'apply',
      planDigest: DIGEST,
      regions: ['cn-hangzhou'],
      resourceTypes: ['ContainerGroup'],
      resourceIds: ['eci-1'],
      runId: 'review-17',
    };

    expect(decode(wish)).toEqual({ kind: 'request', wish });
  });

  it('reads an empty object as a request for the default policy', () => {
    expect(decode({})).toEqual({ kind: 'request', wish: {} });
  });

  it('takes a whole policy as an object', () => {
    const policy = { version: 1, name: 'inline', remove: [{ key: 'ci-*' }] };

    expect(decode({ policy })).toEqual({ kind: 'request', wish: { policy } });
  });

  it('reads a request to undo a run', () => {
    expect(decode({ undo: 'timer-20260101T020000Z-ab12', mode: 'apply' })).toEqual({
      kind: 'request',
      wish: { undo: 'timer-20260101T020000Z-ab12', mode: 'apply' },
    });
  });

  it('parses the payload of a timer a second time', () => {
    const event = {
      triggerTime: '2026-01-01T02:00:00Z',
      triggerName: 'nightly',
      payload: '{"policy":"strip-ci-markers","mode":"apply"}',
    };

    expect(decode(event)).toEqual({
      kind: 'timer',
      triggerName: 'nightly',
      triggerTime: '2026-01-01T02:00:00Z',
      wish: { policy: 'strip-ci-markers', mode: 'apply' },
    });
  });

  it.each([
    ['an empty payload', { payload: '' }],
    ['no payload', {}],
  ])('takes a timer with %s for the default policy', (_, extra) => {
    const start = decode({ triggerTime: '2026-01-01T02:00:00Z', triggerName: 'nightly', ...extra });

    expect(start).toMatchObject({ kind: 'timer', wish: {} });
  });

  it.each([
    ['text that is not JSON', 'awesome-fc', "the timer's payload is not JSON"],
    ['a misspelt key', '{"polcy":"x"}', 'unknown key "polcy"; did you mean "policy"?'],
    ['a list', '[]', 'expected object'],
    ['a fixed run id', '{"runId":"same"}', 'would make every night the same run'],
  ])('refuses a timer whose payload is %s', (_, payload, message) => {
    expect(() => decode({ triggerTime: 't', triggerName: 'n', payload })).toThrow(message);
  });

  it('reads the created resource and its own region out of a creation', () => {
    expect(decode(aCreation())).toEqual({
      kind: 'creations',
      events: {
        created: [{ region: 'cn-beijing', type: 'ContainerGroup', id: 'eci-2zefresh' }],
        ignored: [],
        causes: ['acs.eci 5c3f4f1e-0001'],
        name: 'CreateContainerGroup',
      },
    });
  });

  it.each([
    ['CreateContainerGroup', 'ContainerGroup', 'ContainerGroupId'],
    ['CreateImageCache', 'ImageCache', 'ImageCacheId'],
    ['CreateDataCache', 'DataCache', 'DataCacheId'],
    ['CreateVirtualNode', 'VirtualNode', 'VirtualNodeId'],
  ])('knows what %s creates', (eventName, type, field) => {
    const start = decode(
      aCreation({ eventName, responseElements: { [field]: 'x-1', ContainerGroupId: 'x-1' } }),
    );

    expect(start).toMatchObject({ events: { created: [{ type, id: 'x-1' }] } });
  });

  it.each([
    ['the answer as text', { responseElements: '{"ContainerGroupId":"eci-a"}' }],
    [
      'the referenced resources',
      { responseElements: {}, referencedResources: { 'ACS::ECI::ContainerGroup': ['eci-a'] } },
    ],
    [
      'the named resource',
      { responseElements: null, resourceType: 'ACS::ECI::ContainerGroup', resourceName: 'eci-a' },
    ],
    [
      'the named resources of several types',
      {
        responseElements: {},
        resourceType: 'ACS::VPC::VPC;ACS::ECI::ContainerGroup',
        resourceName: 'vpc-1,vpc-2;eci-a',
      },
    ],
  ])('finds the id in %s', (_, data) => {
    expect(decode(aCreation(data))).toMatchObject({ events: { created: [{ id: 'eci-a' }] } });
  });

  it('falls back to the region where the event arose', () => {
    expect(decode(aCreation({ acsRegion: undefined }))).toMatchObject({
      events: { created: [{ region: 'cn-shanghai' }] },
    });
  });

  it.each(['acs.eci', 'acs:eci', 'eci'])('takes %s for the source of ECI', (source) => {
    expect(decode(aCreation({}, { source }))).toMatchObject({
      events: { created: [{ id: 'eci-2zefresh' }] },
    });
    expect(decode(aCreation({ eventName: 'UntagResources' }, { source }))).toMatchObject({
      events: { created: [] },
    });
  });

  it.each(['ACS::ECI::ContainerGroup', 'acs::eci::containergroup', 'ACS::Eci::CONTAINERGROUP'])(
    'knows the type %s in whatever case',
    (name) => {
      const referenced = { responseElements: {}, referencedResources: { [name]: ['eci-a'] } };
      const named = {
        responseElements: {},
        resourceType: `ACS::VPC::VSwitch;${name}`,
        resourceName: 'vsw-1;eci-a',
      };

      for (const data of [referenced, named]) {
        expect(decode(aCreation(data))).toMatchObject({ events: { created: [{ id: 'eci-a' }] } });
      }
    },
  );

  it.each([
    ['our own untagging', aCreation({ eventName: 'UntagResources' }), 'creates no resource'],
    ['a tagging', aCreation({ eventName: 'TagResources' }), 'creates no resource'],
    ['a deletion', aCreation({ eventName: 'DeleteContainerGroup' }), 'creates no resource'],
    ['a name of the prototype', aCreation({ eventName: 'constructor' }), 'creates no resource'],
    ['a failed creation', aCreation({ errorCode: 'QuotaExceeded' }), 'failed'],
    ['a creation with an error message', aCreation({ errorMessage: 'no' }), 'failed'],
    ['another source', aCreation({}, { source: 'acs.ecs' }), 'not from acs.eci'],
    ['another type', aCreation({}, { type: 'eci:Status:Change' }), 'none of'],
    ['no record', aCreation({}, { data: null }), 'no ActionTrail record'],
    ['no id', aCreation({ responseElements: {} }), 'names no created resource'],
    [
      'an id with a path',
      aCreation({ responseElements: { ContainerGroupId: '../x' } }),
      'names no created resource',
    ],
    ['no region', aCreation({ acsRegion: 7 }), 'names no region'],
  ])('ignores %s and says why', (_, event, reason) => {
    const start = decode(event);

    expect(start).toMatchObject({
      kind: 'creations',
      events: { created: [], ignored: [{ source: event.source }] },
    });
    expect(start.kind === 'creations' && start.events.ignored[0]?.reason).toContain(reason);
  });

  it('reads a stream of objects and of JSON texts, each resource once', () => {
    const second = aCreation({ responseElements: { ContainerGroupId: 'eci-b' } }, { id: '2' });

    const start = decode([aCreation(), JSON.stringify(second), aCreation()]);

    expect(start).toMatchObject({
      kind: 'creations',
      events: {
        created: [{ id: 'eci-2zefresh' }, { id: 'eci-b' }],
        causes: ['acs.eci 2', 'acs.eci 5c3f4f1e-0001'],
        name: '3 events',
      },
    });
  });

  it('goes on past the bad elements of a stream and names them', () => {
    const start = decode([aCreation(), 'not json', 7, { a: 1 }, aCreation({ eventName: 'UntagResources' })]);

    expect(start.kind === 'creations' && start.events.created).toHaveLength(1);
    expect(start.kind === 'creations' && start.events.ignored.map(({ reason }) => reason)).toEqual([
      'element 1 is text that cannot be read as JSON',
      'element 2 is no event of EventBridge',
      'element 3 is no event of EventBridge',
      '"UntagResources" creates no resource that carries tags',
    ]);
  });

  it('takes an empty stream for nothing to do', () => {
    expect(decode([])).toMatchObject({ events: { created: [], ignored: [] } });
  });

  it('only notes the record of an earlier invocation', () => {
    const record = {
      timestamp: 1,
      requestContext: { requestId: 'r-1', condition: 'RetriesExhausted', approximateInvokeCount: 3 },
      requestPayload: '{"mode":"apply"}',
      responseContext: { statusCode: 200, functionError: 'UnhandledInvocationError' },
      responsePayload: '',
    };

    expect(decode(record)).toEqual({ kind: 'destination', requestId: 'r-1', condition: 'RetriesExhausted' });
  });

  it('recognizes its own continuation before anything else', () => {
    const payload = {
      tagsweep: 'continuation',
      version: 1,
      familyId: 'r-1',
      shard: 'cn-hangzhou',
      hop: 2,
      idleHops: 0,
      policy: 'strip-ci-markers',
      policyDigest: DIGEST,
      mode: 'apply',
      allowance: { resources: 1, tags: 2, failures: 3 },
      startedAtMs: 4,
    };

    expect(decode(payload)).toEqual({ kind: 'continuation', payload });
  });

  it.each([
    ['another version', { tagsweep: 'continuation', version: 2 }],
    ['nothing but the mark', { tagsweep: true, mode: 'apply' }],
    ['the mark on a timer', { tagsweep: 1, triggerTime: 't', triggerName: 'n' }],
  ])('refuses a continuation with %s', (_, event) => {
    expect(() => decode(event)).toThrow('the mark of a continuation');
  });

  it.each([
    ['text', 'hello', 'it is not JSON'],
    ['half of a request', '{"policy":', 'it is not JSON'],
    ['a number', '42', 'neither an object nor a list'],
    ['null', 'null', 'neither an object nor a list'],
    ['a list of numbers', '[1,2]', 'none of its elements is an event'],
    ['a list of requests', '[{"mode":"apply"}]', 'none of its elements is an event'],
    ['a misspelt key', { plicy: 'x', mode: 'apply' }, 'unknown key "plicy"; did you mean "policy"?'],
    ['a foreign key', { dryRun: false }, 'known are policy, mode'],
    [
      'a key of the prototype',
      '{"__proto__":{"mode":"apply"}}',
      'has the key "__proto__", which no event has',
    ],
    ['a key twice', '{"mode":"dry-run","mode":"apply"}', 'it has the key "mode" more than once'],
    [
      'a key twice, once spelt out',
      '{"mode":"dry-run","m\\u006fde":"apply"}',
      'the key "mode" more than once',
    ],
    [
      'a key twice deep in a timer’s payload',
      { triggerTime: 't', triggerName: 'n', payload: '{"policy":{"limits":{"a":1, "a" : 2}}}' },
      `the timer's payload has the key "a" more than once`,
    ],
    [
      'a misspelt mode',
      { mode: 'aply' },
      'mode "aply": Invalid option: expected one of "dry-run"|"apply"; did you mean "apply"?',
    ],
    ['a mode of another type', { mode: true }, 'mode: Invalid'],
    ['a path for a policy', { policy: '../../etc/passwd' }, 'policy "../../etc/passwd": a policy name is'],
    ['a file for a policy', { policy: 'strip-ci-markers.yaml' }, 'without folder or ending'],
    ['an absolute path', { policy: '/etc/passwd' }, 'a policy name is'],
    ['a number for a policy', { policy: 7 }, 'policy: the name of a policy, or a whole policy'],
    [
      'a text for regions',
      { regions: 'cn-hangzhou' },
      'regions "cn-hangzhou": Invalid input: expected array',
    ],
    ['no regions', { regions: [] }, 'regions: at least one'],
    [
      'a host for a region',
      { regions: ['evil.example.com/'] },
      'regions[0] "evil.example.com/": a region id',
    ],
    ['a misspelt type', { resourceTypes: ['Containergroup'] }, 'did you mean "ContainerGroup"?'],
    ['no resources', { resourceIds: [] }, 'resourceIds: at least one'],
    ['a short digest', { planDigest: 'sha256:12' }, 'planDigest "sha256:12"'],
    ['undo beside a policy', { undo: 'r-1', policy: 'x' }, 'unknown key "policy"'],
    ['undo of nothing', { undo: '' }, 'undo "": a run id is'],
    [
      'an HTTP request',
      { version: 'v1', rawPath: '/', requestContext: { http: {} }, body: '{}' },
      'HTTP trigger',
    ],
  ])('refuses %s', (_, event, message) => {
    expect(() => decode(event)).toThrow(CleanupError);
    expect(() => decode(event)).toThrow(message);
    expect(() => decode(event)).toThrow('nothing was done');
  });

  it('names every fault of a request at once', () => {
    expect(() => decode({ mode: 'x', regions: [], polcy: 1 })).toThrow(
      /mode .*; regions: .*; unknown key "polcy"/,
    );
  });

  it('refuses what is not UTF-8', () => {
    expect(() => decodeEvent(Buffer.from([0x7b, 0xff, 0x7d]))).toThrow('not UTF-8');
  });

  it('refuses an event above the bound, before it reads it', () => {
    expect(() => decodeEvent(Buffer.alloc(MAX_EVENT_BYTES + 1, 0x20))).toThrow(`at most ${MAX_EVENT_BYTES}`);
  });

  it('refuses nesting that no event has, wherever it stands', () => {
    const deep = `${'['.repeat(MAX_EVENT_DEPTH)}${']'.repeat(MAX_EVENT_DEPTH)}`;

    expect(() => decode(`{"policy":${deep}}`)).toThrow('nested deeper');
    expect(() => decode({ triggerTime: 't', triggerName: 'n', payload: `[${deep}]` })).toThrow(
      'nested deeper',
    );
    expect(() => decode('['.repeat(1_000_000))).toThrow('nested deeper');
  });

  it('does not take brackets inside of text for nesting', () => {
    const text = `\\"${'['.repeat(100)}`;

    expect(() => decode({ policy: { description: text } })).not.toThrow();
  });

  it('never says what a malformed event held', () => {
    expect(() => decode('{"accessKeySecret": "s3cr3t", }')).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('s3cr3t') }),
    );
  });

  it('takes any JSON at all either for one of the known forms or refuses it with an error of ours', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        try {
          decode(JSON.stringify(value));
        } catch (error) {
          expect(error).toBeInstanceOf(CleanupError);
        }
      }),
    );
  });
});

describe('deriveRunId', () => {
  const identity = {
    accountId: '1',
    region: 'cn-hangzhou',
    functionName: 'tagsweep',
    requestId: '1-66a1b2c3-0001',
  };

  it('is the same for the same cause, whatever the invocation', () => {
    for (const event of [aCreation(), { triggerTime: '2026-01-01T02:00:00Z', triggerName: 'nightly' }]) {
      const first = deriveRunId(decode(event), identity);
      const again = deriveRunId(decode(event), { ...identity, requestId: 'another-request' });

      expect(again).toBe(first);
    }
  });

  it('does not depend on the order of a stream', () => {
    const other = aCreation({ responseElements: { ContainerGroupId: 'eci-b' } }, { id: '2' });

    expect(deriveRunId(decode([other, aCreation()]), identity)).toBe(
      deriveRunId(decode([aCreation(), other]), identity),
    );
  });

  it('differs between times, triggers, events and functions', () => {
    const timer = { triggerTime: '2026-01-01T02:00:00Z', triggerName: 'nightly' };
    const ids = [
      deriveRunId(decode(timer), identity),
      deriveRunId(decode({ ...timer, triggerTime: '2026-01-02T02:00:00Z' }), identity),
      deriveRunId(decode({ ...timer, triggerName: 'weekly' }), identity),
      deriveRunId(decode(timer), { ...identity, functionName: 'other' }),
      deriveRunId(decode(aCreation()), identity),
      deriveRunId(decode(aCreation({}, { id: 'other' })), identity),
    ];

    expect(new Set(ids).size).toBe(ids.length);
  });

  it('takes the id that a request gives, behind a prefix that no timer and no event has, else that of the platform', () => {
    expect(deriveRunId(decode({ runId: 'mine' }), identity)).toBe('req-mine');
    expect(deriveRunId(decode({ runId: 'req-mine' }), identity)).toBe('req-mine');
    expect(deriveRunId(decode({}), identity)).toBe('1-66a1b2c3-0001');
  });

  it('always is fit for a task id: letters, digits, "-" and "_", at most 64', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.string(), (triggerTime, triggerName, requestId) => {
        const start = decode({ triggerTime, triggerName });

        expect(deriveRunId(start, { ...identity, requestId })).toMatch(/^[A-Za-z0-9_-]{1,64}$/);
        expect(deriveRunId({ kind: 'empty' }, { ...identity, requestId })).toMatch(/^[A-Za-z0-9_-]{1,64}$/);
      }),
    );
  });
});
