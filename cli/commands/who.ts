import { createCallTrail } from '../../lib/cloud/action-trail.ts';
import type { TrailEvent } from '../../lib/ports.ts';
import { findWho, type Taken, type WhoAnswer } from '../../lib/run/who.ts';
import { joinTrail } from '../../lib/run/who-trail.ts';
import { encodeJson, safeText } from '../../lib/text.ts';
import type { Arguments } from '../arguments.ts';
import type { Command } from '../command.ts';
import type { ExitCode, Io } from '../io.ts';
import { ALL_OPTION, JSON_OPTION, SETTING_OPTIONS } from '../options.ts';
import { readSince, SINCE_OPTIONS } from '../since.ts';
import { localTimeWithZone } from '../times.ts';
import { credentialsOf, openAudit } from '../world.ts';

export const command: Command = {
  usage: 'who RESOURCE [KEY] [options]',
  description:
    'Tells who took tags from a resource: when, by which run, rule and policy, started by whom, the value, and whether it\nwas put back. Reads the records, and where it may be asked (actiontrail:LookupEvents), ActionTrail: what that calls the\ncaller. --all prints the text of the policy.',
  options: { ...SINCE_OPTIONS, ...ALL_OPTION, ...JSON_OPTION, ...SETTING_OPTIONS },
  examples: [{ line: 'who eci-2ze81zoc3yl7a3we cost-center', says: 'who took the cost center?' }],
  words: { least: 1, most: 2 },
  run: who,
};

async function who(args: Arguments, io: Io): Promise<ExitCode> {
  const [resourceId = '', key] = args.positionals;
  const { audit, clock, signer, config } = openAudit(args, io, 'who');
  const found = await findWho(
    { audit, ...(signer && { signer }) },
    { resourceId, ...(key !== undefined && { key }), fromMs: readSince(args, clock.now()) },
  );
  const answer = await joinTrail(found, createCallTrail(config, credentialsOf(args, io)), clock);
  if (args.flags.has('json')) io.out(`${encodeJson(answer, 2)}\n`);
  else io.page(render(answer, resourceId, key, args, io));
  return 0;
}

function render(
  { taken, warnings }: WhoAnswer,
  resourceId: string,
  key: string | undefined,
  args: Arguments,
  io: Io,
): string {
  const what = key === undefined ? 'No tag' : `No tag ${safeText(key)}`;
  const body =
    taken.length === 0
      ? [`${what} of ${safeText(resourceId)} was removed, as far as the records go back (--since, --days).`]
      : taken.map((one) => block(one, args, io));
  const notes = warnings.map((warning) => io.paint.yellow(safeText(warning)));
  return `${[...body, ...notes].join('\n\n')}\n`;
}

const OUTCOMES: Readonly<Record<Taken['outcome'], string>> = {
  removed: 'removed',
  failed: 'asked for, and refused',
  unknown: 'announced or asked for; no record tells whether it went',
};

function callerOf({ caller, sourceIp, userAgent, eventId }: TrailEvent): string {
  return [
    `${caller.type} ${caller.name}`,
    caller.accessKeyId && `key ${caller.accessKeyId}`,
    sourceIp && `from ${sourceIp}`,
    userAgent && `with ${userAgent}`,
    eventId && `event ${eventId}`,
  ]
    .filter(Boolean)
    .map((word) => safeText(String(word)))
    .join(', ');
}

function block(one: Taken, args: Arguments, { paint }: Io): string {
  const { startedBy: by, policy } = one;
  const value = one.value === undefined ? '(value not kept)' : `= ${encodeJson(one.value)}`;
  const rows: (readonly [string, string | undefined])[] = [
    ['when', safeText(localTimeWithZone(one.at))],
    ['what', OUTCOMES[one.outcome]],
    ['where', `${safeText(one.region)} ${one.type} ${safeText(one.id)}`],
    ['run', `${safeText(one.runId)}, attempt ${safeText(one.attemptId)}`],
    ['policy', `${safeText(policy.name)}, ${safeText(policy.digest)}`],
    ['rule', one.rule === undefined ? undefined : safeText(one.rule)],
    [
      'started by',
      [
        by.trigger,
        by.actor,
        by.functionName && `function ${by.functionName}`,
        by.requestId && `request ${by.requestId}`,
        by.accountId && `account ${by.accountId}`,
      ]
        .filter(Boolean)
        .map((word) => safeText(String(word)))
        .join(', '),
    ],
    ['ECI request', one.requestId === undefined ? undefined : safeText(one.requestId)],
    ['ActionTrail', one.trail && callerOf(one.trail)],
    [
      'put back',
      one.putBack === undefined
        ? 'not by any undo in the records'
        : `${safeText(localTimeWithZone(one.putBack.at))}, by ${safeText(one.putBack.runId)}`,
    ],
  ];
  const lines = rows.flatMap(([name, text]) =>
    text === undefined ? [] : [`  ${paint.dim(name.padEnd(13))}${text}`],
  );
  const text =
    args.flags.has('all') && policy.document !== undefined
      ? [`  ${paint.dim('policy text')}`, encodeJson(policy.document, 2)]
      : [];
  return [`${paint.bold(safeText(one.key))} ${value}`, ...lines, ...text].join('\n');
}
