import { parsePolicyDocument } from '../../lib/policy/parse.ts';
import type { Policy } from '../../lib/policy/policy.ts';

export { aResource, aTag, type ResourceDraft, tagsOf } from './resources.ts';

/** A policy that removes `ci-*` everywhere, but for what is said: a part of a policy document. */
export function aPolicy(part: Readonly<Record<string, unknown>> = {}): Policy {
  const document = {
    version: 1,
    name: 'a-policy',
    scope: { regions: 'all' },
    remove: [{ key: 'ci-*' }],
    ...part,
  };
  return parsePolicyDocument(document, 'test policy');
}
