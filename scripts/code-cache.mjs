// Keeps what V8 makes of the function's code beside it, so that a cold start has nothing to compile.
// Started by the build as `node --hash-seed=1 scripts/code-cache.mjs FOLDER CODE-FILE`: equal code, equal bytes.
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import v8 from 'node:v8';
import vm from 'node:vm';

/** What V8 does when it has the time leaves marks in the code that is kept, so it is not done here. */
const BY_CHANCE = ['flush-bytecode', 'sparkplug', 'opt', 'use-osr'];
for (const flag of BY_CHANCE) v8.setFlagsFromString(`--no-${flag}`);

const [folder, name] = process.argv.slice(2);
const file = join(folder, name);
// The name is kept with the code, and what it was cut from too: never derive it from a path.
const script = new vm.Script(readFileSync(file, 'latin1'), { filename: name });
const module = { exports: {} };
script.runInThisContext()(module.exports, createRequire(file), module, file, folder);

// What has run is compiled, and what is compiled is kept: so one dry run, against a service that answers from here.
const server = createServer((request, response) => {
  request.resume().on('end', () => response.end(JSON.stringify(ANSWER)));
});
const POLICY = `
version: 1
name: any
scope: {regions: all}
select: {tag: env, in: [dev, test]}
remove: [{key: "ci-*"}]
`;
const ANSWER = {
  RequestId: '00000000-0000-0000-0000-000000000000',
  Regions: [{ RegionId: 'cn-hangzhou' }],
  ContainerGroups: [
    {
      ContainerGroupId: 'eci-1',
      ContainerGroupName: 'a',
      Tags: [
        { Key: 'ci-run', Value: '1' },
        { Key: 'env', Value: 'dev' },
      ],
    },
  ],
};
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
process.env.TAGSWEEP_ECI_ENDPOINT = `http://127.0.0.1:${server.address().port}`;
const policies = mkdtempSync(join(tmpdir(), 'tagsweep-build-'));
writeFileSync(join(policies, 'any.yaml'), POLICY);
process.env.TAGSWEEP_POLICIES_DIR = policies;
await module.exports.handler(Buffer.from('{"mode":"dry-run","policy":"any"}'), {
  requestId: 'build',
  credentials: { accessKeyId: 'STS.build', accessKeySecret: 'build', securityToken: 'build' },
  function: { name: 'tagsweep', memory: 512, timeout: 60 },
  service: { qualifier: 'LATEST' },
  region: 'cn-hangzhou',
  accountId: '1',
});
rmSync(policies, { recursive: true });

// The flags are part of what is kept, which fits no start under others: now as every start has them.
v8.setFlagsFromString('--hash-seed=0');
for (const flag of BY_CHANCE) v8.setFlagsFromString(`--${flag}`);
// Its digest after it: what is damaged is not given to V8.
const cache = script.createCachedData();
const digest = createHash('sha256').update(cache).digest();
writeFileSync(
  `${file}.${process.version}-${process.platform}-${process.arch}.cache`,
  Buffer.concat([cache, digest]),
);
process.exit();
