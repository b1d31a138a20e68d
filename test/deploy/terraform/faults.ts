import { nearest } from '../../../lib/policy/suggest.ts';
import { type ArgumentFacts, RESOURCES } from './facts.ts';
import type { Block, Expression } from './hcl.ts';
import { createValues, type Values } from './values.ts';
import { isOlder, lowestAllowed } from './versions.ts';

/** What Terraform itself reads, on every resource. */
const META = ['count', 'for_each', 'depends_on', 'provider', 'lifecycle', 'timeouts'];

type Arguments = Readonly<Record<string, ArgumentFacts>>;

/** What of a block's content is an argument: those written as blocks, `dynamic` ones by the name that they make. */
interface Content {
  readonly attributes: Readonly<Record<string, Expression>>;
  readonly blocks: readonly { readonly name: string; readonly dynamic: boolean; readonly body: Block }[];
}

/**
 * Everything in a module that the provider would refuse, or that its version may not know: unknown arguments,
 * those that cannot be set, missing, conflicting, deprecated and too young ones, and values out of range as far as
 * they can be told without evaluating the module.
 *
 * @param files the module's files, read, by name.
 * @param folder where files stand that expressions name.
 */
export function moduleFaults(files: readonly Block[], folder: URL): readonly string[] {
  const blocks = files.flatMap((file) => file.blocks);
  const values = createValues(blocks, folder);
  const lowest = lowestAllowed(blocks);
  return blocks
    .filter(({ type }) => type === 'resource')
    .flatMap((resource) => {
      const [type = '', name = ''] = resource.labels;
      const facts = RESOURCES[type];
      if (facts === undefined) return [`${type}.${name}: the provider's facts know no such resource`];
      const check = createCheck(values, lowest);
      return [
        ...check.age(`${type}.${name}`, facts.since),
        ...check.body(`${type}.${name}`, facts.arguments, contentOf(resource)),
      ];
    });
}

function contentOf({ attributes, blocks }: Block): Content {
  return {
    attributes: Object.fromEntries(Object.entries(attributes).filter(([name]) => !META.includes(name))),
    blocks: blocks
      .filter(({ type }) => !META.includes(type))
      .map((block) => {
        if (block.type !== 'dynamic') return { name: block.type, dynamic: false, body: block };
        const content = block.blocks.find(({ type }) => type === 'content') ?? block;
        return { name: block.labels[0] ?? '', dynamic: true, body: content };
      }),
  };
}

function createCheck(values: Values, lowest: string) {
  function age(at: string, since: string | undefined): string[] {
    return since !== undefined && isOlder(lowest, since)
      ? [`${at}: there since ${since}, and the module takes a provider as old as ${lowest}`]
      : [];
  }

  function body(at: string, known: Arguments, content: Content): string[] {
    const given = [...Object.keys(content.attributes), ...content.blocks.map(({ name }) => name)];
    return [
      ...[...new Set(given)].flatMap((name) => nameFaults(at, name, known, given)),
      ...Object.entries(known).flatMap(([name, facts]) => presenceFaults(at, name, facts, content)),
      ...Object.entries(content.attributes).flatMap(([name, expression]) => {
        const facts = known[name];
        if (facts === undefined) return [];
        if (facts.block !== undefined) return [`${at}.${name}: is written as a block, without "="`];
        return valueFaults(`${at}.${name}`, facts, values.of(expression));
      }),
      ...content.blocks.flatMap(({ name, body: inner }) => {
        const facts = known[name];
        if (facts === undefined) return [];
        if (facts.block === undefined) return [`${at}.${name}: is no block, but a value after "="`];
        return body(`${at}.${name}`, facts.block, contentOf(inner));
      }),
    ];
  }

  function nameFaults(at: string, name: string, known: Arguments, given: readonly string[]): string[] {
    const facts = known[name];
    if (facts === undefined) {
      const meant = nearest(name, Object.keys(known));
      return [`${at}.${name}: is no argument${meant === undefined ? '' : `; did you mean ${meant}?`}`];
    }
    const conflicts = (facts.conflictsWith ?? []).filter((other) => given.includes(other));
    return [
      ...(facts.required || facts.optional ? [] : [`${at}.${name}: cannot be set, the provider computes it`]),
      ...(facts.deprecated ? [`${at}.${name}: is deprecated`] : []),
      ...conflicts.map((other) => `${at}.${name}: conflicts with ${other}`),
      ...age(`${at}.${name}`, facts.since),
    ];
  }

  return { age, body };
}

function presenceFaults(at: string, name: string, facts: ArgumentFacts, content: Content): string[] {
  const isGiven = (one: string) =>
    one in content.attributes || content.blocks.some((block) => block.name === one);
  const written = content.blocks.filter((block) => block.name === name);
  const count = written.length;
  const isDynamic = written.some(({ dynamic }) => dynamic);
  const oneOf = facts.exactlyOneOf;
  return [
    ...(facts.required && !isGiven(name) ? [`${at}.${name}: is required`] : []),
    // Told once, of the first of them.
    ...(oneOf?.[0] === name && oneOf.filter(isGiven).length !== 1
      ? [`${at}: exactly one of ${oneOf.join(', ')} is wanted`]
      : []),
    ...(facts.maxItems !== undefined && count > facts.maxItems && !isDynamic
      ? [`${at}.${name}: ${count} times, at most ${facts.maxItems}`]
      : []),
    ...(facts.minItems !== undefined && isGiven(name) && count < facts.minItems
      ? [`${at}.${name}: at least ${facts.minItems}`]
      : []),
  ];
}

/** What the provider would say of a value; nothing where it cannot be told without evaluating the module. */
export function valueFaults(at: string, facts: ArgumentFacts, value: unknown): string[] {
  if (value === undefined || value === null) return [];
  if (['string', 'number', 'bool'].includes(facts.type)) {
    const found = typeof value === 'boolean' ? 'bool' : typeof value;
    if (found !== facts.type) return [`${at}: ${JSON.stringify(value)} is no ${facts.type}`];
  }
  const { oneOf, between: [least, most] = [], matches } = facts;
  return [
    ...(oneOf !== undefined && !oneOf.includes(value as string)
      ? [`${at}: ${JSON.stringify(value)} is none of ${oneOf.join(', ')}`]
      : []),
    ...(least !== undefined && most !== undefined && (Number(value) < least || Number(value) > most)
      ? [`${at}: ${value} lies outside of ${least} to ${most}`]
      : []),
    ...(matches !== undefined && !new RegExp(matches).test(String(value))
      ? [`${at}: ${JSON.stringify(value)} does not match ${matches}`]
      : []),
    ...(facts.json && !isJson(String(value)) ? [`${at}: is not JSON`] : []),
  ];
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
