import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { CATALOGUE, LANGUAGES, languageOf, speaker, type Word } from '../../../lib/words/words.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const WORDS = Object.keys(CATALOGUE.en) as Word[];

/** The names of a message's gaps. */
function gapsOf(message: string): readonly string[] {
  return [...new Set([...message.matchAll(/\{(\w+)/g)].map(([, name]) => name!))].sort();
}

/** Everything that may say a message. */
function sources(): string {
  return ['cli', 'pages', 'lib/pages']
    .flatMap((folder) =>
      readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map((name) =>
        join(folder, name),
      ),
    )
    .filter((name) => /\.tsx?$/.test(name))
    .map((name) => readFileSync(join(ROOT, name), 'utf8'))
    .join('\n');
}

describe('the catalogue', () => {
  it.each(LANGUAGES)('has every message in %s, and no other', (language) => {
    expect(Object.keys(CATALOGUE[language]).sort()).toEqual([...WORDS].sort());
  });

  it.each(LANGUAGES)('leaves no message empty in %s', (language) => {
    expect(WORDS.filter((word) => CATALOGUE[language][word].trim() === '')).toEqual([]);
  });

  it('asks for the same gaps in every language', () => {
    const different = WORDS.filter(
      (word) => String(gapsOf(CATALOGUE.en[word])) !== String(gapsOf(CATALOGUE['zh-CN'][word])),
    );

    expect(different).toEqual([]);
  });

  it('holds no message that nobody says', () => {
    const text = sources();
    // A family, such as the reasons, is said by the part before its last underscore.
    const unsaid = WORDS.filter(
      (word) => !text.includes(`'${word}'`) && !text.includes(`\`${word.replace(/_[^_]*$/, '_')}\${`),
    );

    expect(unsaid).toEqual([]);
  });

  it('is Chinese in Chinese, but for names', () => {
    const plain = WORDS.filter((word) => !/[\u4e00-\u9fff]/.test(CATALOGUE['zh-CN'][word]));

    expect(plain).toEqual(['otherLanguage', 'percent']);
  });
});

describe('speaker', () => {
  it.each([
    { n: 1, text: '1 tag' },
    { n: 2, text: '2 tags' },
    { n: 0, text: '0 tags' },
    { n: 12345, text: '12,345 tags' },
  ])('says $text in the form that goes with the number', ({ n, text }) => {
    expect(speaker('en')('nTags', { n })).toBe(text);
  });

  it('says the same in Chinese, which has one form', () => {
    expect(speaker('zh-CN')('nTags', { n: 12345 })).toBe('12,345 个标签');
  });

  it('takes what stands in a gap for text, whatever it holds', () => {
    expect(speaker('en')('planTitle', { policy: '{n} $& <b>' })).toBe('Plan of {n} $& <b>');
  });
});

describe('languageOf', () => {
  it.each([
    ['zh_CN.UTF-8', 'zh-CN'],
    ['zh', 'zh-CN'],
    ['en_US.UTF-8', 'en'],
    ['EN-gb', 'en'],
    ['C.UTF-8', undefined],
    ['de_DE', undefined],
    ['', undefined],
  ])('reads %j as %s', (tag, language) => {
    expect(languageOf(tag)).toBe(language);
  });
});
