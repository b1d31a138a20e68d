import { createSystemClock } from '../../lib/cloud/clock.ts';
import { readConfig } from '../../lib/cloud/config.ts';
import { connectInvoker } from '../../lib/cloud/connect.ts';
import { makeIdentityProof } from '../../lib/cloud/identity-proof.ts';
import { MAX_PLAN_BYTES, readPlanFile } from '../../lib/plan/plan-file.ts';
import { parseDuration } from '../../lib/policy/duration.ts';
import { type RecordedApproval, recordApproval } from '../../lib/run/record-approval.ts';
import { policyOf } from '../../lib/run/saved-plan.ts';
import { encodeJson, safeText } from '../../lib/text.ts';
import type { Arguments } from '../arguments.ts';
import { confirm } from '../ask.ts';
import type { Command } from '../command.ts';
import { FUNCTION_OPTIONS, functionPlace } from '../function-place.ts';
import { type ExitCode, type Io, UsageError } from '../io.ts';
import { JSON_OPTION, SETTING_OPTIONS, YES_OPTION } from '../options.ts';
import { outputOf } from '../output.ts';
import { savedPlanView } from '../plan-view.ts';
import { renderPlan } from '../render-plan.ts';
import { credentialsOf, effectiveEnvironment, openWorld } from '../world.ts';
import { readInput } from '../write-output.ts';

export const command: Command = {
  usage: 'approve DIGEST|plan.json [options]',
  description:
    'Says that a plan may be applied, for a policy with `approval`: a signed record of who and until when. Who you are\nis asked of Security Token Service. With TAGSWEEP_JOURNAL_KEY it is written here; with --through-function the\nfunction writes it, and the key stays there.',
  options: {
    until: {
      type: 'text',
      value: 'WHEN',
      help: 'how long it holds: 8h, 2d, or an instant; at most 30d, default 24h',
    },
    revoke: { type: 'boolean', help: 'take it back' },
    'through-function': { type: 'boolean', help: 'have the deployed function write it' },
    ...FUNCTION_OPTIONS,
    ...YES_OPTION,
    ...JSON_OPTION,
    ...SETTING_OPTIONS,
  },
  examples: [
    { line: 'approve plan.json --until 2d', says: 'after it was shown, and you said yes' },
    { line: 'approve sha256:… --through-function --account ID', says: 'without the key of the journal' },
    { line: 'approve sha256:… --revoke', says: 'take it back' },
  ],
  words: { least: 1, most: 1 },
  run: approve,
};

const DAY_MS = 86_400_000;

async function approve(args: Arguments, io: Io): Promise<ExitCode> {
  const digest = await readDigest(args, io);
  if (digest === undefined) {
    io.err('Nothing was approved.\n');
    return 1;
  }
  const clock = createSystemClock();
  const until = args.flags.has('revoke') ? undefined : readUntil(args, clock.now());
  const wish = { digest, ...(until !== undefined && { until }) };
  const { approval } = args.flags.has('through-function')
    ? await approveThrough(wish, args, io)
    : await approveHere(wish, args, io);
  outputOf(args, io).result(approval, () =>
    approval.until === undefined
      ? `${safeText(approval.by)} does not approve ${safeText(approval.planDigest)} any more.\n`
      : `${safeText(approval.by)} approves ${safeText(approval.planDigest)} until ${safeText(approval.until)}.\n`,
  );
  return 0;
}

/** The digest that is meant; of a plan file after it was shown and agreed to. */
async function readDigest(args: Arguments, io: Io): Promise<string | undefined> {
  const word = args.positionals[0] ?? '';
  if (/^sha256:[0-9a-f]{64}$/.test(word)) return word;
  if (!/\.json$/i.test(word)) {
    throw new UsageError(
      `${safeText(word)} is neither a digest (sha256: and 64 hexadecimal digits) nor a plan file.`,
    );
  }
  const plan = readPlanFile(readInput(word, MAX_PLAN_BYTES), safeText(word));
  if (args.flags.has('yes') || args.flags.has('revoke')) return plan.digest;
  io.err(renderPlan(savedPlanView(plan, policyOf(plan)), io.errPaint, { all: false }));
  return (await confirm(`\nApprove this plan?`, 'approve', io)) ? plan.digest : undefined;
}

function readUntil({ texts }: Arguments, nowMs: number): string {
  const { until } = texts;
  if (until === undefined) return new Date(nowMs + DAY_MS).toISOString();
  const ageMs = parseDuration(until);
  const atMs = ageMs === undefined ? Date.parse(until) : nowMs + ageMs;
  if (Number.isFinite(atMs) && atMs > nowMs) return new Date(atMs).toISOString();
  throw new UsageError(
    `--until ${safeText(until)}: it is a time from now, as 8h or 2d, or an instant to come, as 2026-12-01T08:00Z.`,
  );
}

interface Wish {
  readonly digest: string;
  readonly until?: string;
}

async function approveHere(wish: Wish, args: Arguments, io: Io): Promise<RecordedApproval> {
  const { ports, whose } = await openWorld(args, io);
  const arn = whose.identity.actor ?? '';
  if (arn === '' || whose.accountId === undefined) {
    throw new UsageError(
      'Who approves could not be told: Security Token Service did not say whose these credentials are.',
    );
  }
  return recordApproval(wish, { arn, accountId: whose.accountId }, ports, whose.identity);
}

async function approveThrough({ digest, until }: Wish, args: Arguments, io: Io): Promise<RecordedApproval> {
  const place = functionPlace(args, io, 'approve --through-function');
  const config = readConfig(effectiveEnvironment(args, io));
  const credentials = credentialsOf(args, io);
  const clock = createSystemClock();
  const purpose = { approve: digest, until: until ?? '' };
  const proof = makeIdentityProof(await credentials(), purpose, clock.now());
  const invoker = connectInvoker(config, credentials, place, { clock });
  const answer = await invoker.call({ approve: digest, ...(until !== undefined && { until }), proof });
  const { approval } = (answer ?? {}) as Partial<RecordedApproval>;
  if (approval?.planDigest === digest) return { approval };
  throw new UsageError(`The function answered something else: ${encodeJson(answer).slice(0, 300)}`);
}
