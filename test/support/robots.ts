import { createHmac, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What one robot was sent, and whether it took it. */
export interface Taken {
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** The texts that people see, as the service would show them. */
  readonly text: string;
  readonly accepted: boolean;
}

export type RobotKind = 'dingtalk' | 'feishu' | 'wecom' | 'slack' | 'webhook';

/** Stand-ins of the services that people are told over. They check what the services say that they check. */
export interface Robots {
  /** Where a setting of this kind leads to. */
  address(kind: RobotKind): string;
  readonly taken: readonly Taken[];
  /** Answers the next request in this way instead. */
  failNext(status: number, body: string, headers?: Readonly<Record<string, string>>): void;
  close(): Promise<void>;
}

export interface RobotsOptions {
  readonly secret: string;
  readonly now: () => number;
}

interface Request {
  readonly query: Readonly<Record<string, string>>;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

type Verdict = { readonly answer: string; readonly text: string; readonly accepted: boolean };

const HOUR_MS = 3_600_000;

/** Each by its documentation, and by no code of ours. */
const ROBOTS: Readonly<Record<RobotKind, (request: Request, options: RobotsOptions) => Verdict>> = {
  dingtalk: ({ query, body }, { secret, now }) => {
    const { timestamp = '', sign = '' } = query;
    const right = createHmac('sha256', secret).update(`${timestamp}\n${secret}`).digest('base64');
    const text = (JSON.parse(body) as { text: { content: string } }).text.content;
    if (!same(sign, right) || Math.abs(now() - Number(timestamp)) > HOUR_MS) {
      return refuse('{"errcode":310000,"errmsg":"sign not match"}', text);
    }
    if (Buffer.byteLength(body) > 20_000)
      return refuse('{"errcode":460101,"errmsg":"message too long"}', text);
    return { answer: '{"errcode":0,"errmsg":"ok"}', text, accepted: true };
  },
  feishu: ({ body }, { secret, now }) => {
    const sent = JSON.parse(body) as {
      timestamp: string;
      sign: string;
      content: { post: { zh_cn: { title: string; content: { tag: string; text: string }[][] } } };
    };
    const { title, content } = sent.content.post.zh_cn;
    const text = [title, ...content.map((line) => line.map((part) => part.text).join(''))].join('\n');
    const right = createHmac('sha256', `${sent.timestamp}\n${secret}`).update('').digest('base64');
    if (!same(sent.sign, right) || Math.abs(now() / 1000 - Number(sent.timestamp)) > 3600) {
      return refuse('{"code":19021,"msg":"sign match fail or timestamp is not within one hour"}', text);
    }
    if (Buffer.byteLength(body) > 20 * 1024) return refuse('{"code":9499,"msg":"Bad Request"}', text);
    return { answer: '{"code":0,"data":{},"msg":"success"}', text, accepted: true };
  },
  wecom: ({ query, body }, { secret }) => {
    const text = (JSON.parse(body) as { text: { content: string } }).text.content;
    if (query.key !== secret) return refuse('{"errcode":93000,"errmsg":"invalid webhook url"}', text);
    if (Buffer.byteLength(text) > 2048)
      return refuse('{"errcode":40058,"errmsg":"content exceed max"}', text);
    return { answer: '{"errcode":0,"errmsg":"ok"}', text, accepted: true };
  },
  slack: ({ body }) => {
    const { text } = JSON.parse(body) as { text: string };
    const shown = text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
    return /<[^>]*>/.test(text)
      ? { answer: 'ok', text: `acted upon: ${text}`, accepted: true }
      : { answer: 'ok', text: shown, accepted: true };
  },
  webhook: ({ headers, body }, { secret, now }) => {
    const id = String(headers['webhook-id']);
    const timestamp = String(headers['webhook-timestamp']);
    const right = `v1,${createHmac('sha256', secret).update(`${id}.${timestamp}.${body}`).digest('base64')}`;
    const isFresh = Math.abs(now() / 1000 - Number(timestamp)) < 300;
    if (!isFresh || !same(String(headers['webhook-signature']), right)) return refuse('no', body, 401);
    return { answer: '', text: body, accepted: true };
  },
};

function refuse(answer: string, text: string, _status = 200): Verdict {
  return { answer, text, accepted: false };
}

function same(a: string, b: string): boolean {
  const [one, other] = [Buffer.from(a), Buffer.from(b)];
  return one.length === other.length && timingSafeEqual(one, other);
}

export async function startRobots(options: RobotsOptions): Promise<Robots> {
  const taken: Taken[] = [];
  let next: { status: number; body: string; headers: Readonly<Record<string, string>> } | undefined;
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const body = Buffer.concat(parts).toString('utf8');
    const url = new URL(request.url ?? '/', 'http://loopback');
    const kind = url.pathname.split('/')[1] as RobotKind;
    const query = Object.fromEntries(url.searchParams);
    const { headers } = request;
    const verdict = ROBOTS[kind]({ query, headers, body }, options);
    const fails = next;
    next = undefined;
    const accepted = verdict.accepted && fails === undefined;
    taken.push({ path: url.pathname, query, headers, body, text: verdict.text, accepted });
    const refused = kind === 'webhook' && !verdict.accepted ? 401 : 200;
    response.writeHead(fails?.status ?? refused, fails?.headers ?? {});
    response.end(fails?.body ?? verdict.answer);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    address: (kind) => {
      const key = kind === 'wecom' ? `?key=${options.secret}` : '?access_token=a-token-of-the-robot';
      return `${kind}+http://127.0.0.1:${port}/${kind}/hook-0123456789abcdef${key}`;
    },
    taken,
    failNext: (status, body, headers = {}) => {
      next = { status, body, headers };
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
