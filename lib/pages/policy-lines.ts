import { isMap, isSeq, LineCounter, parseDocument, stringify } from 'yaml';
import { safeText } from '../text.ts';
import type { PolicyLine } from './model.ts';

/** Tags by the label of the rule that removes them, or of the protection that keeps them. */
export type LabelCounts = ReadonlyMap<string, number>;

/**
 * A policy's document as lines of YAML; beside the line on which a rule or a protection begins, how many tags it
 * removes or keeps.
 *
 * Labels name their place: `remove[0] key "ci-*"`.
 */
export function policyLines(document: unknown, counts: LabelCounts): readonly PolicyLine[] {
  const text = stringify(document, { lineWidth: 100 });
  const byLine = new Map<number, NonNullable<PolicyLine['count']>>();
  const lines = new LineCounter();
  const root = parseDocument(text, { lineCounter: lines }).contents;
  for (const [section, does] of [
    ['remove', 'removes'],
    ['protect', 'keeps'],
  ] as const) {
    const list = isMap(root) ? root.get(section, true) : undefined;
    if (!isSeq(list)) continue;
    for (const [at, item] of list.items.entries()) {
      const offset = (item as { readonly range?: readonly number[] }).range?.[0];
      if (offset !== undefined) {
        byLine.set(lines.linePos(offset).line, { does, tags: countOf(`${section}[${at}] `, counts) });
      }
    }
  }
  return text
    .trimEnd()
    .split('\n')
    .map((line, at) => {
      const count = byLine.get(at + 1);
      return { text: safeText(line), ...(count && { count }) };
    });
}

function countOf(place: string, counts: LabelCounts): number {
  let sum = 0;
  for (const [label, tags] of counts) if (label.startsWith(place)) sum += tags;
  return sum;
}
