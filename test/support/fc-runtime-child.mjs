// One instance of a function: loads the code once, answers one invocation at a time, tells what is left running.
import { createRequire } from 'node:module';
import { join } from 'node:path';

const startedAt = performance.now();
const require = createRequire(import.meta.url);
const [file, name] = process.env._HANDLER.split('.');
const handler = require(join(process.env.FC_FUNC_CODE_PATH, `${file}.js`))[name];
const loadMs = performance.now() - startedAt;

const encode = (result) =>
  Buffer.isBuffer(result)
    ? result
    : Buffer.from(typeof result === 'object' ? JSON.stringify(result) : String(result));

process.on('message', async ({ event, context }) => {
  const answer = {};
  try {
    answer.body = encode(await handler(Buffer.from(event), context));
  } catch (error) {
    const errorType = error?.constructor?.name ?? 'Error';
    answer.error = {
      errorMessage: String(error?.message ?? error),
      errorType,
      stackTrace: String(error?.stack).split('\n'),
    };
  }
  // What is alive now stands still with the frozen instance, and wakes in somebody else's invocation.
  answer.leftovers = process.getActiveResourcesInfo().filter((resource) => !OWN.has(resource));
  process.stdout.write('', () => process.send(answer));
});

/** The channel to the parent, and standard output and error. */
const OWN = new Set(['PipeWrap', 'Pipe', 'WriteWrap', 'TTYWrap', 'FSReqCallback:stdio']);

process.send({ ready: true, loadMs });
