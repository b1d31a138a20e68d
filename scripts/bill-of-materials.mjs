// What is in a bundle besides our own code: a CycloneDX list and the licences' texts, in a stable order and without a date.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Writes `sbom.cdx.json` (CycloneDX 1.6) and `THIRD-PARTY-NOTICES.txt` for the packages that esbuild put into a bundle.
 *
 * @param {{root: string, folder: string, inputs: readonly string[]}} bundle `inputs`: paths of the metafile, from root.
 */
export function writeBillOfMaterials({ root, folder, inputs }) {
  const packages = packagesOf(root, inputs);
  const own = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const sbom = {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: { component: component(own, 'application') },
    components: packages.map(({ manifest }) => component(manifest, 'library')),
  };
  writeFileSync(join(folder, 'sbom.cdx.json'), `${JSON.stringify(sbom, null, 2)}\n`);
  writeFileSync(join(folder, 'THIRD-PARTY-NOTICES.txt'), notices(packages));
}

/** The packages that own the inputs, by name and version. */
function packagesOf(root, inputs) {
  const found = new Map();
  for (const input of inputs) {
    const at = input.lastIndexOf('node_modules/');
    if (at < 0) continue;
    const [scopeOrName, name] = input.slice(at + 'node_modules/'.length).split('/');
    const folder = join(
      root,
      input.slice(0, at),
      'node_modules',
      scopeOrName.startsWith('@') ? `${scopeOrName}/${name}` : scopeOrName,
    );
    if (found.has(folder)) continue;
    found.set(folder, { folder, manifest: JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) });
  }
  const key = ({ manifest }) => `${manifest.name}@${manifest.version}`;
  const unique = new Map([...found.values()].map((one) => [key(one), one]));
  return [...unique.values()].sort((a, b) => (key(a) < key(b) ? -1 : 1));
}

function component(manifest, type) {
  const purl = `pkg:npm/${manifest.name.replace('@', '%40')}@${manifest.version}`;
  return {
    type,
    'bom-ref': purl,
    name: manifest.name,
    version: manifest.version,
    licenses: [{ license: licenseOf(manifest) }],
    purl,
  };
}

/** What authors write where they mean an SPDX id. */
const MEANT = new Map([['Apache License 2.0', 'Apache-2.0']]);

/** SPDX ids stay ids; anything else is a name, as CycloneDX wants it. */
function licenseOf(manifest) {
  const license = manifest.license ?? manifest.licenses?.[0]?.type ?? 'unknown';
  const written = typeof license === 'string' ? license : license.type;
  const text = MEANT.get(written) ?? written;
  return /^[A-Za-z0-9.+-]+$/.test(text) && text !== 'unknown' ? { id: text } : { name: text };
}

/** Packages with the same licence text share it. */
function notices(packages) {
  const byText = new Map();
  for (const { folder, manifest } of packages) {
    const text =
      licenseText(folder) ?? `The package states: ${licenseOf(manifest).id ?? licenseOf(manifest).name}.`;
    const digest = createHash('sha256').update(text).digest('hex');
    const entry = byText.get(digest) ?? { text, names: [] };
    entry.names.push(`${manifest.name} ${manifest.version}`);
    byText.set(digest, entry);
  }
  const parts = [...byText.values()].map(({ names, text }) => `${names.join('\n')}\n\n${text.trim()}\n`);
  return `This program contains the following packages.\n\n${parts.join(`\n${'-'.repeat(80)}\n\n`)}`;
}

function licenseText(folder) {
  const file = readdirSync(folder)
    .sort()
    .find((name) => /^(licen[cs]e|copying)/i.test(name));
  const path = file === undefined ? undefined : join(folder, file);
  return path !== undefined && existsSync(path)
    ? readFileSync(path, 'utf8').replaceAll('\r\n', '\n')
    : undefined;
}
