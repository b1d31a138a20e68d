/** A URL writes each IPv4 address as four numbers. */
const LOOPBACK_IPV4 = /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/;

/** Whether a host, as a URL writes it, can only be this machine. */
export function isLoopback(hostname: string): boolean {
  const bare = hostname.replace(/^\[|\]$/g, '').toLowerCase();
  // Names below localhost are left out: some resolvers ask the network for them.
  return LOOPBACK_IPV4.test(bare) || bare === '::1' || bare === 'localhost';
}

/**
 * Reads a base URL of a service: scheme and host, no more. Plain http is for loopback addresses alone, since
 * it would show signatures and tags to whoever listens.
 */
export function readBaseUrl(text: string): URL | { readonly fault: string } {
  if (!URL.canParse(text))
    return { fault: 'is no URL: write it with its scheme, such as https://eci.cn-hangzhou.aliyuncs.com' };
  const url = new URL(text);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    return { fault: 'must begin with https:// (or http:// for a loopback address)' };
  }
  if (url.username !== '' || url.password !== '') return { fault: 'must not hold credentials' };
  if ((url.pathname !== '/' && url.pathname !== '') || url.search !== '' || url.hash !== '') {
    return { fault: 'must be a scheme and a host alone, without path or query' };
  }
  if (url.protocol === 'http:' && !isLoopback(url.hostname)) {
    return { fault: 'uses plain http for a host that is not this machine: write https://' };
  }
  return url;
}
