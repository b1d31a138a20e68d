import { safeText } from '../lib/text.ts';
import { LANGUAGES, type Language, languageOf } from '../lib/words/words.ts';
import type { Arguments, OptionSpecs } from './arguments.ts';
import { type Io, UsageError } from './io.ts';

export const LANGUAGE_OPTION: OptionSpecs = {
  lang: {
    type: 'text',
    value: 'LANGUAGE',
    help: 'en or zh-CN, for people; JSON and records stay English (TAGSWEEP_LANG; default by LANG)',
  },
};

/**
 * The language that a person is spoken to in: what they ask for here, else in the settings, else that of their terminal.
 *
 * @throws {UsageError} when they ask for one that is not spoken; a terminal may be in any.
 */
export function readLanguage({ texts }: Arguments, { env }: Io): Language {
  const asked = texts.lang ?? (env.TAGSWEEP_LANG || undefined);
  if (asked !== undefined) {
    const language = languageOf(asked);
    if (language !== undefined) return language;
    const where = texts.lang === undefined ? 'TAGSWEEP_LANG=' : '--lang ';
    throw new UsageError(
      `${where}${safeText(asked)}: that language is not spoken; ${LANGUAGES.join(' or ')}.`,
    );
  }
  const [ofTerminal = ''] = [env.LC_ALL, env.LC_MESSAGES, env.LANG].filter(Boolean);
  return languageOf(ofTerminal) ?? 'en';
}
