import type { Block } from './hcl.ts';

/**
 * The oldest version of the provider that a module's `required_providers` lets in.
 *
 * @throws {Error} when it asks for none, or in a way that is not read here.
 */
export function lowestAllowed(blocks: readonly Block[]): string {
  const required = blocks
    .filter(({ type }) => type === 'terraform')
    .flatMap((block) => block.blocks)
    .find(({ type }) => type === 'required_providers');
  const constraint = /\bversion\s*=\s*"([^"]*)"/.exec(required?.attributes.alicloud?.text ?? '')?.[1];
  if (constraint === undefined) throw new Error('the module asks for no version of alicloud');
  const bounds = constraint.split(',').map((part) => part.trim());
  const lower = bounds.flatMap((bound) => /^(?:=|~>|>=)?\s*(\d+(?:\.\d+)*)$/.exec(bound)?.[1] ?? []);
  const [lowest] = lower.sort((a, b) => (isOlder(a, b) ? 1 : -1));
  if (lowest === undefined) throw new Error(`"${constraint}" names no oldest version`);
  return lowest;
}

export function isOlder(version: string, other: string): boolean {
  const [a, b] = [version, other].map((text) => text.split('.').map(Number)) as [number[], number[]];
  const at = [0, 1, 2].find((index) => (a[index] ?? 0) !== (b[index] ?? 0));
  return at !== undefined && (a[at] ?? 0) < (b[at] ?? 0);
}
