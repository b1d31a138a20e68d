import { randomUUID } from 'node:crypto';
import type { FunctionSpec } from '../fc/function.ts';
import type { Platform } from '../fc/platform.ts';
import type { Random } from '../random.ts';
import type { State } from '../state.ts';
import { actionTrailEvent, EventBus, type Rule } from './bus.ts';
import type { Pattern } from './pattern.ts';

export interface TriggerOptions extends Omit<Rule, 'pattern' | 'deliver'> {
  /** The rule's pattern, as the trigger has it. */
  readonly pattern: Pattern;
  readonly function: FunctionSpec;
}

/**
 * An EventBridge trigger with asynchronous invocation, as `s.yaml` declares one: every write call to ECI
 * becomes an event, and what the pattern lets through starts the function. EventBridge is done once Function
 * Compute has stored an event; from there on Function Compute tries again.
 */
export function connectTrigger(
  world: { readonly state: State; readonly platform: Platform; readonly random: Random },
  options: TriggerOptions,
): EventBus {
  const { function: spec, ...rule } = options;
  const deliver: Rule['deliver'] = async (event) => {
    const submission = { event: Buffer.from(JSON.stringify(event)), qualifier: 'LATEST' };
    world.platform.submit(spec, submission, randomUUID());
  };
  const bus = new EventBus([{ ...rule, deliver }], world.random);
  world.state.onWrite((write) => {
    if (write.phase === 'after') bus.publish(actionTrailEvent(write));
  });
  return bus;
}
