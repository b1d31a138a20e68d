import { z } from 'zod';
import { matchesPattern, type Pattern } from '../../emulator/eventbridge/pattern.ts';
import { decodeEvent } from '../../functions/cleanup/event.ts';
import { readConfig } from '../../lib/cloud/config.ts';
import { cronFaults } from './cron.ts';
import { foreignEvents, ownWork } from './sample-events.ts';

/**
 * What a resolved s.yaml must be, stricter than the vendor's schema, which lets unknown keys and any
 * trigger configuration through (Function Compute reference, section 8.7).
 */
const text = z.string().min(1);
const name = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_-]{0,63}$/, 'a letter or _, then letters, digits, _ and -, at most 64');

const cron = text.superRefine((value, context) => {
  for (const fault of cronFaults(value)) context.addIssue(fault);
});

const timer = z.strictObject({
  triggerName: name,
  triggerType: z.literal('timer'),
  description: text.optional(),
  qualifier: text.optional(),
  triggerConfig: z.strictObject({
    cronExpression: cron,
    enable: z.boolean(),
    payload: z
      .string()
      .max(128 * 1024)
      .superRefine((payload, context) => {
        const fault = requestFault(payload);
        if (fault !== undefined) context.addIssue(fault);
      })
      .optional(),
  }),
});

const pattern = text.superRefine((value, context) => {
  if (!isJson(value)) return context.addIssue('the pattern must be JSON');
  const parsed = JSON.parse(value) as Pattern;
  for (const event of ownWork) {
    if (matchesPattern(parsed, event.event))
      context.addIssue(`would start itself: matches ${event.description}`);
  }
  for (const event of foreignEvents) {
    const matched = matchesPattern(parsed, event.event);
    if (matched !== event.matches) {
      context.addIssue(`${matched ? 'matches' : 'does not match'} ${event.description}`);
    }
  }
});

const eventbridge = z.strictObject({
  triggerName: name,
  triggerType: z.literal('eventbridge'),
  description: text.optional(),
  qualifier: text.optional(),
  triggerConfig: z.strictObject({
    triggerEnable: z.boolean(),
    asyncInvocationType: z.literal(true),
    eventRuleFilterPattern: pattern,
    eventSourceConfig: z.strictObject({
      eventSourceType: z.literal('Default'),
      eventSourceParameters: z.strictObject({}),
    }),
    eventSinkConfig: z.strictObject({
      deliveryOption: z.strictObject({ eventSchema: z.literal('CloudEvents') }),
    }),
    runOptions: z.strictObject({
      mode: z.literal('event-driven'),
      errorsTolerance: z.enum(['ALL', 'NONE']),
      retryStrategy: z.strictObject({
        PushRetryStrategy: z.enum(['BACKOFF_RETRY', 'EXPONENTIAL_DECAY_RETRY']),
      }),
      deadLetterQueue: z.strictObject({
        Arn: z
          .string()
          .regex(/^acs:mns:[\w-]+:\d+:\/queues\/[\w-]+$/, 'a queue: acs:mns:REGION:ACCOUNT:/queues/NAME'),
      }),
    }),
  }),
});

const environment = z
  .record(z.string().regex(/^[A-Za-z][A-Za-z0-9_]*$/), z.string())
  .superRefine((variables, context) => {
    const bytes = Object.entries(variables).reduce(
      (sum, [key, value]) => sum + Buffer.byteLength(key + value),
      0,
    );
    const fault = settingsFault(variables);
    if (fault !== undefined) context.addIssue(fault);
    if (bytes > 4096) context.addIssue(`all variables together may take 4096 bytes, not ${bytes}`);
    for (const key of Object.keys(variables)) {
      if (key.startsWith('FC_')) context.addIssue(`${key}: the prefix FC_ is reserved`);
      if (key === 'DEBUG') context.addIssue('DEBUG would print tokens');
      if (/SECRET|PASSWORD|ACCESS_KEY|TOKEN/.test(key))
        context.addIssue(`${key}: no secrets here; the role has keys`);
    }
  });

