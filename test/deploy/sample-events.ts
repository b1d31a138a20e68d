import { readFileSync } from 'node:fs';

interface SampleEvent {
  readonly description: string;
  readonly event: unknown;
  readonly matches: boolean;
}

const created = JSON.parse(
  readFileSync(new URL('../../functions/cleanup/events/resource-created.json', import.meta.url), 'utf8'),
) as { readonly data: object };

function variant(data: object, envelope: object = {}): unknown {
  return { ...created, ...envelope, data: { ...created.data, ...data } };
}

/** Events that the function's own calls cause: a rule that lets one through makes it start itself without end. */
export const ownWork: readonly SampleEvent[] = ['UntagResources', 'TagResources'].flatMap((eventName) =>
  ['ApiCall', 'ConsoleOperation'].map((kind) => ({
    description: `${eventName} as ${kind}`,
    event: variant({ eventName, eventType: kind }, { type: `eci:ActionTrail:${kind}` }),
    matches: false,
  })),
);

/** What others cause, and whether the function should start. */
export const foreignEvents: readonly SampleEvent[] = [
  ...['CreateContainerGroup', 'CreateImageCache', 'CreateDataCache', 'CreateVirtualNode'].map(
    (eventName) => ({
      description: `a successful ${eventName}`,
      event: variant({ eventName }),
      matches: true,
    }),
  ),
  {
    description: 'a creation in the console',
    event: variant({}, { type: 'eci:ActionTrail:ConsoleOperation' }),
    matches: true,
  },
  { description: 'a failed creation', event: variant({ errorCode: 'QuotaExceeded' }), matches: false },
  { description: 'a deletion', event: variant({ eventName: 'DeleteContainerGroup' }), matches: false },
  { description: 'an update', event: variant({ eventName: 'UpdateContainerGroup' }), matches: false },
  {
    description: 'a creation of another service',
    event: variant({ eventName: 'RunInstances' }, { source: 'acs.ecs', type: 'ecs:ActionTrail:ApiCall' }),
    matches: false,
  },
  {
    description: 'what the platform did by itself',
    event: variant({}, { type: 'eci:ActionTrail:AliyunServiceEvent' }),
    matches: false,
  },
];
