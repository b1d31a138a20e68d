import type { BuildOptions, Plugin } from 'esbuild';

export const leaveOut: Plugin;
export const functionOptions: BuildOptions;
export function asciiOnly(code: string): Buffer;
