import { safeTextWithin } from './safe-text.ts';

/** A comment of a pull request takes 65,536 characters, and whoever posts it adds some of its own. */
export const MOST_MARKDOWN = 60_000;

/** A text from elsewhere, of which no character means anything to whoever draws the page. */
export function markdownText(text: string, width: number): string {
  return safeTextWithin(text, width).replace(/[!-+./:<>@[-`{-~]/g, (one) => `&#${one.charCodeAt(0)};`);
}

/** The same in the letters of code. */
export function markdownCode(text: string, width: number): string {
  return `<code>${markdownText(text, width)}</code>`;
}
