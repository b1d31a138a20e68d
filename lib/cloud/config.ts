import * as z from 'zod';
import { createSigner, type Signer } from '../audit/sign.ts';
import { CleanupError } from '../errors.ts';
import { nearest } from '../policy/suggest.ts';
import { REGION_ID, type Region } from '../resource.ts';
import { readBaseUrl } from './base-url.ts';
import type { NotifySettings } from './notify/notifier.ts';
import { CHANNEL_NAME, CHANNEL_PREFIX, readChannels } from './notify/read-channel.ts';

/** What lets the function do more than its policies do in their own modes; as delivered nothing but a reviewed digest. */
export interface Authority {
  /** Whether a request may bring a policy. */
  readonly inlinePolicies: boolean;
  /** What lets a request raise a dry-run policy to apply: the digest of a reviewed plan, a word, or nothing. */
  readonly raiseMode: 'digest' | 'on' | 'off';
  /** Whether every apply needs the digest of a reviewed plan. */
  readonly requireDigest: boolean;
  /** Whether a policy that journals no values, so that there is no undo, may be applied. */
  readonly allowUnjournaled: boolean;
}

/** `journal-keys`: the records without the values of tags, which stay in the audit store alone. */
export type Echo = 'journal-keys' | 'all' | 'off';

/** The settings of the environment, checked; what was not set is left out. */
export interface Config {
  /** The policy of requests that name none. */
  readonly policy?: string;
  /** The policy of EventBridge events; the same as `policy` unless set. */
  readonly eventPolicy?: string;
  /** Where policies are read at each run. */
  readonly policiesDir?: string;
  /** Where records are kept. Left out: nowhere, and nothing may be removed. */
  readonly log?: { readonly project: string; readonly store: string } | { readonly file: string };
  /** Signs records and tells which are; left out: no key is set. */
  readonly signer?: Signer;
  /** One base URL for all regions. */
  readonly eciEndpoint?: URL;
  readonly eciNetwork: 'public' | 'vpc';
  /** Whether ListTagResources is relied on to list every tag of a region and type. */
  readonly tagRows: boolean;
  /** Whether changes are sent as form parameters, instead of in the URL. */
  readonly formBody: boolean;
  /** Regions that are newer than this version, and taken for known. */
  readonly offlineRegions: readonly Region[];
  /** The file in which `doctor` kept what it learned of the account. */
  readonly profile?: string;
  /** Base URL of the log service; left out: the public one of `region`. */
  readonly slsEndpoint?: URL;
  /** Base URLs of RAM and of the message queues, which `setup` alone speaks to. */
  readonly ramEndpoint?: URL;
  readonly mnsEndpoint?: URL;
  /** Base URL of the mail service; left out: the public one. */
  readonly mailEndpoint?: URL;
  /** Whom runs may tell; left out: nobody. */
  readonly notify?: NotifySettings;
  /** Base URL for self-invocation; left out: the public one of account and region. */
  readonly fcEndpoint?: URL;
  /** Of the function and its log store. */
  readonly region: Region;
  /** What an event may do beside naming a policy of the folder. */
  readonly authority: Authority;
  /** What of the records is printed. */
  readonly echo: Echo;
  /** Whether this process is a function of Function Compute. */
  readonly insideFunction: boolean;
  /** Whether `DEBUG` is set, by which some packages print what must not be seen. */
  readonly debugIsSet: boolean;
}

export type Environment = Readonly<Record<string, string | undefined>>;

const policyName = z
  .string()
  .regex(
    /^[a-z0-9][a-z0-9-]{0,62}$/,
    'is no policy name: 1 to 63 small letters, digits and "-", without folder or ending',
  );
const baseUrl = z.string().transform((text, context) => {
  const read = readBaseUrl(text);
  if (read instanceof URL) return read;
  context.addIssue(read.fault);
  return z.NEVER;
});
const journalKey = z.string().transform((text, context) => {
  try {
    return createSigner(text);
  } catch (error) {
    context.addIssue((error as Error).message);
    return z.NEVER;
  }
});
/** Names of log projects and log stores: 3 to 63 letters, digits, "-" (and "_" in a store's). */
const projectName = z
  .string()
  .regex(
    /^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/,
    'is no name of a log project: 3 to 63 small letters, digits and "-"',
  );
const storeName = z
  .string()
  .regex(
    /^[a-z0-9][a-z0-9_-]{0,61}[a-z0-9]$/,
    'is no name of a log store: 2 to 63 small letters, digits, "-" and "_"',
  );

