import * as z from 'zod';
import { MAX_TAGS_PER_RESOURCE, REGION_ID, RESOURCE_TYPES } from '../resource.ts';
import {
  duration,
  durationWithin,
  integer,
  isoDate,
  listOf,
  nonEmpty,
  POLICY_BOUNDS,
  regex,
  tagKey,
  text,
  textExpected,
  wildcard,
} from './fields.ts';
import { MODIFIERS, type ModifierName, OPERATORS, type OperatorName, type Written } from './operators.ts';
import { KNOWN_REGIONS } from './regions.ts';

/** How a channel is called: what stands after TAGSWEEP_NOTIFY_ in a setting, in small letters. */
const CHANNEL_NAME = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/;

/** A RAM user or role of the account, as the last part of its ARN says it. */
const PRINCIPAL = /^(?:user|role)\/[A-Za-z0-9._-]{1,64}$/;

/** A conjunction of tests of one tag's value, as it is written. */
export type ValueTestDocument = { [Name in OperatorName]?: Written<Name> } & {
  [Name in ModifierName]?: string;
};

/** A condition as it is written: `all`, `any`, `not`, or one subject. */
export interface ConditionDocument extends ValueTestDocument {
  all?: ConditionDocument[];
  any?: ConditionDocument[];
  not?: ConditionDocument;
  tag?: string;
  name?: string | string[];
  id?: string | string[];
  status?: string | string[];
  resourceType?: string | string[];
  region?: string | string[];
  resourceGroup?: string | string[];
  age?: { olderThan?: string; newerThan?: string };
  tagCount?: { atLeast?: number; atMost?: number };
}

/** What `when` takes: the tests of a tag, and their opposite. */
export interface WhenDocument extends ValueTestDocument {
  not?: WhenDocument;
}

const valueTests = Object.fromEntries(
  Object.entries({ ...OPERATORS, ...MODIFIERS }).map(([name, { schema, meaning }]) => [
    name,
    schema.exactOptional().describe(meaning),
  ]),
) as {
  [Name in OperatorName | ModifierName]: z.ZodExactOptional<
    ({ [N in OperatorName]: z.ZodType<Written<N>> } & { [N in ModifierName]: z.ZodType<string> })[Name]
  >;
};

const wildcards = z.union([wildcard, listOf(wildcard)], {
  error: (issue) =>
    Array.isArray(issue.input)
      ? undefined
      : textExpected(issue.input, 'a text with wildcards, or a list of them'),
});

const mapping = {
  error: (issue: { code?: string; input?: unknown }) => {
    if (issue.code !== 'invalid_type') return undefined;
    return issue.input === undefined ? 'is missing' : 'must be a mapping of keys to values';
  },
};

const condition: z.ZodType<ConditionDocument> = z
  .strictObject(
    {
      get all() {
        return listOf(condition).exactOptional().describe('True when each of these is.');
      },
      get any() {
        return listOf(condition).exactOptional().describe('True when one of these is.');
      },
      get not() {
        return condition.exactOptional().describe('True when this is false.');
      },
      tag: tagKey.exactOptional().describe('The key of a tag, with one or more tests of it beside.'),
      ...valueTests,
      name: wildcards
        .exactOptional()
        .describe("The resource's name: a text with wildcards, or a list of them."),
      id: wildcards.exactOptional().describe("The resource's id: a text with wildcards, or a list of them."),
      status: wildcards.exactOptional().describe("The resource's status, such as `Running`, or a list."),
      resourceType: wildcards.exactOptional().describe("The resource's type, or a list of types."),
      region: wildcards.exactOptional().describe("The resource's region, or a list of regions."),
      resourceGroup: wildcards.exactOptional().describe("The id of the resource's group, or a list."),
      age: z
        .strictObject(
          {
            olderThan: duration.exactOptional().describe('Created longer ago than this, such as `7d`.'),
            newerThan: duration.exactOptional().describe('Created less long ago than this, such as `36h`.'),
          },
          mapping,
        )
        .exactOptional()
        .describe('Time since the resource was created.'),
      tagCount: z
        .strictObject(
          {
            atLeast: integer(0, 20).exactOptional().describe('It carries so many tags or more.'),
            atMost: integer(0, 20).exactOptional().describe('It carries so many tags or fewer.'),
          },
          mapping,
        )
        .exactOptional()
        .describe('How many tags the resource carries; ECI allows 20.'),
    },
    mapping,
  )
  .meta({ id: 'condition', description: '`all`, `any` or `not`, or one subject with its tests.' });

