import { EN } from './en.ts';
import { ZH_CN } from './zh-cn.ts';

/** The languages that people are spoken to in, by their BCP 47 tags. JSON and records are English in all of them. */
export const LANGUAGES = ['en', 'zh-CN'] as const;

export type Language = (typeof LANGUAGES)[number];

/** A message of the catalogue, by its name. */
export type Word = keyof typeof EN;

/** What stands for a message's gaps: a number is written as the language writes numbers. */
type Gaps<Text extends string> = Text extends `${string}{${infer Gap}}${infer Rest}`
  ? (Gap extends `${infer Name}:${string}` ? Name : Gap) | Gaps<Rest>
  : never;

export type GapsOf<W extends Word> = Gaps<(typeof EN)[W]>;

/** The catalogue: every message in every language. */
export const CATALOGUE: Readonly<Record<Language, Readonly<Record<Word, string>>>> = {
  en: EN,
  'zh-CN': ZH_CN,
};

const GAP = /\{(\w+)(?::([^|{}]*)\|([^{}]*))?\}/g;

/** Says a message of the catalogue; a message with gaps asks for all of them. */
export type Say = <W extends Word>(
  word: W,
  ...gaps: [GapsOf<W>] extends [never] ? [] : [Readonly<Record<GapsOf<W>, string | number>>]
) => string;

/**
 * Speaks one language: `{n}` is a gap, and `{n:tag|tags}` the form that goes with the number in it.
 *
 * @example `speaker('en')('nTags', { n: 2 })` is `2 tags`.
 */
export function speaker(language: Language): Say {
  const messages = CATALOGUE[language];
  return (word, ...[gaps]) =>
    messages[word].replace(GAP, (_, name: string, one?: string, many?: string) => {
      const value = (gaps as Readonly<Record<string, string | number>> | undefined)?.[name] ?? '';
      if (one !== undefined && many !== undefined) return value === 1 ? one : many;
      return typeof value === 'number' ? value.toLocaleString('en-US') : value;
    });
}

/** The language that a tag such as `zh_CN.UTF-8` or `en-GB` asks for; nothing where none of ours is meant. */
export function languageOf(tag: string): Language | undefined {
  const [name = ''] = tag.toLowerCase().split(/[-_.@]/);
  if (name === 'zh') return 'zh-CN';
  return name === 'en' ? 'en' : undefined;
}