const onOrOff = z.enum(['on', 'off'], 'must be "on" or "off"').optional();

const regionList = z
  .string()
  .transform((text) => text.split(',').map((word) => word.trim()))
  .refine((words) => words.every((word) => REGION_ID.test(word)), 'must be region ids, joined by commas');

const channelNames = z
  .string()
  .transform((text) => text.split(',').map((word) => word.trim()))
  .refine(
    (words) => words.every((word) => CHANNEL_NAME.test(word)),
    'must be names of channels, joined by commas',
  );

const runLink = z
  .string()
  .refine(
    (text) => /^https:\/\/[^\s]+$/.test(text) && text.includes('{run}'),
    'must be an https:// address with {run} in the place of the run',
  );

const SETTINGS = z.object({
  TAGSWEEP_POLICY: policyName.optional(),
  TAGSWEEP_EVENT_POLICY: policyName.optional(),
  TAGSWEEP_POLICIES_DIR: z.string().optional(),
  TAGSWEEP_LOG_PROJECT: projectName.optional(),
  TAGSWEEP_LOG_STORE: storeName.optional(),
  TAGSWEEP_LOG_FILE: z.string().optional(),
  TAGSWEEP_JOURNAL_KEY: journalKey.optional(),
  TAGSWEEP_ECI_ENDPOINT: baseUrl.optional(),
  TAGSWEEP_ECI_NETWORK: z.enum(['public', 'vpc'], 'must be "public" or "vpc"').optional(),
  TAGSWEEP_PROFILE: z.string().optional(),
  TAGSWEEP_TAG_ROWS: onOrOff,
  TAGSWEEP_FORM_BODY: onOrOff,
  TAGSWEEP_INLINE_POLICIES: onOrOff,
  TAGSWEEP_RAISE_MODE: z.enum(['digest', 'on', 'off'], 'must be "digest", "on" or "off"').optional(),
  TAGSWEEP_REQUIRE_DIGEST: onOrOff,
  TAGSWEEP_ALLOW_UNJOURNALED: onOrOff,
  TAGSWEEP_ECHO: z.enum(['journal-keys', 'all', 'off'], 'must be "journal-keys", "all" or "off"').optional(),
  TAGSWEEP_OFFLINE_REGIONS: regionList.optional(),
  TAGSWEEP_SLS_ENDPOINT: baseUrl.optional(),
  TAGSWEEP_RAM_ENDPOINT: baseUrl.optional(),
  TAGSWEEP_MNS_ENDPOINT: baseUrl.optional(),
  TAGSWEEP_FC_ENDPOINT: baseUrl.optional(),
  TAGSWEEP_DM_ENDPOINT: baseUrl.optional(),
  TAGSWEEP_NOTIFY: channelNames.optional(),
  TAGSWEEP_RUN_LINK: runLink.optional(),
  TAGSWEEP_REGION: z.string().regex(REGION_ID, 'is no region id such as "cn-hangzhou"').optional(),
});

type Settings = z.infer<typeof SETTINGS>;

const PREFIX = 'TAGSWEEP_';

const DEFAULT_REGION = 'cn-hangzhou';

/**
 * Reads the settings; the one reader of the environment, with `readCredentials`. An empty variable is one
 * that is not set.
 *
 * @throws {CleanupError} code `INVALID_SETTING`, with one line for each fault: the variable and what to do.
 */
export function readConfig(env: Environment): Config {
  const given = Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) => (value?.trim() ? [[name, value.trim()]] : [])),
  );
  const insideFunction = given.FC_FUNCTION_NAME !== undefined;
  const parsed = SETTINGS.safeParse(given);
  const notify = readChannels(given);
  const faults = [
    ...(parsed.error?.issues ?? []).map((issue) => `${String(issue.path[0])} ${issue.message}.`),
    ...misspelt(given),
    ...faultsOfLog(given, insideFunction),
    ...notify.faults,
  ];
  if (!parsed.success || faults.length > 0) throw new CleanupError('INVALID_SETTING', faults.join('\n'));
  return toConfig(parsed.data, given, insideFunction, notify.channels);
}