const when: z.ZodType<WhenDocument> = z
  .strictObject(
    {
      ...valueTests,
      get not() {
        return when.exactOptional().describe('The opposite of these tests together.');
      },
    },
    mapping,
  )
  .meta({ id: 'when', description: "Tests of one tag's value, joined by and." });

const trim = z.strictObject(
  {
    to: integer(0, MAX_TAGS_PER_RESOURCE - 1).describe(
      'Tags that may stay. Those of the cloud do not count, and what other rules remove is gone already.',
    ),
    order: listOf(wildcard).describe(
      'What goes first: wildcards, the first one first, and of equal ones the first key. What none of them matches stays.',
    ),
    keep: listOf(wildcard).exactOptional().describe('Keys that stay all the same, wildcards allowed.'),
  },
  mapping,
);

const removeRule = z.strictObject(
  {
    key: wildcard.exactOptional().describe('Keys to remove: a wildcard, case-sensitive, the whole key.'),
    keyMatches: regex
      .exactOptional()
      .describe('Keys to remove: an RE2 pattern, found anywhere unless anchored.'),
    except: listOf(wildcard)
      .exactOptional()
      .describe('An allow-list: every key that none of these wildcards matches is removed.'),
    caseVariantsOf: listOf(tagKey)
      .exactOptional()
      .describe(
        'Keys that differ from one of these by upper and lower case only, such as Env and ENV for env.',
      ),
    trim: trim
      .exactOptional()
      .describe('Makes room: where a resource has more tags than that, the surplus goes.'),
    when: when.exactOptional().describe("Tests of that tag's value; left out: whatever the value."),
  },
  mapping,
);

const protection = z.strictObject(
  {
    keys: listOf(wildcard)
      .exactOptional()
      .describe('Keys that stay, wildcards allowed; left out: every key.'),
    resources: condition.exactOptional().describe('On which resources; left out: on all.'),
    reason: nonEmpty(500).exactOptional().describe('Why, for whoever reads a plan.'),
    owner: nonEmpty(200).exactOptional().describe('Whom to ask.'),
    until: isoDate
      .exactOptional()
      .describe(
        'The last day, UTC, on which it protects, or the instant at which it ends. Warned of 14 days before.',
      ),
  },
  mapping,
);

const scope = z.strictObject(
  {
    regions: z
      .union(
        [
          z.literal('all', { error: 'must be a list of region ids, or: all' }),
          listOf(
            nonEmpty(64, 'a region id')
              .regex(REGION_ID, 'is no region id such as cn-hangzhou')
              .meta({ examples: [...KNOWN_REGIONS] }),
          ),
        ],
        {
          error: (issue) =>
            issue.input === undefined ? 'is missing' : 'must be a list of region ids, or: all',
        },
      )
      .describe('Region ids, or `all`.'),
    resourceTypes: listOf(z.enum(RESOURCE_TYPES))
      .default([...RESOURCE_TYPES])
      .describe('Default: all four.'),
    resourceGroups: listOf(nonEmpty(64, 'a resource group id'))
      .exactOptional()
      .describe('Ids of resource groups; left out: any.'),
    buckets: listOf(nonEmpty(63, 'the name of a bucket'))
      .exactOptional()
      .describe('Buckets of data caches to look into; left out: those that a list without a bucket shows.'),
  },
  mapping,
);

