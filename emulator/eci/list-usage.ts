import type { Operation } from './operation.ts';

/** ListUsage: quotas and what is used of them, as text. */
export const listUsage: Operation = {
  name: 'ListUsage',
  kind: 'read',
  prepare: ({ context, region }) => ({
    commit() {
      const groups = context.state.shelf(region, 'ContainerGroup').length;
      const attributes = {
        UsedCpu: groups * 2,
        MaxCpu: 10_000,
        MaxImageCacheCount: 100,
        MaxDataCacheCount: 100,
      };
      return {
        Attributes: Object.fromEntries(
          Object.entries(attributes).map(([name, value]) => [name, String(value)]),
        ),
      };
    },
  }),
};