function toConfig(
  settings: Settings,
  given: Environment,
  insideFunction: boolean,
  channels: NotifySettings['channels'],
): Config {
  const eventPolicy = settings.TAGSWEEP_EVENT_POLICY ?? settings.TAGSWEEP_POLICY;
  const log = logOf(settings);
  return {
    ...leaveOutUnset({
      policy: settings.TAGSWEEP_POLICY,
      eventPolicy,
      policiesDir: settings.TAGSWEEP_POLICIES_DIR,
      profile: settings.TAGSWEEP_PROFILE,
      log,
      signer: settings.TAGSWEEP_JOURNAL_KEY,
      eciEndpoint: settings.TAGSWEEP_ECI_ENDPOINT,
      slsEndpoint: settings.TAGSWEEP_SLS_ENDPOINT,
      ramEndpoint: settings.TAGSWEEP_RAM_ENDPOINT,
      mnsEndpoint: settings.TAGSWEEP_MNS_ENDPOINT,
      fcEndpoint: settings.TAGSWEEP_FC_ENDPOINT,
      mailEndpoint: settings.TAGSWEEP_DM_ENDPOINT,
    }),
    ...(channels.size > 0 && {
      notify: {
        channels,
        usual: settings.TAGSWEEP_NOTIFY ?? [],
        ...(settings.TAGSWEEP_RUN_LINK !== undefined && { runLink: settings.TAGSWEEP_RUN_LINK }),
      },
    }),
    eciNetwork: settings.TAGSWEEP_ECI_NETWORK ?? 'public',
    tagRows: settings.TAGSWEEP_TAG_ROWS === 'on',
    formBody: settings.TAGSWEEP_FORM_BODY === 'on',
    authority: {
      inlinePolicies: settings.TAGSWEEP_INLINE_POLICIES === 'on',
      raiseMode: settings.TAGSWEEP_RAISE_MODE ?? 'digest',
      requireDigest: settings.TAGSWEEP_REQUIRE_DIGEST === 'on',
      allowUnjournaled: settings.TAGSWEEP_ALLOW_UNJOURNALED === 'on',
    },
    echo: settings.TAGSWEEP_ECHO ?? 'journal-keys',
    offlineRegions: settings.TAGSWEEP_OFFLINE_REGIONS ?? [],
    region: settings.TAGSWEEP_REGION ?? given.FC_REGION ?? DEFAULT_REGION,
    insideFunction,
    debugIsSet: given.DEBUG !== undefined,
  };
}

function logOf(settings: Settings): Config['log'] {
  const { TAGSWEEP_LOG_PROJECT: project, TAGSWEEP_LOG_STORE: store, TAGSWEEP_LOG_FILE: file } = settings;
  if (file !== undefined) return { file };
  return project !== undefined && store !== undefined ? { project, store } : undefined;
}

/** A place that is named by half would quietly be no place. */
function faultsOfLog(given: Environment, insideFunction: boolean): readonly string[] {
  const { TAGSWEEP_LOG_PROJECT: project, TAGSWEEP_LOG_STORE: store, TAGSWEEP_LOG_FILE: file } = given;
  const faults: string[] = [];
  if (project !== undefined && store === undefined) {
    faults.push('TAGSWEEP_LOG_STORE is not set, but TAGSWEEP_LOG_PROJECT is: set both, or neither.');
  }
  if (store !== undefined && project === undefined) {
    faults.push('TAGSWEEP_LOG_PROJECT is not set, but TAGSWEEP_LOG_STORE is: set both, or neither.');
  }
  if (file !== undefined && (project !== undefined || store !== undefined)) {
    faults.push(
      'TAGSWEEP_LOG_FILE is set beside a log store: unset one, since records are kept in one place.',
    );
  }
  if (file !== undefined && insideFunction) {
    faults.push(
      'TAGSWEEP_LOG_FILE is set inside Function Compute, where files are lost with the instance: set TAGSWEEP_LOG_PROJECT and TAGSWEEP_LOG_STORE instead.',
    );
  }
  return faults;
}

/** Variables that look like one of ours, but are not: a setting that is not heard is worse than none. */
function misspelt(given: Environment): readonly string[] {
  const known = Object.keys(SETTINGS.shape).map((name) => name.slice(PREFIX.length));
  return Object.keys(given).flatMap((name) => {
    const rest = name.slice(PREFIX.length);
    if (name.startsWith(CHANNEL_PREFIX)) return [];
    if (!name.toUpperCase().startsWith(PREFIX) || (name.startsWith(PREFIX) && known.includes(rest)))
      return [];
    const meant = nearest(rest, known);
    return meant === undefined ? [] : [`${name} is not a setting: did you mean ${PREFIX}${meant}?`];
  });
}

type Defined<T> = { readonly [K in keyof T]?: Exclude<T[K], undefined> };

function leaveOutUnset<T extends object>(fields: T): Defined<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Defined<T>;
}
