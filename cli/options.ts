import type { OptionSpecs } from './arguments.ts';

export const HELP_OPTIONS: OptionSpecs = {
  help: { type: 'boolean', short: 'h', help: 'this page' },
  wide: { type: 'boolean', help: 'lines and tables whole, however narrow the terminal' },
};

export const JSON_OPTION: OptionSpecs = {
  json: { type: 'boolean', help: 'print JSON, and nothing else, on standard output' },
};

export const ALL_OPTION: OptionSpecs = {
  all: { type: 'boolean', help: 'everything, not a summary' },
};

export const ATTEMPT_OPTION: OptionSpecs = {
  attempt: {
    type: 'list',
    value: 'ID',
    help: 'take this attempt of the run, or all, though nothing vouches for it',
  },
};

export const ACCOUNT_OPTION: OptionSpecs = {
  account: {
    type: 'text',
    value: 'ID',
    help: "the account worked in: a plan or a run of another one is refused; a plan's digest covers it, as the function's does",
  },
};

export const YES_OPTION: OptionSpecs = {
  yes: { type: 'boolean', short: 'y', help: 'act without asking; needed where nobody can be asked' },
};

/** The settings of the function as flags; each wins over its environment variable. */
export const SETTING_OPTIONS: OptionSpecs = {
  env: {
    type: 'text',
    value: 'FILE',
    help: 'settings that the shell does not have, as the deployment writes them to .env; tagsweep.yaml in the folder comes after it',
  },
  profile: {
    type: 'text',
    value: 'NAME',
    help: "a profile of the aliyun CLI, before any other credentials (ALIBABA_CLOUD_PROFILE; default the vendor's chain)",
  },
  'policies-dir': {
    type: 'text',
    value: 'DIR',
    help: 'where policies are found by name (TAGSWEEP_POLICIES_DIR; default policies)',
  },
  'log-file': { type: 'text', value: 'FILE', help: 'keep the records in this file (TAGSWEEP_LOG_FILE)' },
  'log-project': {
    type: 'text',
    value: 'NAME',
    help: 'keep the records in this log project (TAGSWEEP_LOG_PROJECT)',
  },
  'log-store': { type: 'text', value: 'NAME', help: 'and in this log store of it (TAGSWEEP_LOG_STORE)' },
  'log-region': { type: 'text', value: 'REGION', help: "the log store's region (TAGSWEEP_REGION)" },
  'eci-endpoint': {
    type: 'text',
    value: 'URL',
    help: 'one ECI endpoint for all regions (TAGSWEEP_ECI_ENDPOINT)',
  },
  'eci-network': {
    type: 'text',
    value: 'NETWORK',
    help: 'public or vpc endpoints of ECI (TAGSWEEP_ECI_NETWORK; default public)',
  },
  'tag-rows': {
    type: 'text',
    value: 'on|off',
    help: 'rely on ListTagResources to list every tag where that is cheaper (TAGSWEEP_TAG_ROWS; default off)',
  },
  'form-body': {
    type: 'text',
    value: 'on|off',
    help: 'send changes as form parameters instead of in the URL (TAGSWEEP_FORM_BODY; default off)',
  },
  'offline-regions': {
    type: 'text',
    value: 'A,B',
    help: 'regions that are newer than this version (TAGSWEEP_OFFLINE_REGIONS)',
  },
  'doctor-profile': {
    type: 'text',
    value: 'FILE',
    help: 'what doctor learned of this account (TAGSWEEP_PROFILE)',
  },
  'sls-endpoint': { type: 'text', value: 'URL', help: "the log service's endpoint (TAGSWEEP_SLS_ENDPOINT)" },
  'fc-endpoint': { type: 'text', value: 'URL', help: "Function Compute's endpoint (TAGSWEEP_FC_ENDPOINT)" },
};

/** Some of the settings, for a command that has no use for the others. */
export function pickSettings(...names: readonly string[]): OptionSpecs {
  return Object.fromEntries(Object.entries(SETTING_OPTIONS).filter(([name]) => names.includes(name)));
}

/** The settings of a command that reads ECI, and keeps or reads no records. */
export const READING_OPTIONS: OptionSpecs = Object.fromEntries(
  Object.entries(SETTING_OPTIONS).filter(([name]) => !/^(log-|sls-|fc-)/.test(name)),
);
