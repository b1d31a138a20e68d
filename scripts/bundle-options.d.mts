import type { BuildOptions, Plugin } from 'esbuild';

export const leaveOut: Plugin;
export const bundleOptions: BuildOptions;
export const protoFile: string;
export function asciiOnly(code: string): Buffer;
