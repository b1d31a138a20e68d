import { describe, expect, it } from 'vitest';
import { checkWrite } from '../../../lib/doctor/write-guard.ts';

const MAY = { made: new Set(['eci-made']), lent: new Set(['eci-lent']) };
const untag = (parameters: Record<string, unknown>) => ({ action: 'UntagResources' as const, parameters });
const OWN = 'tagsweep-doctor-x';

describe('checkWrite', () => {
  it.each([
    {
      description: 'own keys of a group that it made',
      call: untag({ ResourceId: ['eci-made'], TagKey: [OWN] }),
    },
    {
      description: 'own keys of a group that was given to it',
      call: untag({ ResourceId: ['eci-lent'], TagKey: [OWN] }),
    },
    {
      description: 'an own key in another case',
      call: untag({ ResourceId: ['eci-made'], TagKey: ['tagsweep-doctor-CASE'] }),
    },
    {
      description: 'the deletion of what it made',
      call: { action: 'DeleteContainerGroup' as const, parameters: { ContainerGroupId: 'eci-made' } },
    },
  ])('lets through $description', ({ call }) => {
    expect(() => checkWrite(call, MAY)).not.toThrow();
  });

  it.each([
    { description: 'no key', call: untag({ ResourceId: ['eci-made'], TagKey: [] }) },
    { description: 'keys that are left out', call: untag({ ResourceId: ['eci-made'] }) },
    { description: 'All', call: untag({ ResourceId: ['eci-made'], TagKey: [OWN], All: false }) },
    { description: 'no resource', call: untag({ ResourceId: [], TagKey: [OWN] }) },
    {
      description: "another's resource",
      call: untag({ ResourceId: ['eci-made', 'eci-other'], TagKey: [OWN] }),
    },
    { description: "another's key", call: untag({ ResourceId: ['eci-made'], TagKey: [OWN, 'env'] }) },
    { description: 'a system key', call: untag({ ResourceId: ['eci-made'], TagKey: ['acs:tag:createdby'] }) },
    {
      description: "a tag of another's key",
      call: {
        action: 'TagResources' as const,
        parameters: { ResourceId: ['eci-made'], Tag: [{ Key: 'env' }] },
      },
    },
    {
      description: 'the deletion of what was only given to it',
      call: { action: 'DeleteContainerGroup' as const, parameters: { ContainerGroupId: 'eci-lent' } },
    },
    {
      description: 'a group under a name that is not its own',
      call: { action: 'CreateContainerGroup' as const, parameters: { ContainerGroupName: 'api' } },
    },
  ])('refuses $description', ({ call }) => {
    expect(() => checkWrite(call, MAY)).toThrow(expect.objectContaining({ code: 'GATE_CLOSED' }));
  });
});
