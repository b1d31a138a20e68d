import { distance } from 'fastest-levenshtein';

/** The candidate that was probably meant, or undefined if none is near. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  const plain = simplify(word);
  if (plain === '' || word.length > 64) return undefined;
  const ranked = candidates
    .map((candidate) => ({ candidate, steps: distance(plain, simplify(candidate)) }))
    .sort((a, b) => a.steps - b.steps || (a.candidate < b.candidate ? -1 : 1));
  const best = ranked[0];
  if (!best) return undefined;
  const near = Math.max(1, Math.floor(Math.min(plain.length, simplify(best.candidate).length) / 3));
  if (best.steps <= near) return best.candidate;
  // Letters that changed places count as two steps.
  return candidates.find((candidate) => letters(candidate) === letters(word));
}

function letters(word: string): string {
  return [...simplify(word)].sort().join('');
}

/** Case, hyphens and underscores are what is most often mistaken. */
function simplify(word: string): string {
  return word.toLowerCase().replace(/[-_\s]/g, '');
}
