const IPV4 = /^\d+\.\d+\.\d+\.\d+$/;

/** The project that a `Host` header names in its first label; `undefined` for a bare endpoint. */
export function projectOf(host: string): string | undefined {
  const name = host.replace(/:\d+$/, '');
  if (IPV4.test(name) || !name.includes('.') || name.startsWith('[')) return undefined;
  const [first, second] = name.split('.');
  return second === 'log' ? undefined : first;
}

/** The region in the host's name, without its network suffix; `cn-hangzhou` where it has none. */
export function regionOf(host: string): string {
  const match = /(?:^|\.)([a-z0-9-]+?)(?:-intranet|-internal)?\.log\.aliyuncs\.com/.exec(host);
  return match?.[1] ?? 'cn-hangzhou';
}
