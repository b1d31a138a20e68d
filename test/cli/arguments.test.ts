import { describe, expect, it } from 'vitest';
import { type OptionSpecs, readArguments } from '../../cli/arguments.ts';

const OPTIONS: OptionSpecs = {
  json: { type: 'boolean', help: '' },
  out: { type: 'text', short: 'o', value: 'FILE', help: '' },
  regions: { type: 'list', value: 'REGION,…', help: '' },
};

describe('readArguments', () => {
  it('reads words, flags, texts and lists in any order', () => {
    const args = readArguments(
      ['--json', 'a', '-o', 'x.json', '--regions', 'r1,r2', 'b', '--regions=r3'],
      OPTIONS,
    );

    expect(args.positionals).toEqual(['a', 'b']);
    expect([...args.flags]).toEqual(['json']);
    expect(args.texts).toEqual({ out: 'x.json' });
    expect(args.lists).toEqual({ regions: ['r1', 'r2', 'r3'] });
  });

  it('takes everything after -- for words', () => {
    expect(readArguments(['--', '--json'], OPTIONS).positionals).toEqual(['--json']);
  });

  it.each([
    ['a misspelt flag', ['--jsn'], 'There is no option --jsn. Did you mean --json?'],
    ['an unknown flag', ['--verbose'], 'There is no option --verbose.'],
    ['a flag of the prototype', ['--constructor'], 'There is no option --constructor.'],
    ['a text without value', ['--out'], '--out needs a value: --out FILE'],
    ['a text followed by a flag', ['--out', '--json'], '--out needs a value, and was followed by --json'],
    ['an empty text', ['--out='], '--out needs a value'],
    ['a flag with a value', ['--json=yes'], '--json takes no value'],
    ['a text given twice', ['--out', 'a', '--out', 'b'], '--out was given twice'],
    ['an empty word in a list', ['--regions', 'a,,b'], 'an empty word in the list'],
  ])('refuses %s', (_, args, message) => {
    expect(() => readArguments(args, OPTIONS)).toThrow(message);
  });
});
