import { randomUUID } from 'node:crypto';
import type { Random } from '../random.ts';
import type { WriteEvent } from '../state.ts';
import { matchesPattern, type Pattern } from './pattern.ts';

/** One rule: which events go to which target, and how delivery misbehaves. */
export interface Rule {
  readonly pattern: Pattern;
  /** Resolves when the target took the event; a rejection is a failed delivery and is tried again. */
  readonly deliver: (event: CloudEvent) => Promise<void>;
  /** The share of events that are delivered twice. Default 0. */
  readonly duplicateRate?: number;
  /** The share of events that are held back until the next one has gone. Default 0. */
  readonly reorderRate?: number;
  /** Default 3, as BACKOFF_RETRY. */
  readonly tries?: number;
}

export interface CloudEvent {
  readonly id: string;
  readonly source: string;
  readonly specversion: '1.0';
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly [attribute: string]: unknown;
}

/** How ActionTrail names each type among the referenced resources. */
const RESOURCE_TYPE: Readonly<Record<string, string>> = {
  ContainerGroup: 'ACS::ECI::ContainerGroup',
  ImageCache: 'ACS::ECI::ImageCache',
  DataCache: 'ACS::ECI::DataCache',
  VirtualNode: 'ACS::ECI::VirtualNode',
};

const ID_FIELD: Readonly<Record<string, string>> = {
  ContainerGroup: 'ContainerGroupId',
  ImageCache: 'ImageCacheId',
  DataCache: 'DataCacheId',
  VirtualNode: 'VirtualNodeId',
};

/**
 * The event bus: every write call becomes an ActionTrail event, and each rule that matches gets it at
 * least once, in no promised order.
 */
export class EventBus {
  readonly #rules: readonly Rule[];
  readonly #random: Random;
  readonly #held: { readonly rule: Rule; readonly event: CloudEvent }[] = [];
  readonly #pending = new Set<Promise<void>>();
  /** Every event that was published, whether a rule matched or not. */
  readonly published: CloudEvent[] = [];
  /** Deliveries made, by event name. */
  readonly delivered = new Map<string, number>();

  constructor(rules: readonly Rule[], random: Random) {
    this.#rules = rules;
    this.#random = random;
  }

  publish(event: CloudEvent): void {
    this.published.push(event);
    for (const rule of this.#rules.filter((one) => matchesPattern(one.pattern, event))) {
      const late = this.#held.splice(0);
      if (this.#random() < (rule.reorderRate ?? 0)) this.#held.push({ rule, event });
      else this.#send(rule, event);
      for (const one of late) this.#send(one.rule, one.event);
    }
  }

  /** Resolves once everything that was published is delivered or given up. */
  async settled(): Promise<void> {
    for (const { rule, event } of this.#held.splice(0)) this.#send(rule, event);
    while (this.#pending.size > 0) await Promise.all(this.#pending);
  }

  #send(rule: Rule, event: CloudEvent): void {
    const times = this.#random() < (rule.duplicateRate ?? 0) ? 2 : 1;
    for (let time = 0; time < times; time += 1) {
      const work = this.#deliver(rule, event).finally(() => this.#pending.delete(work));
      this.#pending.add(work);
    }
  }

  async #deliver(rule: Rule, event: CloudEvent): Promise<void> {
    const name = String(event.data.eventName);
    for (let attempt = 1; attempt <= (rule.tries ?? 3); attempt += 1) {
      this.delivered.set(name, (this.delivered.get(name) ?? 0) + 1);
      const taken = await rule.deliver(event).then(
        () => true,
        () => false,
      );
      if (taken) return;
    }
  }
}

/** The event that ActionTrail makes of a write call (ECI reference, section 10). */
export function actionTrailEvent(write: WriteEvent): CloudEvent {
  const at = new Date(write.atMs).toISOString();
  const type = RESOURCE_TYPE[write.type] ?? write.type;
  const creation = write.api.startsWith('Create');
  return {
    id: randomUUID(),
    source: 'acs.eci',
    specversion: '1.0',
    type: 'eci:ActionTrail:ApiCall',
    subject: `acs.eci:${write.region}:${write.accountId}:${write.ids[0] ?? ''}`,
    datacontenttype: 'application/json;charset=utf-8',
    time: at,
    aliyunaccountid: write.accountId,
    aliyunpublishtime: at.replace('Z', 'PRC'),
    aliyuneventbusname: 'default',
    aliyunregionid: write.region,
    data: {
      eventId: write.requestId,
      eventVersion: 1,
      eventName: write.api,
      eventType: 'ApiCall',
      eventRW: 'Write',
      eventTime: at,
      eventSource: `eci.${write.region}.aliyuncs.com`,
      serviceName: 'Eci',
      apiVersion: '2018-08-08',
      acsRegion: write.region,
      requestId: write.requestId,
      userIdentity: { type: 'ram-user', accountId: write.accountId, accessKeyId: write.accessKeyId },
      requestParameters: Object.fromEntries(write.parameters),
      ...(creation ? { responseElements: { [ID_FIELD[write.type] ?? 'Id']: write.ids[0] } } : {}),
      referencedResources: { [type]: write.ids },
      resourceType: type,
      resourceName: write.ids.join(','),
      isGlobal: false,
    },
  };
}
