/** `12345` as `12,345`. */
export function count(value: number): string {
  return value.toLocaleString('en-US');
}

/** `count` with its word: `1 tag`, `2 tags`. */
export function counted(value: number, word: string, plural = `${word}s`): string {
  return `${count(value)} ${value === 1 ? word : plural}`;
}

/** A part of a whole with one decimal, as a person reads it: `9.1 %`. */
export function percent(part: number, whole: number): string {
  if (whole === 0) return '0 %';
  const value = (part * 100) / whole;
  return value > 0 && value < 0.1 ? 'under 0.1 %' : `${value.toFixed(1).replace(/\.0$/, '')} %`;
}

/** Milliseconds as a person says them: `850 ms`, `3.2 s`, `4 min 10 s`, `2 h 5 min`. */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 59_950) return `${(ms / 1000).toFixed(1).replace(/\.0$/, '')} s`;
  const seconds = Math.round(ms / 1000);
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return seconds % 60 === 0 ? `${minutes} min` : `${minutes} min ${seconds % 60} s`;
  return minutes % 60 === 0 ? `${minutes / 60} h` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
