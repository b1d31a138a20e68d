// Runs one deployed handler as the platform's Node runtime does: raw bytes in, one request at a time, the instance kept
// warm between them. Started by instance.ts; speaks over the process channel.
const path = require('node:path');

const [, , codeFolder, handlerName] = process.argv;
const [file, name] = handlerName.split('.');
let handler;
let loadError;
try {
  handler = require(path.join(codeFolder, `${file}.js`))[name];
  if (typeof handler !== 'function') throw new Error(`${handlerName} is not exported as a function`);
} catch (error) {
  loadError = error;
}
process.send({ kind: 'ready' });

process.on('message', async (message) => {
  const before = timers();
  try {
    if (loadError) throw loadError;
    const value = await handler(Buffer.from(message.event), message.context);
    await new Promise((resolve) => setImmediate(resolve));
    process.send({
      kind: 'result',
      body: encode(value),
      timersLeft: timers() - before,
      peakRssKb: process.resourceUsage().maxRSS,
    });
  } catch (error) {
    const body = JSON.stringify({
      errorMessage: String(error?.message ?? error),
      errorType: error?.constructor?.name ?? typeof error,
      stackTrace: String(error?.stack ?? '').split('\n'),
    });
    process.send({
      kind: 'error',
      body: Buffer.from(body),
      timersLeft: timers() - before,
      peakRssKb: process.resourceUsage().maxRSS,
    });
  }
});

/** What the platform makes of a return value: a Buffer as it is, an object as JSON, anything else as text. */
function encode(value) {
  if (Buffer.isBuffer(value)) return value;
  if (typeof value === 'object' && value !== null) return Buffer.from(JSON.stringify(value));
  return Buffer.from(value === undefined ? '' : String(value));
}

function timers() {
  return process
    .getActiveResourcesInfo()
    .filter((resource) => resource === 'Timeout' || resource === 'Immediate').length;
}
