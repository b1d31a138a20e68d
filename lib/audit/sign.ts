import { createHash, createHmac, createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto';
import { canonicalText } from './chain.ts';
import type { AuditRecord } from './record.ts';

/** Shorter keys can be guessed. */
const MIN_KEY_BYTES = 32;

const HOW_TO = 'make one with `openssl rand -base64 32`';

const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;

/** What the signature of a record is worth to whoever holds the keys. */
export type SignatureVerdict = 'signed' | 'unsigned' | 'other key' | 'forged';

/** Signs records and what the function sends itself, and tells which were signed. */
export interface Signer {
  /** The record with its `signature`. */
  sign(record: AuditRecord): AuditRecord;
  check(record: AuditRecord): SignatureVerdict;
  /** The signature of a message that is no record; `purpose` keeps one kind of message from passing for another. */
  seal(purpose: string, message: string): string;
  checkSeal(purpose: string, message: string, signature: string | undefined): SignatureVerdict;
}

interface Key {
  /** Names the key without telling it. */
  readonly id: string;
  readonly secret: KeyObject;
}

/**
 * Reads `TAGSWEEP_JOURNAL_KEY`: base64 of 32 bytes or more, or several between commas. The first signs, and each of
 * them is believed, so that a key can be changed while older runs can still be undone.
 *
 * @throws {Error} whose message says what is wrong, and tells nothing of the key.
 */
export function createSigner(setting: string): Signer {
  const keys = setting.split(',').map((text) => readKey(text.trim()));
  const [first] = keys;
  const byId = new Map(keys.map((key) => [key.id, key]));
  const signatureOf = (text: string, key: Key): string =>
    `hmac-sha256:${key.id}:${createHmac('sha256', key.secret).update(text).digest('hex')}`;
  const check = (text: string, signature: string | undefined): SignatureVerdict => {
    if (signature === undefined) return 'unsigned';
    const key = byId.get(signature.split(':')[1] ?? '');
    if (key === undefined) return 'other key';
    const given = Buffer.from(signature);
    const right = Buffer.from(signatureOf(text, key));
    return given.length === right.length && timingSafeEqual(given, right) ? 'signed' : 'forged';
  };
  // The text of a record begins with a bracket, so that no purpose makes one.
  const sealed = (purpose: string, message: string): string => `${purpose}\n${message}`;
  return {
    sign: (record) => ({ ...record, signature: signatureOf(canonicalText(record), first!) }),
    check: (record) => check(canonicalText(record), record.signature),
    seal: (purpose, message) => signatureOf(sealed(purpose, message), first!),
    checkSeal: (purpose, message, signature) => check(sealed(purpose, message), signature),
  };
}

function readKey(text: string): Key {
  const bytes = BASE64.test(text) ? Buffer.from(text, 'base64') : Buffer.alloc(0);
  // What decodes to other bytes than it stands for was cut, or is no base64.
  const isWhole = bytes.toString('base64').replace(/=+$/, '') === text.replace(/=+$/, '');
  if (bytes.length === 0 || !isWhole) {
    throw new Error(`is no base64: ${HOW_TO}`);
  }
  if (bytes.length < MIN_KEY_BYTES) {
    throw new Error(`is a key of ${bytes.length} bytes, and takes ${MIN_KEY_BYTES} or more: ${HOW_TO}`);
  }
  const id = createHash('sha256').update('tagsweep journal key').update(bytes).digest('hex').slice(0, 8);
  return { id, secret: createSecretKey(bytes) };
}
