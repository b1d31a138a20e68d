import * as z from 'zod';
import { readIsoPeriod } from '../policy/date.ts';
import { DURATION_PATTERN } from '../policy/duration.ts';
import { KNOWN_REGIONS } from '../policy/regions.ts';
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
    id: text('a resource id').exactOptional().describe('Left out: made up.'),
    type: z.enum(RESOURCE_TYPES).default('ContainerGroup').describe('Default ContainerGroup.'),
    region: text('a region id')
      .meta({ examples: [...KNOWN_REGIONS] })
      .exactOptional()
      .describe("Left out: the first region of the policy's scope."),
    name: text('a name').exactOptional().describe('Left out: not seen.'),
    status: text('a status')
      .meta({ examples: ['Pending', 'Running', 'Succeeded', 'Failed'] })
      .exactOptional()
      .describe('Left out: not seen.'),
    created: instant.exactOptional().describe('When it was created; or give age.'),
    age: text('a duration')
      .regex(DURATION_PATTERN, 'is no duration: write 30s, 90m, 36h, 7d or 2w')
      .meta({ examples: ['90m', '36h', '7d', '2w'] })
      .exactOptional()
      .describe('How long before asOf it was created; left out: not seen.'),
    group: text('a resource group id').exactOptional().describe('Left out: not seen.'),
    tags: z
      .record(text('a tag key'), text('a tag value'), mapping)
      .exactOptional()
      .describe('Its tags; left out: not seen.'),
  },
  mapping,
);

/** A file of policy tests; what a resource does not say was not seen. */
export const policyTestSchema = z.strictObject(
  {
    policy: text('the name of a policy').describe('The policy that is tested, by the name of its file.'),
    asOf: instant.describe('The instant that ages and dates are measured against.'),
    tests: list(
      z.strictObject(
        {
          name: text('a sentence that says what is tested').describe('What is tested, in a sentence.'),
          asOf: instant.exactOptional().describe('Another instant than that of the file, for this test.'),
          resource: resource.describe('One resource; what it does not say was not seen.'),
          removes: list(text('a tag key')).describe(
            'The keys of exactly those tags that the policy removes.',
          ),
          because: z
            .record(
              text('a tag key'),
              z.enum(REASONS, { error: `must be one of ${REASONS.join(', ')}` }),
              mapping,
            )
            .exactOptional()
            .describe('Why a tag goes or stays, by its key.'),
        },
        mapping,
      ),
    )
      .min(1, 'must hold at least one test')
      .describe('Each a resource, and what the policy removes from it.'),
  },
  mapping,
);

export type PolicyTestDocument = z.output<typeof policyTestSchema>;

/** The JSON Schema of a file of policy tests, for editors. */
export function policyTestJsonSchema(): Record<string, unknown> {
  const schema = z.toJSONSchema(policyTestSchema, { io: 'input', target: 'draft-7', reused: 'inline' });
  return { ...schema, title: 'tagsweep policy tests' };
}
