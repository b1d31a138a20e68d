import { MODIFIERS, OPERATORS } from '../lib/policy/operators.ts';

const START = '<!-- operators: written by `npm run schema` -->';
const END = '<!-- /operators -->';

/** The page with its table of operators as it should be. */
export function withOperatorTable(page: string): string {
  const [before, rest = ''] = page.split(START);
  const after = rest.split(END)[1];
  if (after === undefined) throw new Error(`The page has no place for the operators: ${START} … ${END}`);
  const rows = Object.entries({ ...OPERATORS, ...MODIFIERS }).map(
    ([name, { meaning }]) => `| \`${name}\` | ${meaning} |`,
  );
  return [`${before}${START}`, '| operator | asks |', '|---|---|', ...rows, `${END}${after}`].join('\n');
}