const props = z
  .strictObject({
    region: z.string().regex(/^[a-z]{2}-[a-z]+(-[a-z0-9]+)*$/),
    functionName: name,
    description: z.string().max(256).optional(),
    runtime: z.literal('nodejs20'),
    handler: z.literal('index.handler'),
    code: z.string().endsWith('dist/cleanup.zip', 'the archive that the build writes'),
    role: z
      .string()
      .regex(
        /^acs:ram::\d+:role\/[a-z0-9-]+$/,
        'an ARN in lower case: the fc3 component lowers it, and RAM does not',
      ),
    cpu: z.number().min(0.05).max(16).multipleOf(0.05),
    memorySize: z.int().min(128).max(32768).multipleOf(64),
    diskSize: z.union([z.literal(512), z.literal(10240)]),
    timeout: z.int().min(60).max(86400),
    concurrencyConfig: z.strictObject({
      reservedConcurrency: z
        .int()
        .min(1, 'with none nothing runs')
        .max(100, 'an account has 100 in a region'),
    }),
    internetAccess: z.literal(true),
    environmentVariables: environment,
    logConfig: z.strictObject({
      project: z.string().regex(/^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/),
      logstore: z.string().regex(/^[a-z0-9][a-z0-9_-]{1,61}[a-z0-9]$/),
      enableRequestMetrics: z.boolean(),
      enableInstanceMetrics: z.boolean(),
      logBeginRule: z.literal('None'),
    }),
    asyncInvokeConfig: z.strictObject({
      asyncTask: z.literal(true),
      maxAsyncRetryAttempts: z.int().min(0).max(8),
      maxAsyncEventAgeInSeconds: z.int().min(1).max(604800),
      destinationConfig: z.strictObject({
        onFailure: z.strictObject({
          destination: z
            .string()
            .regex(
              /^acs:mns:[\w-]+:\d+:\/queues\/[\w-]+\/messages$/,
              'acs:mns:REGION:ACCOUNT:/queues/NAME/messages',
            ),
        }),
      }),
    }),
    ossMountConfig: z.strictObject({
      mountPoints: z.array(
        z.strictObject({
          bucketName: text,
          bucketPath: z.string().startsWith('/'),
          endpoint: z.string().startsWith('https://'),
          mountDir: z.string().startsWith('/'),
          readOnly: z.literal(true),
        }),
      ),
    }),
    triggers: z.array(z.discriminatedUnion('triggerType', [timer, eventbridge])).min(1),
  })
  .superRefine((value, context) => {
    const perGb = value.cpu / (value.memorySize / 1024);
    if (perGb < 0.25 || perGb > 1) {
      context.addIssue(
        `cpu to memory must lie between 1:4 and 1:1, not ${value.cpu} to ${value.memorySize} MB`,
      );
    }
    const folders = value.ossMountConfig.mountPoints.map(({ mountDir }) => mountDir);
    if ((folders[0] ?? '/code/policies') !== value.environmentVariables.TAGSWEEP_POLICIES_DIR) {
      context.addIssue('TAGSWEEP_POLICIES_DIR must be where the policies are: packed, or at the mount');
    }
    if (value.logConfig.logstore === value.environmentVariables.TAGSWEEP_LOG_STORE) {
      context.addIssue(
        'audit records and the platform log need stores of their own: other readers, other retention',
      );
    }
  });

const deployment = z.strictObject({
  edition: z.literal('3.0.0'),
  name: text,
  access: text,
  vars: z.record(z.string(), z.unknown()),
  resources: z.strictObject({
    cleanup: z.strictObject({
      component: z.literal('fc3'),
      actions: z.strictObject({
        'pre-deploy': z.array(z.strictObject({ run: z.literal('npm run build'), path: text })).min(1),
      }),
      props,
    }),
  }),
});

export type Deployment = z.infer<typeof deployment>;

/** Every fault of a resolved s.yaml, as `path: what`; empty where there is none. */
export function deploymentFaults(resolved: unknown): readonly string[] {
  const result = deployment.safeParse(resolved);
  return result.success
    ? []
    : result.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
}

/** What the function would say of a timer's payload. */
function requestFault(payload: string): string | undefined {
  const event = { triggerTime: '2026-01-01T00:00:00Z', triggerName: 'nightly', payload };
  return faultOf(() => decodeEvent(Buffer.from(JSON.stringify(event))));
}

/** What the function would say of its settings. */
function settingsFault(variables: Readonly<Record<string, string>>): string | undefined {
  return faultOf(() => readConfig(variables));
}

function faultOf(act: () => unknown): string | undefined {
  try {
    act();
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

function isJson(value: string): boolean {
  try {
    return typeof JSON.parse(value) === 'object';
  } catch {
    return false;
  }
}
