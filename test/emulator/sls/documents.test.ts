import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Emulator, startEmulator } from '../../../emulator/server.ts';
import { sendRaw } from './support.ts';

const NOW_MS = Date.UTC(2026, 0, 1, 1);

describe('the log service’s other operations', () => {
  let emulator: Emulator;
  beforeEach(async () => {
    emulator = await startEmulator({ now: () => NOW_MS });
  });
  afterEach(() => emulator.close());

  const call = (method: string, target: string, body?: unknown, host?: string) =>
    sendRaw(emulator.url, NOW_MS, {
      method,
      target,
      body: body === undefined ? Buffer.alloc(0) : Buffer.from(JSON.stringify(body)),
      headers: { 'content-type': 'application/json' },
      ...(host !== undefined && { host }),
    });

  it.each([
    ['dashboards', { dashboardName: 'd1', charts: [] }, 'd1', 'Dashboard'],
    ['savedsearches', { savedsearchName: 's1', searchQuery: '*' }, 's1', 'SavedSearch'],
    ['alerts', { name: 'a1', schedule: {} }, 'a1', 'Job'],
  ])('keeps %s and gives them back', async (kind, document, name, noun) => {
    expect(await call('POST', `/${kind}`, document)).toMatchObject({ status: 200 });
    expect(await call('POST', `/${kind}`, document)).toMatchObject({ code: `${noun}AlreadyExist` });
    expect(await call('PUT', `/${kind}/${name}`, { ...document, changed: true })).toMatchObject({
      status: 200,
    });
    expect(JSON.parse((await call('GET', `/${kind}/${name}`)).text)).toEqual({ ...document, changed: true });
    expect(JSON.parse((await call('GET', `/${kind}`)).text)).toMatchObject({ total: 1 });
    expect(await call('DELETE', `/${kind}/${name}`)).toMatchObject({ status: 200 });
    expect(await call('GET', `/${kind}/${name}`)).toMatchObject({ status: 404, code: `${noun}NotExist` });
    expect(await call('POST', `/${kind}`, {})).toMatchObject({ code: 'ParameterInvalid' });
  });

  it('creates a project at the bare endpoint', async () => {
    const bare = 'cn-hangzhou.log.aliyuncs.com';
    expect(await call('POST', '/', { projectName: 'second' }, bare)).toMatchObject({ status: 200 });
    expect(await call('POST', '/', { projectName: 'second' }, bare)).toMatchObject({
      code: 'ProjectAlreadyExist',
    });
    expect(await call('POST', '/', { projectName: 'Not.A.Name' }, bare)).toMatchObject({
      code: 'ParameterInvalid',
    });
    expect(await call('GET', '/', undefined, `second.${bare}`)).toMatchObject({ status: 200 });
  });

  it('refuses a token that is no list, and a query without index where one is needed', async () => {
    const index = { keys: { a: { type: 'text', token: ', ' } } };
    expect(await call('POST', '/logstores/audit/index', index)).toMatchObject({ code: 'ParameterInvalid' });

    emulator.sls.settings.requireIndex = true;
    expect(await call('GET', '/logstores/audit?type=log&from=0&to=9')).toMatchObject({
      code: 'IndexConfigNotExist',
    });
  });

  it('refuses paths and methods that it does not know', async () => {
    expect(await call('PATCH', '/alerts/x')).toMatchObject({ code: 'JobNotExist' });
    expect(await call('POST', '/logstores/audit/nonsense')).toMatchObject({
      status: 405,
      code: 'MethodNotSupported',
    });
  });

  it('leaves ECI’s requests alone', async () => {
    const answer = await fetch(`${emulator.url}/?Action=DescribeRegions`);

    expect(await answer.text()).not.toContain('errorCode');
  });
});
