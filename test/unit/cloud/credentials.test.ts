import { describe, expect, it } from 'vitest';
import { readCredentials } from '../../../lib/cloud/credentials.ts';

const env = {
  ALIBABA_CLOUD_ACCESS_KEY_ID: 'env-id',
  ALIBABA_CLOUD_ACCESS_KEY_SECRET: 'env-secret',
  ALIBABA_CLOUD_SECURITY_TOKEN: 'env-token',
};

describe('readCredentials', () => {
  it('takes those of the context before those of the environment, which may be older', () => {
    const credentials = { accessKeyId: 'id', accessKeySecret: 'secret', securityToken: 'token' };

    expect(readCredentials(env, { credentials })).toEqual(credentials);
  });

  it('takes those of the environment where the context has none', () => {
    expect(readCredentials(env, {})).toEqual({
      accessKeyId: 'env-id',
      accessKeySecret: 'env-secret',
      securityToken: 'env-token',
    });
  });

  it('has no token where none is set', () => {
    expect(readCredentials({ ...env, ALIBABA_CLOUD_SECURITY_TOKEN: '' })).toEqual({
      accessKeyId: 'env-id',
      accessKeySecret: 'env-secret',
    });
  });

  it('never mixes the keys of two sources', () => {
    expect(readCredentials(env, { credentials: { accessKeyId: 'id' } }).accessKeyId).toBe('env-id');
  });

  it.each([
    [{}, 'ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET are not set'],
    [{ ALIBABA_CLOUD_ACCESS_KEY_ID: 'planted' }, 'ALIBABA_CLOUD_ACCESS_KEY_SECRET is not set'],
    [{ ALIBABA_CLOUD_ACCESS_KEY_SECRET: 'planted' }, 'ALIBABA_CLOUD_ACCESS_KEY_ID is not set'],
  ])('says what is missing in %j, and not what is there', (given, message) => {
    expect(() => readCredentials(given)).toThrow(message);
    expect(() => readCredentials(given)).not.toThrow('planted');
  });
});
