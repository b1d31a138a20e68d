/** What one code means, wherever it is met. */
interface Code {
  /** A run that has removed nothing yet: `refused` says no to it, `failed` that something broke. */
  readonly before: 'refused' | 'failed';
  /** A run in its midst: `cut` leaves work for another run, after `failed` something must be looked at first. */
  readonly during: 'cut' | 'failed';
  /** The exit code of a command that it ends before anything was changed: 1 no to this run, 2 it could not run. */
  readonly exit: 1 | 2;
  /** Whether the same thing may go well at another time, with nothing mended. */
  readonly passes: boolean;
  readonly meaning: string;
}

const REFUSED = { before: 'refused', during: 'failed', exit: 1, passes: false } as const;
const UNUSABLE = { before: 'failed', during: 'failed', exit: 2, passes: false } as const;
const STOPPED = { before: 'failed', during: 'failed', exit: 1, passes: false } as const;
const CUT = { before: 'failed', during: 'cut', exit: 1, passes: true } as const;

/** Every code of an error and of a run that did not go its whole way: the one place that says what each means. */
export const CODES = {
  INVALID_POLICY: { ...REFUSED, exit: 2, meaning: 'the policy has faults' },
  POLICY_NOT_FOUND: { ...UNUSABLE, meaning: 'there is no policy of that name, or it cannot be read' },
  INVALID_REQUEST: { ...UNUSABLE, meaning: 'the request, or the event, asks for what cannot be done' },
  NOT_ALLOWED: { ...REFUSED, meaning: 'the settings do not let an event ask for that' },
  BUSY: { ...REFUSED, passes: true, meaning: 'another run of the policy is at work' },
  INVALID_SETTING: { ...UNUSABLE, meaning: 'a setting is missing or wrong' },
  INVALID_PLAN_FILE: { ...UNUSABLE, meaning: 'the file holds no plan that can be applied' },
  PLAN_REFUSED: { ...REFUSED, meaning: 'the plan is not one for today, or contradicts itself' },
  PLAN_UNPROVED: { ...REFUSED, meaning: 'the requests do not remove just what is planned; a defect' },
  GATE_CLOSED: { ...STOPPED, meaning: 'a request would have removed what is not planned; a defect' },
  LIMIT_EXCEEDED: { ...REFUSED, meaning: 'the plan passes a limit of its policy' },
  APPROVAL_MISSING: { ...REFUSED, meaning: 'the policy asks for approval, and the plan lacks it' },
  DIGEST_MISMATCH: { ...REFUSED, meaning: 'the plan, or the policy, is not the one that was reviewed' },
  INVENTORY_INCOMPLETE: { ...REFUSED, passes: true, meaning: 'not all in scope could be read' },
  AUDIT_UNAVAILABLE: { ...REFUSED, passes: true, meaning: 'records cannot be written, or read' },
  INVALID_FLEET: { ...UNUSABLE, meaning: 'the file holds no fleet that can be read' },
  RUN_NOT_FOUND: { ...UNUSABLE, meaning: 'no record tells of that run' },
  REPORT_UNBALANCED: { ...STOPPED, meaning: 'a planned tag has no end, or two; a defect' },
  INVOCATION_FAILED: { ...STOPPED, passes: true, meaning: 'the function could not be invoked, or failed' },
  INTERRUPTED: { before: 'refused', during: 'cut', exit: 1, passes: true, meaning: 'somebody stopped it' },
  UNFINISHED: { ...STOPPED, passes: true, meaning: 'the invocation did not do what it was asked for' },
  ECI: {
    ...STOPPED,
    exit: 2,
    passes: true,
    meaning: 'ECI refuses the account, its credentials or its clock',
  },
  TIME: { ...CUT, meaning: 'the time ended first' },
  THROTTLED: { ...CUT, meaning: 'the quota of the account is used up, by this run or by others' },
  MAX_FAILURES: { ...STOPPED, meaning: 'more tags failed than `limits.maxFailures` allows' },
  CANARY: { ...STOPPED, meaning: 'the first wave did not end as planned' },
  UNEXPLAINED: { ...STOPPED, meaning: 'a difference between before and after that nothing explains' },
  TAGS_FAILED: { ...STOPPED, meaning: 'no tag could be removed' },
  UNKNOWN: { ...UNUSABLE, meaning: 'any other error; a defect' },
} as const satisfies Readonly<Record<string, Code>>;

/** Why an error was thrown, or a run did not go its whole way: what callers can switch on. */
export type StopCode = keyof typeof CODES;

/** Every code, for schemas. */
export const STOP_CODES = Object.keys(CODES) as readonly StopCode[];
