import { type ParseArgsConfig, parseArgs } from 'node:util';
import { nearest } from '../lib/policy/suggest.ts';
import { safeText } from '../lib/text.ts';
import { UsageError } from './io.ts';

/** One flag. A `list` may be given several times, and its values hold several words between commas. */
export interface OptionSpec {
  readonly type: 'boolean' | 'text' | 'list';
  readonly short?: string;
  /** What stands for the value in the help, such as `FILE`. */
  readonly value?: string;
  readonly help: string;
}

export type OptionSpecs = Readonly<Record<string, OptionSpec>>;

/** What a command was called with. A flag that was not given is absent. */
export interface Arguments {
  readonly positionals: readonly string[];
  readonly flags: ReadonlySet<string>;
  readonly texts: Readonly<Record<string, string>>;
  readonly lists: Readonly<Record<string, readonly string[]>>;
}

/**
 * Reads a command's arguments.
 *
 * @throws {UsageError} for an unknown flag (with what was probably meant), a missing or unwanted value, or
 * a text flag given twice.
 */
export function readArguments(args: readonly string[], options: OptionSpecs): Arguments {
  const { tokens, positionals } = parseArgs({
    args: [...args],
    options: toParseArgsOptions(options),
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const flags = new Set<string>();
  const texts: Record<string, string> = {};
  const lists: Record<string, string[]> = {};
  for (const token of tokens) {
    if (token.kind !== 'option') continue;
    const spec = findOption(token.name, token.rawName, options);
    if (spec.type === 'boolean') {
      if (token.value !== undefined) throw new UsageError(`${token.rawName} takes no value.`);
      flags.add(token.name);
      continue;
    }
    const value = checkValue(token.rawName, token.value, token.inlineValue === true, spec);
    if (spec.type === 'list') {
      lists[token.name] = [...(lists[token.name] ?? []), ...splitList(token.rawName, value)];
    } else {
      if (texts[token.name] !== undefined) throw new UsageError(`${token.rawName} was given twice.`);
      texts[token.name] = value;
    }
  }
  return { positionals, flags, texts, lists };
}

function toParseArgsOptions(options: OptionSpecs): NonNullable<ParseArgsConfig['options']> {
  const config: NonNullable<ParseArgsConfig['options']> = {};
  for (const [name, spec] of Object.entries(options)) {
    config[name] = {
      type: spec.type === 'boolean' ? 'boolean' : 'string',
      multiple: spec.type === 'list',
      ...(spec.short === undefined ? {} : { short: spec.short }),
    };
  }
  return config;
}

function findOption(name: string, rawName: string, options: OptionSpecs): OptionSpec {
  const spec = Object.hasOwn(options, name) ? options[name] : undefined;
  if (spec !== undefined) return spec;
  const meant = nearest(name, Object.keys(options));
  const hint = meant === undefined ? '' : ` Did you mean --${meant}?`;
  throw new UsageError(`There is no option ${safeText(rawName)}.${hint}`);
}

/** `--out --json` is a forgotten value rather than a file named `--json`. */
function checkValue(rawName: string, value: string | undefined, inline: boolean, spec: OptionSpec): string {
  const wanted = spec.value ?? 'VALUE';
  if (value === undefined || value === '')
    throw new UsageError(`${rawName} needs a value: ${rawName} ${wanted}.`);
  if (!inline && value.startsWith('-') && value.length > 1) {
    throw new UsageError(
      `${rawName} needs a value, and was followed by ${safeText(value)}. If that is the value: ${rawName}=${safeText(value)}.`,
    );
  }
  return value;
}

function splitList(rawName: string, value: string): readonly string[] {
  const words = value.split(',').map((word) => word.trim());
  if (words.includes('')) throw new UsageError(`${rawName}: an empty word in the list "${safeText(value)}".`);
  return words;
}
