import { readFileSync } from 'node:fs';
import type { Block } from './hcl.ts';
import { createValues } from './values.ts';

/** What this project asks of the module beyond what the provider does. */
export function ownFaults(files: readonly Block[], folder: URL): readonly string[] {
  const blocks = files.flatMap((file) => file.blocks);
  const values = createValues(blocks, folder);
  const resources = (type: string) =>
    blocks.filter((block) => block.type === 'resource' && block.labels[0] === type);
  const index = JSON.parse(readFileSync(new URL('log-index.json', folder), 'utf8'));

  return [
    ...resources('alicloud_ram_policy').flatMap(({ labels, attributes }) => [
      // RAM keeps five versions of a policy, and a sixth change would be refused.
      ...('rotate_strategy' in attributes ? [] : [`${labels.join('.')}: without rotate_strategy`]),
      ...(/allow_apply/.test(attributes.policy_document?.text ?? '')
        ? [`${labels.join('.')}: its document depends on allow_apply; the switch is an attachment`]
        : []),
    ]),
    ...alarmFaults(new URL('alarms.json', folder)),
    ...resources('alicloud_log_store_index')
      .filter(({ labels }) => labels[1] === 'audit')
      .filter(({ attributes: { max_text_len: given } }) => {
        return given === undefined || values.of(given) !== index.max_text_len;
      })
      .map(({ labels }) => `${labels.join('.')}: max_text_len is not what log-index.json says`),
  ];
}

interface Alarm {
  readonly queries: readonly { readonly start: string; readonly end: string }[];
}

/** An alarm's query that looks back further is refused by the service. */
const LONGEST_WINDOW_HOURS = 24;

export function alarmFaults(file: URL, text = readFileSync(file, 'utf8')): readonly string[] {
  const alarms = JSON.parse(text) as Readonly<Record<string, Alarm>>;
  return Object.entries(alarms).flatMap(([name, { queries }]) =>
    queries.flatMap(({ start, end }) => {
      const hours = hoursAgo(start) - hoursAgo(end);
      const isGood = hours > 0 && hours <= LONGEST_WINDOW_HOURS;
      return isGood ? [] : [`${name}: from ${start} to ${end} is no window of at most 24 hours`];
    }),
  );
}

function hoursAgo(time: string): number {
  if (time === 'now') return 0;
  const [, count, unit] = /^-(\d+)([smhd])$/.exec(time) ?? [];
  return Number(count) * ({ s: 1 / 3600, m: 1 / 60, h: 1, d: 24 }[unit ?? ''] ?? Number.NaN);
}
