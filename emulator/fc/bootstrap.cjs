// Runs one deployed handler as the platform's Node runtime does: raw bytes in, one request at a time, the instance kept
// warm between them. Started by instance.ts; speaks over the process channel, and marks the end of each output.
const path = require('node:path');

const [, , codeFolder, handlerName] = process.argv;
const [file, name] = handlerName.split('.');
/** The channel to the platform, standard output and error, and the turn in which they are looked at. */
const OWN = new Set(['PipeWrap', 'Pipe', 'WriteWrap', 'TTYWrap', 'Immediate']);
let handler;
let loadError;
try {
  handler = require(path.join(codeFolder, `${file}.js`))[name];
  if (typeof handler !== 'function') throw new Error(`${handlerName} is not exported as a function`);
} catch (error) {
  loadError = error;
}
process.send({ kind: 'ready' });

process.on('message', async ({ event, context, endMark }) => {
  const before = alive();
  const answer = { kind: 'result' };
  try {
    if (loadError) throw loadError;
    answer.body = encode(await handler(Buffer.from(event), context));
  } catch (error) {
    answer.kind = 'error';
    answer.body = encode({
      errorMessage: String(error?.message ?? error),
      errorType: error?.constructor?.name ?? typeof error,
      stackTrace: String(error?.stack ?? '').split('\n'),
    });
  }
  // What was closed in the handler's last step is gone one turn later.
  await new Promise((resolve) => setImmediate(resolve));
  answer.leftovers = without(alive(), before);
  answer.peakRssKb = process.resourceUsage().maxRSS;
  process.stdout.write(endMark);
  process.stderr.write(endMark);
  process.send(answer);
});

/** What the platform makes of a return value: a Buffer as it is, an object as JSON, anything else as text. */
function encode(value) {
  if (Buffer.isBuffer(value)) return value;
  if (typeof value === 'object' && value !== null) return Buffer.from(JSON.stringify(value));
  return Buffer.from(value === undefined ? '' : String(value));
}

/** Timers, sockets and other handles: they would stand still with the frozen instance and wake in somebody else's request. */
function alive() {
  return process.getActiveResourcesInfo().filter((resource) => !OWN.has(resource));
}

function without(now, before) {
  const rest = [...before];
  return now.filter((resource) => {
    const at = rest.indexOf(resource);
    if (at >= 0) rest.splice(at, 1);
    return at < 0;
  });
}
