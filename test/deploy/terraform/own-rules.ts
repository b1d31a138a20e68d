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
    ...resources('alicloud_log_store_index')
      .filter(({ labels }) => labels[1] === 'audit')
      .filter(({ attributes: { max_text_len: given } }) => {
        return given === undefined || values.of(given) !== index.max_text_len;
      })
      .map(({ labels }) => `${labels.join('.')}: max_text_len is not what log-index.json says`),
  ];
}
