import { isLoopback } from '../base-url.ts';
import type { ChannelSetting } from './channel.ts';
import { CHANNEL_KINDS } from './notifier.ts';

/** What the variables of channels begin with: `TAGSWEEP_NOTIFY_OPS` is channel `ops`. */
export const CHANNEL_PREFIX = 'TAGSWEEP_NOTIFY_';
const SECRET_SUFFIX = '_SECRET';
export const CHANNEL_NAME = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/;

type Variables = Readonly<Record<string, string | undefined>>;

/** The channels that variables name; of one that is wrong it is told what, and nothing of what it holds. */
export function readChannels(given: Variables): {
  readonly channels: ReadonlyMap<string, ChannelSetting>;
  readonly faults: readonly string[];
} {
  const channels = new Map<string, ChannelSetting>();
  const faults: string[] = [];
  for (const variable of Object.keys(given)) {
    if (!variable.startsWith(CHANNEL_PREFIX)) continue;
    const read = readVariable(variable, given);
    if (typeof read === 'string') faults.push(`${variable} ${read}.`);
    else if (read !== undefined) channels.set(read.name, read.setting);
  }
  return { channels, faults: faults.length > 0 ? faults : unknownChannels(given, channels) };
}

function readVariable(
  variable: string,
  given: Variables,
): { readonly name: string; readonly setting: ChannelSetting } | string | undefined {
  if (variable.endsWith(SECRET_SUFFIX)) {
    const of = variable.slice(0, -SECRET_SUFFIX.length);
    return given[of] === undefined ? `is the secret of ${of}, which is not set` : undefined;
  }
  const name = variable.slice(CHANNEL_PREFIX.length).toLowerCase().replaceAll('_', '-');
  if (!CHANNEL_NAME.test(name) || variable !== variable.toUpperCase()) {
    return 'names no channel: write capital letters, digits and "_", as in TAGSWEEP_NOTIFY_OPS';
  }
  const setting = readChannel(given[variable] ?? '', given[`${variable}${SECRET_SUFFIX}`]);
  return 'fault' in setting ? setting.fault : { name, setting };
}

function unknownChannels({ TAGSWEEP_NOTIFY: usual = '' }: Variables, channels: ReadonlyMap<string, unknown>) {
  return usual
    .split(',')
    .map((word) => word.trim())
    .filter((name) => name !== '' && !channels.has(name))
    .map(
      (name) =>
        `TAGSWEEP_NOTIFY names channel ${name}, and ${CHANNEL_PREFIX}${name.toUpperCase().replaceAll('-', '_')} is not set.`,
    );
}

/** `dingtalk+https://…`, or `directmail://…`. */
const FORM = /^([a-z]+)(?:\+(https?:\/\/.+)|:\/\/.+)$/;

const MAIL_ADDRESS = /^[^\s@,]+@[^\s@,]+\.[^\s@,]+$/;

/**
 * Reads the setting of a channel: `KIND+https://…`, or `directmail://FROM?to=A,B`.
 *
 * A robot leads to the hosts of its service alone, and no channel to an address in numbers, behind which may be what only
 * this network sees, such as the metadata of a machine.
 *
 * @returns what is wrong, in words that tell nothing of the address.
 */
export function readChannel(
  text: string,
  secret: string | undefined,
): ChannelSetting | { readonly fault: string } {
  const [, kindName = '', inner] = FORM.exec(text) ?? [];
  const kind = Object.hasOwn(CHANNEL_KINDS, kindName) ? CHANNEL_KINDS[kindName] : undefined;
  const kinds = Object.keys(CHANNEL_KINDS).filter((one) => one !== 'directmail');
  if (kind === undefined) {
    return {
      fault: `is no channel: write one of ${kinds.map((one) => `${one}+https://…`).join(', ')}, or directmail://FROM?to=A,B`,
    };
  }
  const address = kindName === 'directmail' ? text : inner;
  if (address === undefined || !URL.canParse(address))
    return { fault: `is no address: write ${kindName}+https://…` };
  const url = new URL(address);
  const fault = kindName === 'directmail' ? mailFault(url) : addressFault(url, kind.hosts);
  if (fault !== undefined) return { fault };
  if (kind.isSigned && secret === undefined) {
    return {
      fault:
        'needs the secret that its messages are signed with, in the variable of the same name with _SECRET at its end',
    };
  }
  return { kind: kindName, url, ...(secret !== undefined && { secret }) };
}

function addressFault(url: URL, hosts: readonly string[] | undefined): string | undefined {
  if (url.username !== '' || url.password !== '') return 'must not hold credentials before its host';
  if (isLoopback(url.hostname)) return undefined;
  if (url.protocol !== 'https:') return 'must begin with https:// after its kind';
  if (/^[\d.]+$|^\[/.test(url.hostname)) return 'must name its host, and not an address in numbers';
  if (hosts !== undefined && !hosts.includes(url.hostname)) {
    return `leads to ${url.hostname}, and this kind of channel only to ${hosts.join(' or ')}`;
  }
  return undefined;
}

function mailFault(url: URL): string | undefined {
  const from = `${decodeURIComponent(url.username)}@${url.hostname}`;
  const to = (url.searchParams.get('to') ?? '').split(',');
  if (!MAIL_ADDRESS.test(from)) return 'names no sender: write directmail://notices@mail.example.com?to=…';
  if (to.length > 100) return 'names more than 100 recipients';
  if (!to.every((one) => MAIL_ADDRESS.test(one)))
    return 'names no recipients: write ?to=a@example.com,b@example.com';
  const region = url.searchParams.get('region');
  if (region !== null && !/^[a-z0-9]+(?:-[a-z0-9]+)+$/.test(region)) return 'names no region after region=';
  return undefined;
}
