import type { CommandLine } from '../lib/pages/model.ts';
import type { Plan } from '../lib/plan/types.ts';
import { encodeJson } from '../lib/text.ts';
import type { Arguments } from './arguments.ts';
import { shellWord } from './shell-word.ts';

/** The lines that apply exactly this plan, for whoever reviewed it. */
export function planCommands(plan: Plan, args: Arguments): readonly CommandLine[] {
  const { out } = args.texts;
  const [word = plan.policy.name] = args.positionals;
  const narrowing = ['regions', 'resource-types', 'resource-ids'].flatMap((flag) => {
    const list = args.lists[flag];
    return list === undefined ? [] : [`--${flag} ${shellWord(list.join(','))}`];
  });
  const account = args.texts.account === undefined ? [] : [`--account ${shellWord(args.texts.account)}`];
  const byHand: CommandLine =
    out === undefined
      ? {
          says: 'applyPolicy',
          line: [
            'tagsweep apply',
            shellWord(word),
            ...narrowing,
            ...account,
            '--plan-digest',
            plan.digest,
          ].join(' '),
        }
      : { says: 'applyFile', line: `tagsweep apply ${shellWord(out)}` };
  // What the function plans covers its account: the digest of a plan without it is another.
  if (plan.accountId === undefined) return [byHand];
  const { regions, 'resource-types': resourceTypes, 'resource-ids': resourceIds } = args.lists;
  const request = encodeJson({
    policy: plan.policy.name,
    mode: 'apply',
    regions,
    resourceTypes,
    resourceIds,
    planDigest: plan.digest,
  });
  return [
    byHand,
    {
      says: 'applyInvoke',
      line: `tagsweep invoke ${shellWord(request)} --account ${shellWord(plan.accountId)}`,
    },
  ];
}
