import { readFileSync } from 'node:fs';
import type { Block, Expression } from './hcl.ts';

/** What can be told of a module's expressions without Terraform. */
export interface Values {
  /** Its value; `undefined` where it takes more than literals, defaults of variables, locals and JSON files. */
  of(expression: Expression): unknown;
}

export function createValues(blocks: readonly Block[], folder: URL): Values {
  const locals: Readonly<Record<string, Expression>> = Object.assign(
    {},
    ...blocks.filter(({ type }) => type === 'locals').map(({ attributes }) => attributes),
  );
  const defaults = Object.fromEntries(
    blocks
      .filter(({ type }) => type === 'variable')
      .map(({ labels, attributes }) => [labels[0] ?? '', attributes.default]),
  );

  function evaluate(text: string): unknown {
    if (/^(-?\d+(\.\d+)?|true|false|null)$/.test(text)) return JSON.parse(text);
    if (/^"([^"\\$%]|\\["\\nrt])*"$/.test(text)) return JSON.parse(text);
    const variable = /^var\.(\w+)$/.exec(text);
    if (variable) return evaluateExpression(defaults[variable[1] ?? '']);
    const file = /^jsondecode\(file\("\$\{path\.module\}\/([\w.-]+)"\)\)$/.exec(text);
    if (file) return JSON.parse(readFileSync(new URL(file[1] ?? '', folder), 'utf8'));
    const [, local = '', path = ''] = /^local\.(\w+)((?:\.\w+)*)$/.exec(text) ?? [];
    if (local === '') return undefined;
    return path
      .split('.')
      .filter(Boolean)
      .reduce<unknown>(
        (value, key) => (value as Record<string, unknown> | undefined)?.[key],
        evaluateExpression(locals[local]),
      );
  }

  function evaluateExpression(expression: Expression | undefined): unknown {
    return expression === undefined ? undefined : evaluate(expression.text);
  }

  return { of: evaluateExpression };
}
