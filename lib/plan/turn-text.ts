import { stepsText, type Trace } from './trace.ts';
import type { Change, Turn } from './turn.ts';
import type { Decision } from './types.ts';

type Asked = readonly { readonly label: string; readonly trace: Trace }[];

/**
 * What turns a verdict, in one sentence: alternatives joined by `or`, changes that must come together by `and`.
 *
 * @param asked what the rules and protections asked for, with the values that were seen.
 */
export function turnsText(decision: Decision, turns: readonly Turn[], asked: Asked): string {
  if (decision.reason === 'reservedKey') {
    return 'Nothing turns this: keys that begin with acs: or aliyun belong to the cloud.';
  }
  if (decision.reason === 'unnoticed') return 'It goes once an apply announced it and the grace is over.';
  if (decision.reason === 'noticed') {
    const due = new Date(decision.notice?.dueAtMs ?? 0).toISOString();
    return `It goes with the first apply after ${due}, unless it is changed or protected until then.`;
  }
  if (turns.length === 0) return 'No change short of another policy is known to turn this.';
  const [first, ...more] = turns.map((turn) => listText(turn.map((change) => changeText(change, asked))));
  if (decision.verdict === 'remove') return `It would stay ${listText([first!, ...more], 'or')}.`;
  const need = decision.reason === 'kubernetesKey' ? 'Kubernetes needs this key. ' : '';
  // Only a rule is missing: then it goes, for certain; what else can change may change more than one thing.
  const would = turns[0]!.every(({ kind }) => kind === 'removeKey' || kind === 'valuePasses');
  const later = turns[1]?.find((change) => change.kind === 'after');
  const lapse = later && turns[1]?.length === 1 ? `, or ${changeText(later, asked)}` : '';
  return `${need}It ${would ? 'would' : 'could'} go ${first}${lapse}.`;
}

function changeText(change: Change, asked: Asked): string {
  switch (change.kind) {
    case 'protectKey':
      return 'if a protection named it';
    case 'notSelected':
      return 'if the resource were no longer selected';
    case 'hasRoom':
      return `if the resource had no more than ${change.to} tags`;
    case 'withoutRules':
      return `without ${listText(change.rules)}`;
    case 'valuePassesNone': {
      const [only, ...others] = change.rules;
      const steps = others.length === 0 ? stepsOf(only, asked) : undefined;
      return steps === undefined
        ? `if its value passed none of ${listText(change.rules)}`
        : `if its value no longer passed ${steps}`;
    }
    case 'unprotect':
      return `if unprotect named ${change.key} exactly`;
    case 'scope':
      return change.value === undefined
        ? 'if its resource group were seen, and one of the scope'
        : `if the scope held the ${SCOPE_WORDS[change.part]} ${change.value}`;
    case 'withoutProtection':
      return `if ${change.protection} ${liftText(change.truth, stepsOf(change.protection, asked))}`;
    case 'after':
      return `after ${new Date(change.atMs).toISOString()}`;
    case 'selected':
      return change.truth === 'unknown'
        ? 'if the selection could be decided, and held'
        : 'if the resource were selected';
    case 'removeKey':
      return 'if a rule under remove named its key, which none does';
    case 'valuePasses': {
      const trace = traceOf(change.rule, asked);
      const unread = trace?.truth === 'unknown';
      const steps = trace && stepsText(trace);
      return unread
        ? `if its value could be read, and passed ${change.rule}, which asks ${steps}`
        : `if its value passed ${change.rule}, which fails on ${steps}`;
    }
    case 'withoutWhen':
      return `if ${change.rule} asked for no value`;
  }
}

const SCOPE_WORDS = {
  regions: 'region',
  resourceTypes: 'resource type',
  resourceGroups: 'resource group',
} as const;

function liftText(truth: unknown, steps: string | undefined): string {
  if (truth === 'unknown') return 'could be decided, and did not hold';
  return steps === undefined ? 'did not name the key' : 'no longer held';
}

function stepsOf(label: string | undefined, asked: Asked): string | undefined {
  const trace = traceOf(label, asked);
  return trace && stepsText(trace);
}

function traceOf(label: string | undefined, asked: Asked): Trace | undefined {
  return asked.find((one) => one.label === label)?.trace;
}

/** `A`, `A and B`, `A, B and C`. */
function listText(items: readonly string[], joiner: 'and' | 'or' = 'and'): string {
  if (items.length < 2) return items.join('');
  return `${items.slice(0, -1).join(', ')} ${joiner} ${items.at(-1)}`;
}