const limits = z.strictObject(
  {
    maxResources: integer(0, 10_000_000)
      .default(1000)
      .describe('Most resources that a plan may change; 0: none. Default 1000.'),
    maxTags: integer(0, 200_000_000)
      .exactOptional()
      .describe('Most tags that a plan may remove; 0: none. Default 20 times maxResources.'),
    maxPercent: z
      .number({ error: 'must be a number from 0 to 100' })
      .min(0, 'must be a number from 0 to 100')
      .max(100, 'must be a number from 0 to 100')
      .default(50)
      .describe(
        'Most resources that a plan may change, in percent of those in scope; looked at from 20 up. Default 50.',
      ),
    maxFailures: integer(0, 200_000_000)
      .default(10)
      .describe('Failed tags after which the run stops. Default 10.'),
    canary: integer(0, 10_000_000)
      .default(20)
      .describe('Resources in the first wave, verified before the rest; 0: no canary. Default 20.'),
    perDay: integer(0, 200_000_000)
      .exactOptional()
      .describe('Most tags that all runs of this policy together may remove in a day; left out: any number.'),
    confirmAbove: integer(0, 200_000_000)
      .default(1000)
      .describe(
        'Tags from which on a person who applies at a terminal types the name of the policy. Default 1000.',
      ),
    readingAge: durationWithin('0s', '1h')
      .default('10s')
      .describe(
        'How old the reading of a resource may be when its tags are removed; an older one is made anew. Default 10s.',
      ),
    planAge: durationWithin('1m', '30d')
      .default('24h')
      .describe('How long after it was made a saved plan may be applied. Default 24h.'),
    plainReadings: z
      .number({ error: 'must be a number from 0 to 1' })
      .min(0, 'must be from 0 to 1')
      .max(1, 'must be from 0 to 1')
      .exactOptional()
      .describe(
        'Part of the runs that read page by page, whatever shorter way there is, and hold the shorter one against that; 1: every run. Left out: none.',
      ),
    requireUndo: z
      .boolean({ error: 'must be true or false' })
      .default(true)
      .describe('Whether a run that could not be undone is refused; `false`: it is warned of. Default true.'),
  },
  mapping,
);

const pace = z.strictObject(
  {
    share: z
      .number({ error: 'must be a number above 0, at most 1' })
      .gt(0, 'must be above 0')
      .max(1, 'must be at most 1')
      .default(0.5)
      .describe("Part of each API's published per-minute quota that a run may use. Default 0.5."),
    concurrency: integer(1, 100).default(8).describe('Requests in flight per region. Default 8.'),
  },
  mapping,
);

const channelName = nonEmpty(32, 'the name of a channel').regex(
  CHANNEL_NAME,
  'is no name of a channel: small letters, digits and "-", as in TAGSWEEP_NOTIFY_OPS for ops',
);

const notice = z.strictObject(
  {
    grace: durationWithin('1h', '90d').describe(
      'How long after its notice a tag stays at least, such as `7d`; from 1h to 90d.',
    ),
    groupBy: tagKey
      .exactOptional()
      .describe('The tag whose value says whose a resource is, such as team: notices are told by it.'),
  },
  mapping,
);

const notify = z.strictObject(
  {
    channels: listOf(channelName).describe(
      'Names of channels, which the settings know: ops is TAGSWEEP_NOTIFY_OPS. A policy holds no address.',
    ),
    groupBy: tagKey
      .exactOptional()
      .describe('The tag whose value says whose a resource is; left out: as notice.groupBy says.'),
    routes: z
      .record(text(128, 'a value of that tag'), listOf(channelName), {
        error: 'must be a mapping of values to lists of channels',
      })
      .exactOptional()
      .describe('For some values of that tag, the channels that hear of them instead.'),
  },
  mapping,
);

