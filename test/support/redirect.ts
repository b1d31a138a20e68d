import http from 'node:http';
import https from 'node:https';

/**
 * Sends what is meant for some hosts to a server on loopback, as a name service of one's own would: for packages whose
 * addresses are fixed. TLS is left out on the way.
 *
 * @returns what ends it.
 */
export function redirectHosts(hosts: Readonly<Record<string, string>>): () => void {
  const originals = { http: http.request, https: https.request };

  const redirect = (original: typeof http.request) =>
    ((options: http.RequestOptions, ...rest: never[]) => {
      const target = hosts[String(options.hostname ?? options.host)];
      if (target === undefined) return original(options, ...rest);
      const { hostname, port } = new URL(target);
      const { agent: _agent, ...other } = options;
      return originals.http({ ...other, protocol: 'http:', host: hostname, hostname, port }, ...rest);
    }) as typeof http.request;

  http.request = redirect(originals.http);
  https.request = redirect(originals.https);
  return () => {
    http.request = originals.http;
    https.request = originals.https;
  };
}
