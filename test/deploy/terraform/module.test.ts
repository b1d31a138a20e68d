// biome-ignore-all lint/suspicious/noTemplateCurlyInString: they are Terraform's.
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { PROVIDER_READ } from './facts.ts';
import { moduleFaults } from './faults.ts';
import { type Block, readHcl } from './hcl.ts';
import { alarmFaults, ownFaults } from './own-rules.ts';
import { lowestAllowed } from './versions.ts';

const folder = new URL('../../../deploy/', import.meta.url);
const sources = Object.fromEntries(
  readdirSync(folder)
    .filter((name) => name.endsWith('.tf'))
    .map((name) => [name, readFileSync(new URL(name, folder), 'utf8')]),
);

/** The faults of the module with a text in its place, which must stand there once. */
function faultsWith(file = 'main.tf', text = '', instead = ''): string {
  const source = sources[file] ?? '';
  expect(text === '' || source.split(text).length === 2, `${text} stands once in ${file}`).toBe(true);
  const changed = { ...sources, [file]: source.replace(text, () => instead) };
  const files = Object.values(changed).map(readHcl);
  return [...moduleFaults(files, folder), ...ownFaults(files, folder)].join('\n');
}

function blocksOf(): readonly Block[] {
  return Object.values(sources).flatMap((source) => readHcl(source).blocks);
}

