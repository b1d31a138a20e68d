import { createHash } from 'node:crypto';
import { encodeJson, safeText } from '../text.ts';
import { speaker } from '../words/words.ts';
import type { Page } from './model.ts';

/** The front end, as `scripts/build.mjs` made it: one script and one style sheet. */
export interface FrontEnd {
  readonly script: string;
  readonly style: string;
}

/** What stands where no script runs. */
export interface PageHead {
  readonly title: string;
  /** Plain sentences. */
  readonly facts: readonly string[];
}

/**
 * A page as one file of HTML, in pieces: nothing is loaded, sent or run but the script whose hash the page names.
 *
 * What comes from elsewhere stands in a block that no browser runs, as JSON without a `<`; the front end puts it into
 * the page as text.
 */
export function* pageDocument(page: Page, head: PageHead, { script, style }: FrontEnd): Generator<string> {
  const say = speaker(page.language);
  const policy = [
    "default-src 'none'",
    `script-src '${hashOf(script)}'`,
    `style-src '${hashOf(style)}'`,
    "base-uri 'none'",
    "form-action 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; ');
  yield `<!doctype html>
<html lang="${page.language}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>${html(head.title)}</title>
<style>${style}</style>
</head>
<body>
<div id="page"><main class="plain"><h1>${html(head.title)}</h1>
${head.facts.map((fact) => `<p>${html(fact)}</p>`).join('\n')}
<noscript><p>${html(say('noScript'))}</p></noscript></main></div>
<script type="application/json" id="data">`;
  yield* inPieces(page);
  yield `</script>
<script>${script}</script>
</body>
</html>
`;
}

/** A page's rows are written one by one: together they may be longer than a text can be. */
function* inPieces(page: Page): Generator<string> {
  if (page.kind === 'fleet') {
    yield inert(page);
    return;
  }
  const { list, ...rest } = page;
  const { rows, ...tables } = list;
  yield `${inert(rest).slice(0, -1)},"list":${inert(tables).slice(0, -1)},"rows":[`;
  for (let at = 0; at < rows.length; at += ROWS_A_PIECE) {
    const piece = inert(rows.slice(at, at + ROWS_A_PIECE)).slice(1, -1);
    yield at === 0 ? piece : `,\n${piece}`;
  }
  yield ']}}';
}

const ROWS_A_PIECE = 5000;

/** JSON in which nothing can end the block that it stands in, or begin another. */
function inert(value: unknown): string {
  return encodeJson(value).replace(/[<>&]/g, (one) => `\\u00${one.charCodeAt(0).toString(16)}`);
}

function hashOf(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}

function html(text: string): string {
  return safeText(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}
