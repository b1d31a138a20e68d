import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeLogGroup, WireError } from '../../../emulator/sls/protobuf.ts';
import { signRequest } from '../../../emulator/sls/signature.ts';
import { aLogGroup, field, varint } from './support.ts';

const VECTOR =
  '0a1f0880e2cfaa0612060a0161120131120a0a0162120568c3a9c3a92515cd5b071a03746f70220373726332080a02743112027631';

describe('decodeLogGroup', () => {
  it('reads the published vector', () => {
    expect(decodeLogGroup(Buffer.from(VECTOR, 'hex'))).toEqual({
      logs: [
        {
          time: 1_700_000_000,
          timeNs: 123_456_789,
          contents: [
            ['a', '1'],
            ['b', 'héé'],
          ],
        },
      ],
      topic: 'top',
      source: 'src',
      tags: [['t1', 'v1']],
    });
  });

  it('passes over fields that it does not know', () => {
    const unknown = Buffer.concat([varint(9 * 8), varint(300), varint(10 * 8 + 1), Buffer.alloc(8)]);

    expect(decodeLogGroup(Buffer.concat([unknown, aLogGroup(5)])).logs).toHaveLength(1);
  });

  it.each([
    ['a field that ends too early', '0a05'],
    ['wire type 3', '0b'],
    ['field number 0', '0200'],
    ['a log without time', '0a00'],
    [
      'a pair without value',
      field(1, Buffer.concat([Buffer.from('0801', 'hex'), field(2, field(1, Buffer.from('k')))])).toString(
        'hex',
      ),
    ],
    ['a number where bytes belong', '0801'],
    ['a number without end', `08${'ff'.repeat(11)}`],
  ])('refuses %s', (_, hex) => {
    expect(() => decodeLogGroup(Buffer.from(hex, 'hex'))).toThrow(WireError);
  });

  it('tells text that is not UTF-8 from bytes that are no message', () => {
    expect(() => decodeLogGroup(aLogGroup(5, 'a', Buffer.from([0xed, 0xa0, 0x80])))).toThrow(
      expect.objectContaining({ kind: 'encoding' }),
    );
  });

  it('never fails in another way', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        try {
          decodeLogGroup(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(WireError);
        }
      }),
    );
  });
});

describe('signRequest', () => {
  it('signs the published vector', () => {
    const headers = {
      date: 'Mon, 3 Jan 2010 08:33:47 GMT',
      'x-log-apiversion': '0.6.0',
      'x-log-bodyrawsize': '0',
      'x-log-signaturemethod': 'hmac-sha1',
    };

    const signature = signRequest(
      { method: 'GET', path: '/logstores', query: [], headers },
      'mockAccessKeySecret',
    );

    expect(signature).toBe('Rwm6cTKzoti4HWoe+GKcb6Kv07E=');
  });
});
