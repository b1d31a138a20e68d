import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Page } from '../lib/pages/model.ts';
import { type Language, type Say, speaker } from '../lib/words/words.ts';

export const SpeakerContext = createContext<{ readonly say: Say; readonly language: Language }>({
  say: speaker('en'),
  language: 'en',
});

export function useSay(): Say {
  return useContext(SpeakerContext).say;
}

export function titleOf(page: Page, say: Say): string {
  if (page.kind === 'plan') return say('planTitle', { policy: page.policy.name });
  return page.kind === 'run' ? say('runTitle', { run: page.runId }) : say('fleetTitle');
}

/** A part of a whole with one decimal: `9.1%`. */
export function percentOf(part: number, whole: number, say: Say): string {
  return percent(whole === 0 ? 0 : (part * 100) / whole, say);
}

export function percent(value: number, say: Say): string {
  if (value > 0 && value < 0.1) return `< ${say('percent', { n: '0.1' })}`;
  return say('percent', { n: value.toFixed(1).replace(/\.0$/, '') });
}

export function count(n: number): string {
  return n.toLocaleString('en-US');
}

/** Milliseconds as a person says them, in units that both languages write alike. */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 59_950) return `${(ms / 1000).toFixed(1).replace(/\.0$/, '')} s`;
  const seconds = Math.round(ms / 1000);
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return seconds % 60 === 0 ? `${minutes} min` : `${minutes} min ${seconds % 60} s`;
  return minutes % 60 === 0 ? `${minutes / 60} h` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
