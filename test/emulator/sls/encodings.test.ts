import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decompressLz4Block } from '../../../emulator/sls/lz4.ts';
import { decodeLogGroup, WireError } from '../../../emulator/sls/protobuf.ts';
import { sha256, signV1, signV4 } from '../../../emulator/sls/signature.ts';
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

describe('decompressLz4Block', () => {
  it('copies literals and overlapping matches', () => {
    // 1 literal, a match of 9 bytes one back, then 5 literals.
    const block = Buffer.from([0x15, 0x61, 0x01, 0x00, 0x50, ...Buffer.from('bcdef')]);

    expect(decompressLz4Block(block, 15).toString()).toBe('aaaaaaaaaabcdef');
  });

  it('reads long literals', () => {
    const text = 'x'.repeat(600);
    const block = Buffer.concat([Buffer.from([0xf0, 255, 255, 600 - 15 - 510]), Buffer.from(text)]);

    expect(decompressLz4Block(block, 600).toString()).toBe(text);
  });

  it('reads long matches', () => {
    const block = Buffer.from([0x1f, 0x61, 0x01, 0x00, 255, 26, 0x00]);

    expect(decompressLz4Block(block, 301).toString()).toBe('a'.repeat(301));
  });

  it.each([
    ['another size', Buffer.from([0x10, 0x61]), 2],
    ['an offset before the beginning', Buffer.from([0x15, 0x61, 0x02, 0x00, 0x00]), 10],
    ['an offset of 0', Buffer.from([0x15, 0x61, 0x00, 0x00, 0x00]), 10],
    ['an early end', Buffer.from([0xf0]), 20],
    ['more than it says', Buffer.from([0x40, 1, 2, 3, 4]), 3],
  ])('refuses %s', (_, block, size) => {
    expect(() => decompressLz4Block(block, size)).toThrow(RangeError);
  });
});

describe('signatures', () => {
  it('signs the published v1 vector', () => {
    const headers = {
      date: 'Mon, 3 Jan 2010 08:33:47 GMT',
      'x-log-apiversion': '0.6.0',
      'x-log-bodyrawsize': '0',
      'x-log-signaturemethod': 'hmac-sha1',
    };

    const signature = signV1(
      { method: 'GET', path: '/logstores', query: [], headers },
      'mockAccessKeySecret',
    );

    expect(signature).toBe('Rwm6cTKzoti4HWoe+GKcb6Kv07E=');
  });

  it('signs the published v4 vector', () => {
    const headers = {
      'x-log-date': '20220808T032330Z',
      'x-log-content-sha256': sha256('adasd= -asd zcas'),
    };

    const signature = signV4(
      { method: 'POST', path: '/logstores', query: [], headers },
      ['x-log-content-sha256', 'x-log-date'],
      { date: '20220808', region: 'cn-shanghai' },
      'zxasdasdasw2',
    );

    expect(signature).toBe('8a10a5e723cb2e75964816de660b2c16a58af8bc0261f7f0722d832468c76ce8');
  });
});