const approval = z.strictObject(
  {
    needed: integer(1, 10)
      .default(1)
      .describe('How many of them must approve a plan before it is applied. Default 1.'),
    by: listOf(
      nonEmpty(140, 'a RAM user or role').regex(
        PRINCIPAL,
        'is no RAM user or role: write user/alice, or role/reviewers',
      ),
    ).describe('RAM users and roles of the account who may approve: `user/alice`, `role/reviewers`.'),
  },
  mapping,
);

const batch = z.strictObject(
  {
    resources: integer(1, 100).default(50).describe('Most resources in one request. Default 50.'),
    keys: integer(1, 20).default(20).describe('Most keys in one request. Default 20.'),
  },
  mapping,
);

/** A policy document; its output is the document with each default filled in. Every bound and default stands here. */
export const policySchema = z
  .strictObject(
    {
      $schema: text(1000).exactOptional().describe('Where an editor finds this schema.'),
      version: z
        .literal(1, {
          error: (issue) => (issue.input === undefined ? 'is missing: write version: 1' : 'must be 1'),
        })
        .describe('Of the policy language; always 1.'),
      name: nonEmpty(63, 'a name')
        .regex(
          /^[a-z0-9][a-z0-9-]*$/,
          'must be lower-case letters, digits and hyphens, and not begin with a hyphen',
        )
        .describe('What reports and requests call this policy.'),
      description: text(2000).exactOptional().describe('For people.'),
      mode: z
        .enum(['dry-run', 'apply'])
        .default('dry-run')
        .describe('`dry-run` only plans; `apply` removes. A request can say otherwise. Default dry-run.'),
      scope: scope.describe('Where the policy holds.'),
      select: condition.exactOptional().describe('Which resources of the scope; left out: every one.'),
      remove: z
        .array(removeRule, {
          error: (issue) =>
            issue.input === undefined ? 'is missing: at least one rule' : 'must be a list of rules',
        })
        .min(1, 'must hold at least one rule')
        .max(POLICY_BOUNDS.rules, `holds more than ${POLICY_BOUNDS.rules} rules`)
        .describe('Which tags go: one rule suffices.'),
      protect: z
        .array(protection, { error: 'must be a list of protections' })
        .max(POLICY_BOUNDS.rules, `holds more than ${POLICY_BOUNDS.rules} protections`)
        .default([])
        .describe('What stays, whatever the rest says.'),
      unprotect: z
        .array(tagKey, { error: 'must be a list of tag keys' })
        .max(POLICY_BOUNDS.rules, `holds more than ${POLICY_BOUNDS.rules} keys`)
        .default([])
        .describe('Exact keys of Kubernetes, ACK and virtual-kubelet that may be removed all the same.'),
      limits: limits.prefault({}).describe('Checked on the plan before the first removal; 0 means none may.'),
      pace: pace.prefault({}).describe('How much of the quota a run may use.'),
      batch: batch.prefault({}).describe("A request's size."),
      notice: notice
        .exactOptional()
        .describe('A tag is announced first, and goes once the grace is over; left out: it goes at once.'),
      notify: notify.exactOptional().describe('Who is told, by channels that the settings know.'),
      approval: approval
        .exactOptional()
        .describe('Who has to approve a plan before it is applied; left out: nobody.'),
      journal: z
        .enum(['values', 'keys'])
        .default('values')
        .describe('`keys`: no values are kept in the log store, and nothing can be undone. Default values.'),
      verify: z
        .enum(['all', 'none'])
        .default('all')
        .describe('`all`: list again after the run and account for every difference. Default all.'),
    },
    mapping,
  )
  .describe('Which tags of which ECI resources go, what stays, and how far a run may go.');

/** A policy document with its defaults filled in. */
export type PolicyDocument = z.output<typeof policySchema>;
export type RemoveRuleDocument = z.output<typeof removeRule>;
export type ProtectionDocument = z.output<typeof protection>;
