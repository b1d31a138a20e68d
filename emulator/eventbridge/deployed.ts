import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import type { Pattern } from './pattern.ts';

/** The rule of the event trigger that is deployed. */
export function deployedEventPattern(): Pattern {
  const text = readFileSync(new URL('../../s.yaml', import.meta.url), 'utf8');
  const { triggers } = parse(text).resources.cleanup.props;
  const trigger = triggers.find((one: { triggerType: string }) => one.triggerType === 'eventbridge');
  return JSON.parse(trigger.triggerConfig.eventRuleFilterPattern);
}
