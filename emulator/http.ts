/**
 * What passes between the listener and the services: one HTTP request, whole, and one answer with the
 * way it is delivered.
 */
export interface HttpRequest {
  /** Upper-case. */
  readonly method: string;
  /** As it was sent, still encoded, without the query: `/logstores/audit`. */
  readonly path: string;
  /** Decoded pairs in the order sent; a plus is a space. */
  readonly query: readonly (readonly [name: string, value: string])[];
  /** As it was sent: path and query. */
  readonly target: string;
  /** Names in lower case; repeated headers are joined by `, `. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** One answer. `Content-Length` is added unless the delivery says otherwise. */
export interface HttpResponse {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  /** Left out: sent at once and whole. */
  readonly delivery?: Delivery;
}

/** The ways in which an answer can go wrong on the line. */
export type Delivery =
  /** The connection is reset before a byte is sent. */
  | { readonly kind: 'reset' }
  /** Nothing is ever sent, and the connection stays open. */
  | { readonly kind: 'hang' }
  /** The header announces the whole body; half of it comes, then the connection closes. */
  | { readonly kind: 'cut' }
  /** The body comes a few bytes at a time. */
  | { readonly kind: 'trickle'; readonly bytes: number; readonly everyMs: number };

/**
 * One cloud service on the emulator's single port.
 *
 * Services are asked in order; the first that matches answers. `handle` must not reject for what a
 * client can send: a rejection becomes a bare 500 and counts as a fault of the emulator.
 */
export interface Service {
  readonly name: string;
  matches(request: HttpRequest): boolean;
  handle(request: HttpRequest): Promise<HttpResponse>;
}

/** Decodes `a=b&c=d`; a plus is a space, a name without `=` has the value ``. */
export function parsePairs(text: string): readonly (readonly [string, string])[] {
  if (text === '') return [];
  return text
    .split('&')
    .filter((part) => part !== '')
    .map((part) => {
      const equals = part.indexOf('=');
      return equals < 0
        ? ([decodeText(part), ''] as const)
        : ([decodeText(part.slice(0, equals)), decodeText(part.slice(equals + 1))] as const);
    });
}

/** Decodes percent signs and pluses; text with a broken escape is taken as it is. */
function decodeText(text: string): string {
  const spaced = text.replaceAll('+', ' ');
  try {
    return decodeURIComponent(spaced);
  } catch {
    return spaced;
  }
}
