import { randomUUID } from 'node:crypto';
import { type HttpRequest, parsePairs } from '../http.ts';
import type { Identity } from '../identities.ts';
import type { EciContext, Operation } from './operation.ts';
import { Parameters } from './parameters.ts';

/** What is known of a call while it is answered, for the record of writes. */
export interface Course {
  readonly requestId: string;
  readonly request: HttpRequest;
  readonly pairs: readonly (readonly [string, string])[];
  readonly parameters: Parameters;
  readonly api: string;
  readonly region: string;
  operation: Operation | undefined;
  identity: Identity | undefined;
  /** Ids that were changed. */
  changed: readonly string[];
  applied: boolean;
  replayed: boolean;
}

/** Reads a request as far as it goes without judging it. */
export function beginCourse(request: HttpRequest, context: EciContext): Course {
  const isForm = (request.headers['content-type'] ?? '').startsWith('application/x-www-form-urlencoded');
  const form = isForm && context.behavior().formBody === 'accept' ? parsePairs(request.body.toString()) : [];
  const pairs = [...request.query, ...form];
  const parameters = new Parameters(pairs);
  const api = request.headers['x-acs-action'] ?? parameters.text('Action') ?? '';
  return {
    requestId: randomUUID().toUpperCase(),
    request,
    pairs,
    parameters,
    api,
    region: parameters.text('RegionId') ?? '',
    operation: undefined,
    identity: undefined,
    changed: [],
    applied: false,
    replayed: false,
  };
}
