import { pick, type Random } from './random.ts';

/** What is settled about a resource before its tags are. */
export interface Sketch {
  readonly random: Random;
  readonly index: number;
  readonly createdMs: number;
  readonly nowMs: number;
}

interface Portrait {
  readonly name: string;
  readonly tags: Readonly<Record<string, string>>;
}

/** The kinds of resources that share an account, each with the tags that its makers leave. */
export type Character = keyof typeof CHARACTERS;

const DAY_MS = 24 * 60 * 60_000;
const TEAMS = ['payments', 'search', 'identity', 'data-platform', 'web', 'mobile', 'infra', 'ml'];
const APPS = ['api', 'worker', 'gateway', 'indexer', 'billing', 'notifier', 'scheduler', 'frontend'];
const PEOPLE = ['li.wei', 'zhang.min', 'anna', 'b.kumar', 'chen.jie', 'o.martin', 'wang.fang'];
const ENVS = ['prod', 'prod', 'staging', 'test', 'dev', 'dev'];

export const CHARACTERS = {
  /** Long-lived, tagged by rule, and by hand beside it: misspelt keys and leftovers of an old scheme. */
  service({ random, index }: Sketch): Portrait {
    const app = pick(random, APPS);
    return {
      name: `${app}-${index.toString(36)}`,
      tags: {
        [maybe(random, 0.08, pick(random, ['Env', 'ENV', 'enviroment']), 'env')]: pick(random, ENVS),
        [maybe(random, 0.06, 'Team', 'team')]: pick(random, TEAMS),
        [maybe(random, 0.05, pick(random, ['ownr', 'Owner']), 'owner')]: pick(random, PEOPLE),
        [maybe(random, 0.1, pick(random, ['cost_center', 'CostCenter']), 'cost-center')]: costCenter(random),
        app,
        ...some(random, 0.3, { 'legacy-app-id': `LA-${1000 + (index % 900)}`, 'legacy-tier': 'gold' }),
        ...some(random, 0.2, { version: `${1 + (index % 4)}.${index % 17}.0` }),
        ...some(random, 0.1, { 'finance-code': `F${index % 60}` }),
      },
    };
  },

  /** A pipeline's runner: markers that nobody needs once the run is over. */
  ci({ random, index, createdMs }: Sketch): Portrait {
    const run = 80_000 + index;
    return {
      name: `ci-runner-${run}`,
      tags: {
        env: pick(random, ['dev', 'test']),
        'ci-run': String(run),
        'ci-pipeline': pick(random, APPS),
        ...some(random, 0.7, { 'ci-commit': hex(random, 7), 'ci-branch': pick(random, ['main', 'develop']) }),
        ...some(random, 0.4, { 'expires-at': date(createdMs + 3 * DAY_MS) }),
        ...some(random, 0.2, { tmp_cache: '' }),
        ...some(random, 0.3, { owner: pick(random, PEOPLE) }),
      },
    };
  },

  /** A pod of ACK: its bookkeeping has no prefix, and at most three tags are the user's. */
  ackPod({ random, index }: Sketch): Portrait {
    const app = pick(random, APPS);
    const pod = `${app}-${hex(random, 9)}-${hex(random, 5)}`;
    return {
      name: pod,
      tags: {
        ManagedBy: 'ACK',
        ClusterId: `c7e0f3a9b${index % 3}`,
        NameSpace: pick(random, ['default', ...TEAMS]),
        PodName: pod,
        OwnerReferenceKind: 'ReplicaSet',
        OwnerReferenceName: pod.slice(0, -6),
        ...some(random, 0.5, { env: pick(random, ENVS), team: pick(random, TEAMS) }),
        ...some(random, 0.35, { [`trace-${hex(random, 8)}`]: 'on' }),
        ...some(random, 0.1, { 'k8s.aliyun.com/eci-image-cache': 'true' }),
      },
    };
  },

  /** A pod of the open-source virtual-kubelet, which finds its pods by these very tags. */
  kubeletPod({ random, index, createdMs }: Sketch): Portrait {
    const pod = `${pick(random, APPS)}-${index % 9}`;
    return {
      name: `${pod}-${index.toString(36)}`,
      tags: {
        ClusterName: 'edge',
        NodeName: `virtual-kubelet-${index % 4}`,
        NameSpace: pick(random, TEAMS),
        PodName: pod,
        UID: `${hex(random, 8)}-${hex(random, 4)}-${hex(random, 4)}-${hex(random, 12)}`,
        CreationTimestamp: `${new Date(createdMs).toISOString().slice(0, 19)}Z`,
      },
    };
  },

  /** Somebody's experiment, with a date by which it should have been gone; some dates are no dates. */
  sandbox({ random, index, createdMs, nowMs }: Sketch): Portrait {
    const owner = pick(random, PEOPLE);
    const expires = random() < 0.9 ? date(createdMs + pick(random, [7, 30, 90]) * DAY_MS) : undefined;
    return {
      name: `sandbox-${owner}-${index.toString(36)}`,
      tags: {
        env: 'dev',
        owner,
        'expires-at': expires ?? pick(random, ['soon', 'never', '2026-13-01', '']),
        ...some(random, 0.5, { purpose: pick(random, ['demo', 'load test', 'bug "4711"']) }),
        ...some(random, 0.3, { [`tmp-${date(nowMs - (index % 60) * DAY_MS)}`]: '1' }),
      },
    };
  },

  /** A nightly job: a key with the date in it, each night another. */
  batchJob({ random, index, createdMs }: Sketch): Portrait {
    return {
      name: `job-${pick(random, TEAMS)}-${index.toString(36)}`,
      tags: {
        team: pick(random, TEAMS),
        'cost-center': costCenter(random),
        'job-id': String(900_000 + index),
        retries: String(index % 5),
        [`tmp-${date(createdMs)}`]: 'true',
        ...some(random, 0.5, { [`tmp_${APPS[index % APPS.length]}`]: hex(random, 6) }),
      },
    };
  },

  /** What people type: other scripts, spaces, marks, empty values. */
  odd({ random, index }: Sketch): Portrait {
    return {
      name: `misc-${index.toString(36)}`,
      tags: {
        [pick(random, ['环境', 'окружение', '🚀 launch', 'cost center', "o'brien (temp)*", '50%+!'])]: pick(
          random,
          ['生产', '', 'a "quoted" value', '100%', '~/path'],
        ),
        owner: pick(random, PEOPLE),
        ...some(random, 0.5, { 'tmp-note': '' }),
      },
    };
  },
} as const;

function maybe(random: Random, share: number, rare: string, usual: string): string {
  return random() < share ? rare : usual;
}

function some(
  random: Random,
  share: number,
  tags: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  return random() < share ? tags : {};
}

function costCenter(random: Random): string {
  return `cc-${100 + Math.floor(random() * 25)}`;
}

function hex(random: Random, count: number): string {
  return Array.from({ length: count }, () => Math.floor(random() * 16).toString(16)).join('');
}

/** `2026-01-31` */
function date(atMs: number): string {
  return new Date(atMs).toISOString().slice(0, 10);
}