describe('deploy/*.tf', () => {
  it('gives the provider nothing that it would refuse', () => {
    expect(faultsWith()).toBe('');
  });

  it('asks for the version of the provider that was read', () => {
    expect(lowestAllowed(blocksOf())).toBe(PROVIDER_READ);
  });

  it('writes every variable that s.yaml reads', () => {
    const read = readFileSync(new URL('../s.yaml', folder), 'utf8').matchAll(/env\('TAGSWEEP_DEPLOY_(\w+)'/g);
    const written = blocksOf()
      .filter(({ type }) => type === 'locals')
      .map(({ attributes }) => attributes.deployment?.text ?? '')
      .join('')
      .matchAll(/^\s*([A-Z_]+)\s*=/gm);

    expect([...written].map(([, name]) => name).sort()).toEqual([...read].map(([, name]) => name).sort());
  });

  it.each([
    {
      fault: 'a retention that the queue does not take',
      text: 'message_retention_period = 604800',
      instead: 'message_retention_period = 1209600',
      says: /alicloud_message_service_queue\.failures\.message_retention_period: 1209600 lies outside of 60 to 604800/,
    },
    {
      fault: 'a policy that a sixth version is refused of',
      text: '  policy_document = templatefile("${path.module}/../policies/ram/function-changes.json", local.ram)\n  rotate_strategy = local.rotate\n',
      instead: '',
      says: /alicloud_ram_policy\.changes: without rotate_strategy/,
    },
    {
      fault: 'a strategy that there is not',
      text: 'rotate = "DeleteOldestNonDefaultVersionWhenLimitExceeded"',
      instead: 'rotate = "DeleteOldest"',
      says: /rotate_strategy: "DeleteOldest" is none of/,
    },
    {
      fault: 'the right to change tags in a document rather than an attachment',
      text: 'templatefile("${path.module}/../policies/ram/function-dry-run.json", local.ram)',
      instead:
        'templatefile("${path.module}/../policies/ram/${var.allow_apply ? "function" : "function-dry-run"}.json", local.ram)',
      says: /alicloud_ram_policy\.function: its document depends on allow_apply/,
    },
    {
      fault: 'an index without the length of its texts',
      text: '  max_text_len = local.index.max_text_len\n',
      instead: '',
      says: /alicloud_log_store_index\.audit: max_text_len is not what log-index\.json says/,
    },
    {
      fault: 'an index with another length',
      text: 'max_text_len = local.index.max_text_len',
      instead: 'max_text_len = 2048',
      says: /alicloud_log_store_index\.audit: max_text_len is not what log-index\.json says/,
    },
    {
      fault: 'a version that is too old for an argument',
      text: 'version = "1.289.0"',
      instead: 'version = "~> 1.230"',
      says: /role_name: there since 1\.252\.0, and the module takes a provider as old as 1\.230[\s\S]*max_text_len: there since 1\.263\.0/,
    },
    {
      fault: 'a misspelt argument',
      text: 'retention_period      = var.audit_retention_days',
      instead: 'retention_perod       = var.audit_retention_days',
      says: /retention_perod: is no argument; did you mean retention_period\?/,
    },
    {
      fault: 'an attribute that the provider computes',
      text: 'description     = "tagsweep: list ECI resources, keep the record"',
      instead: 'attachment_count = 1',
      says: /attachment_count: cannot be set/,
    },
    {
      fault: 'a required argument left out',
      text: '  alert_displayname = each.value.title\n',
      instead: '',
      says: /alert_displayname: is required/,
    },
    {
      fault: 'a deprecated argument',
      text: 'role_name                   = local.role_name',
      instead: 'name = local.role_name',
      says: /alicloud_ram_role\.function\.name: is deprecated/,
    },
    {
      fault: 'two that exclude each other',
      text: 'role_name                   = local.role_name',
      instead: 'role_name = local.role_name\n  name = "x"',
      says: /conflicts with name/,
    },
    {
      fault: 'none of two of which one is wanted',
      text: 'project_name = var.log_project\n',
      instead: '\n',
      says: /alicloud_log_project\.this: exactly one of project_name, name is wanted/,
    },
    {
      fault: 'a word that is none of the possible ones',
      text: 'type     = "FixedRate"',
      instead: 'type     = "Sometimes"',
      says: /schedule\.type: "Sometimes" is none of FixedRate/,
    },
    {
      fault: 'a text where a number is wanted',
      text: 'mute_until        = 0',
      instead: 'mute_until = "never"',
      says: /mute_until: "never" is no number/,
    },
    {
      fault: 'a value where a block is wanted',
      text: 'group_configuration {\n    type = "no_group"\n  }',
      instead: 'group_configuration = { type = "no_group" }',
      says: /group_configuration: is written as a block/,
    },
    {
      fault: 'a block too many',
      text: 'group_configuration {\n    type = "no_group"\n  }',
      instead:
        'group_configuration {\n    type = "no_group"\n  }\n  group_configuration {\n    type = "custom"\n  }',
      says: /group_configuration: 2 times, at most 1/,
    },
    {
      fault: 'a misspelt argument of a block that is made for each',
      text: 'enable_analytics = field_search.value.doc_value',
      instead: 'enable_analytic = field_search.value.doc_value',
      says: /field_search\.enable_analytic: is no argument; did you mean enable_analytics\?/,
    },
    {
      fault: 'a resource that nothing is known of',
      text: 'resource "alicloud_log_project" "this"',
      instead: 'resource "alicloud_log_projects" "this"',
      says: /alicloud_log_projects\.this: the provider's facts know no such resource/,
    },
  ])('is caught with $fault', ({ text, instead, says }) => {
    expect(faultsWith('main.tf', text, instead)).toMatch(says);
  });
});

describe('deploy/alarms.json', () => {
  it.each([
    { fault: 'a query over more than a day', start: '-26h', end: 'now', is: /no-success: from -26h to now/ },
    { fault: 'a query that ends before it begins', start: '-1h', end: '-2h', is: /from -1h to -2h/ },
    { fault: 'a time that is none', start: 'yesterday', end: 'now', is: /from yesterday to now/ },
    { fault: 'nothing wrong', start: '-26h', end: '-2h', is: /^$/ },
  ])('is caught with $fault', ({ start, end, is }) => {
    const text = JSON.stringify({ 'no-success': { queries: [{ start, end }] } });

    expect(alarmFaults(new URL('alarms.json', folder), text).join()).toMatch(is);
  });
});
