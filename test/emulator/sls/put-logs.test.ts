import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DEFAULT_IDENTITY, DEFAULT_STS_IDENTITY, type Identity } from '../../../emulator/identities.ts';
import { type Emulator, startEmulator } from '../../../emulator/server.ts';
import { aLogGroup, field, type RawRequest, sendRaw } from './support.ts';

const NOW_MS = Date.UTC(2026, 0, 1, 1);
const NOW_S = NOW_MS / 1000;
const DENIED: Identity = { ...DEFAULT_IDENTITY, accessKeyId: 'denied', denies: ['log:PostLogStoreLogs'] };
const EXPIRED: Identity = { ...DEFAULT_STS_IDENTITY, accessKeyId: 'STS.expired', tokenExpiresAtMs: NOW_MS };
const INACTIVE: Identity = { ...DEFAULT_IDENTITY, accessKeyId: 'inactive', inactive: true };
const STRANGER: Identity = { ...DEFAULT_IDENTITY, accessKeyId: 'stranger' };
const WRONG_SECRET: Identity = { ...DEFAULT_IDENTITY, accessKeySecret: 'wrong' };

const withPair = (key: string, value: string | Buffer = '1'): RawRequest => ({
  body: aLogGroup(NOW_S, key, value),
});

describe('PutLogs', () => {
  let emulator: Emulator;
  beforeEach(async () => {
    emulator = await startEmulator({
      now: () => NOW_MS,
      identities: [DEFAULT_IDENTITY, DEFAULT_STS_IDENTITY, DENIED, EXPIRED, INACTIVE],
    });
  });
  afterEach(async () => {
    await emulator.close();
    expect(emulator.failures).toEqual([]);
  });

  const put = (raw: RawRequest = {}) => sendRaw(emulator.url, NOW_MS, { body: aLogGroup(NOW_S), ...raw });
  const kept = () => emulator.sls.records('tagsweep', 'audit');

  it('answers success with an empty body, a request id and no content type', async () => {
    const answer = await put();

    expect(answer).toMatchObject({ status: 200, text: '' });
    expect(answer.headers['content-length']).toBe('0');
    expect(answer.headers['content-type']).toBeUndefined();
    expect(answer.headers['x-log-requestid']).toMatch(/^[0-9A-F]{24}$/);
    expect(kept()).toEqual([{ a: '1' }]);
  });

  it.each<[string, RawRequest]>([
    ['in its short form', { target: '/logstores/audit' }],
    ['in chunks', { chunked: true }],
    ['with temporary credentials', { identity: DEFAULT_STS_IDENTITY }],
    ['at an address', { host: 'tagsweep.127.0.0.1:8080' }],
  ])('takes logs %s', async (_, raw) => {
    expect(await put(raw)).toMatchObject({ status: 200, code: 'OK' });
    expect(kept()).toEqual([{ a: '1' }]);
  });

  it.each<[string, number, RawRequest]>([
    ['MissingDate', 400, { headers: { date: undefined } }],
    ['InvalidDateFormat', 400, { headers: { date: 'soon' } }],
    ['MissingAPIVersion', 400, { headers: { 'x-log-apiversion': undefined } }],
    ['InvalidAPIVersion', 400, { headers: { 'x-log-apiversion': '0.7.0' } }],
    ['MissAccessKeyId', 400, { tamper: { authorization: undefined } }],
    ['MissAccessKeyId', 400, { tamper: { authorization: 'Bearer x' } }],
    ['MissingSignatureMethod', 400, { headers: { 'x-log-signaturemethod': undefined } }],
    ['InvalidSignatureMethod', 400, { headers: { 'x-log-signaturemethod': 'md5' } }],
    ['RequestTimeExpired', 400, { headers: { date: new Date(NOW_MS - 901_000).toUTCString() } }],
    ['RequestTimeExpired', 400, { headers: { date: new Date(NOW_MS + 901_000).toUTCString() } }],
    ['Unauthorized', 401, { identity: STRANGER }],
    ['Unauthorized', 401, { identity: INACTIVE }],
    ['Unauthorized', 401, { identity: EXPIRED }],
    ['Unauthorized', 401, { identity: DENIED }],
    ['Unauthorized', 401, { identity: { ...DEFAULT_STS_IDENTITY, securityToken: 'another' } }],
    ['SignatureNotMatch', 401, { identity: WRONG_SECRET }],
    ['SignatureNotMatch', 401, { tamper: { 'content-type': 'application/json' } }],
    ['SignatureNotMatch', 401, { headers: { 'content-md5': '00' } }],
    ['SignatureNotMatch', 401, { headers: { 'content-md5': undefined } }],
    ['ProjectNotExist', 404, { host: 'other.cn-hangzhou.log.aliyuncs.com' }],
    ['ProjectNotExist', 404, { host: '127.0.0.1:8080' }],
    ['ProjectNotExist', 404, { host: 'cn-hangzhou.log.aliyuncs.com' }],
    ['LogStoreNotExist', 404, { target: '/logstores/other/shards/lb' }],
    ['MissingContentType', 400, { headers: { 'content-type': undefined } }],
    ['InvalidContentType', 415, { headers: { 'content-type': 'application/json' } }],
    ['MissingBodyRawSize', 400, { headers: { 'x-log-bodyrawsize': undefined } }],
    ['InvalidBodyRawSize', 400, { headers: { 'x-log-bodyrawsize': 'many' } }],
    ['InvalidBodyRawSize', 400, { headers: { 'x-log-bodyrawsize': '3' } }],
    ['InvalidCompressType', 400, { headers: { 'x-log-compresstype': 'lz4' } }],
    ['PostBodyTooLarge', 413, { headers: { 'x-log-bodyrawsize': '10485761' } }],
    ['PostBodyInvalid', 400, { body: Buffer.alloc(0) }],
    ['PostBodyInvalid', 400, { body: Buffer.from('not protobuf') }],
    ['PostBodyInvalid', 400, { body: field(1, Buffer.concat([Buffer.from([8]), Buffer.from([1])])) }],
    ['PostBodyInvalid', 400, { body: aLogGroup(NOW_S - 7 * 86_400 - 1) }],
    ['PostBodyInvalid', 400, { body: aLogGroup(NOW_S + 901) }],
    ['PostBodyInvalid', 400, { body: Buffer.concat([aLogGroup(NOW_S), field(3, Buffer.alloc(129, 'x'))]) }],
    ['InvalidEncoding', 400, withPair('a', Buffer.from([0xed, 0xa0, 0x80]))],
    ['InvalidKey', 400, withPair('__time__')],
    ['InvalidKey', 400, withPair('1a')],
    ['InvalidKey', 400, withPair('a.b')],
    ['InvalidKey', 400, withPair('x'.repeat(129))],
  ])('refuses with %s (%i), and keeps nothing: %j', async (code, status, raw) => {
    expect(await put(raw)).toMatchObject({ code, status });
    expect(kept()).toEqual([]);
  });

  it('refuses a whole group for one bad log', async () => {
    const body = Buffer.concat([aLogGroup(NOW_S), aLogGroup(NOW_S, '__topic__')]);

    expect(await put({ body })).toMatchObject({ code: 'InvalidKey' });
    expect(kept()).toEqual([]);
  });

  it('takes logs seven days old and 15 minutes ahead', async () => {
    const body = Buffer.concat([aLogGroup(NOW_S - 7 * 86_400), aLogGroup(NOW_S + 900)]);

    expect(await put({ body })).toMatchObject({ code: 'OK' });
  });

  it('names action and resource when it denies', async () => {
    const answer = await put({ identity: DENIED });

    expect(answer.text).toContain(
      'denied by sts or ram, action: log:PostLogStoreLogs, resource: acs:log:cn-hangzhou:1234567890123456:project/tagsweep/logstore/audit',
    );
  });

  it('can ask for a length, use the older name for a late date, and go by a clock of its own', async () => {
    emulator.sls.settings.acceptChunked = false;
    expect(await put({ chunked: true })).toMatchObject({ code: 'MissingContentLength', status: 411 });

    emulator.sls.settings.skewCode = 'RequestTimeTooSkewed';
    emulator.sls.settings.clockOffsetMs = 3_600_000;
    expect(await put()).toMatchObject({ code: 'RequestTimeTooSkewed' });
  });

  it('keeps what it was sent, for assertions', async () => {
    const body = aLogGroup(NOW_S);
    await put({ body });

    const [request] = emulator.sls.requests;
    expect(request).toMatchObject({
      api: 'PutLogs',
      project: 'tagsweep',
      method: 'POST',
      status: 200,
      code: 'OK',
    });
    expect(request?.body).toEqual(body);
    expect(request?.headers['content-type']).toBe('application/x-protobuf');
    expect(emulator.counters.of('PutLogs').requests).toBe(1);
  });

  it.each([
    ['an error', { kind: 'error', code: 'WriteQuotaExceed' }, 403, 'WriteQuotaExceed', 0],
    [
      'an error after storing',
      { kind: 'error', code: 'InternalServerError', applied: true },
      500,
      'InternalServerError',
      1,
    ],
    ['an HTML page', { kind: 'html' }, 502, 'OK', 0],
    ['nothing', { kind: 'empty' }, 503, 'OK', 0],
  ] as const)('answers with %s when told to', async (_, fault, status, code, stored) => {
    emulator.faults.add({ fault, api: 'PutLogs', times: 1 });

    expect(await put()).toMatchObject({ status, code });
    expect(kept()).toHaveLength(stored);
    expect(await put()).toMatchObject({ status: 200 });
  });

  it('resets the connection after storing when told to', async () => {
    emulator.faults.add({ fault: { kind: 'reset', applied: true }, api: 'PutLogs', times: 1 });

    await expect(put()).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(kept()).toHaveLength(1);
  });
});
