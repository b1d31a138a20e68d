import * as z from 'zod';
import { readIsoPeriod } from '../policy/date.ts';
import { DURATION_PATTERN } from '../policy/duration.ts';
import { RESOURCE_TYPES } from '../resource.ts';
import { REASONS } from './types.ts';

const text = (what: string) =>
  z.string({
    error: ({ input }) => {
      if (input === undefined) return 'is missing';
      const quotable = typeof input === 'number' || typeof input === 'boolean';
      return quotable ? `must be ${what}: put it in quotes` : `must be ${what}`;
    },
  });

const mapping = {
  error: ({ code, input }: { code?: string; input?: unknown }) => {
    if (code !== 'invalid_type') return undefined;
    return input === undefined ? 'is missing' : 'must be a mapping of keys to values';
  },
};

const list = <T extends z.ZodType>(item: T) =>
  z.array(item, { error: ({ input }) => (input === undefined ? 'is missing' : 'must be a list') });

const instant = text('an instant such as 2026-06-01T00:00:00Z').refine(
  (value) => readIsoPeriod(value, 'UTC') !== undefined,
  'is no instant: write 2026-06-01T00:00:00Z',
);

const resource = z.strictObject(
  {
    id: text('a resource id').exactOptional(),
    type: z.enum(RESOURCE_TYPES).default('ContainerGroup'),
    region: text('a region id').exactOptional(),
    name: text('a name').exactOptional(),
    status: text('a status').exactOptional(),
    created: instant.exactOptional(),
    age: text('a duration')
      .regex(DURATION_PATTERN, 'is no duration: write 30s, 90m, 36h, 7d or 2w')
      .exactOptional(),
    group: text('a resource group id').exactOptional(),
    tags: z.record(text('a tag key'), text('a tag value'), mapping).exactOptional(),
  },
  mapping,
);

/** A file of policy tests; what a resource does not say was not seen. */
export const policyTestSchema = z.strictObject(
  {
    policy: text('the name of a policy'),
    asOf: instant,
    tests: list(
      z.strictObject(
        {
          name: text('a sentence that says what is tested'),
          resource,
          removes: list(text('a tag key')),
          because: z
            .record(
              text('a tag key'),
              z.enum(REASONS, { error: `must be one of ${REASONS.join(', ')}` }),
              mapping,
            )
            .exactOptional(),
        },
        mapping,
      ),
    ).min(1, 'must hold at least one test'),
  },
  mapping,
);

export type PolicyTestDocument = z.output<typeof policyTestSchema>;
