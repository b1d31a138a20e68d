import type { Course } from './course.ts';
import type { EciContext } from './operation.ts';

/** Puts a write call on record, whatever became of it. */
export function recordWrite(course: Course, context: EciContext, code: string): void {
  const { parameters } = course;
  const named = readQuietly(() => parameters.list('ResourceId'));
  const type = parameters.text('ResourceType');
  const token = parameters.text('ClientToken');
  context.counters.recordWrite({
    atMs: context.now(),
    api: course.api,
    region: course.region,
    accessKeyId: course.identity?.accessKeyId ?? '',
    requestId: course.requestId,
    ...(type === undefined ? {} : { resourceType: type }),
    resourceIds: named.length > 0 ? named : course.changed,
    tagKeys:
      course.api === 'TagResources'
        ? readQuietly(() => parameters.tags(Number.POSITIVE_INFINITY).map(({ key }) => key ?? ''))
        : readQuietly(() => parameters.list('TagKey')),
    all: parameters.text('All') === 'true',
    ...(token === undefined ? {} : { clientToken: token }),
    targetBytes: Buffer.byteLength(course.request.target),
    code,
    applied: course.applied,
    replayed: course.replayed,
  });
}

function readQuietly(read: () => readonly string[]): readonly string[] {
  try {
    return read();
  } catch {
    return [];
  }
}
