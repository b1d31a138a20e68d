import type { TagKey } from '../resource.ts';

/**
 * The gate's own list of keys that never go, written apart from the judge's on purpose: one mistake must
 * not open both.
 *
 * @see ECI API reference, section 7.
 */
const CLOUD_KEY = /^(?:acs:|aliyun)/;

const KUBERNETES_KEY =
  /^(?:ManagedBy|ClusterId|ClusterName|NodeName|NameSpace|PodName|UID|CreationTimestamp|OwnerReference(?:Kind|Name))$|^(?:ack\.aliyun\.com|k8s\.aliyun\.com)|^(?:ack\.alibabacloud\.com|alibabacloud\.com|kubernetes\.io|k8s\.io)\//;

/** Why the gate lets no request with this key through, whichever way it goes, or nothing. */
export function whyOfCloud(key: TagKey): string | undefined {
  return CLOUD_KEY.test(key) ? 'it belongs to the cloud' : undefined;
}

/** Why the gate lets no request that removes this key through, or nothing. */
export function whyReserved(key: TagKey, unprotected: readonly TagKey[]): string | undefined {
  const why = whyOfCloud(key);
  if (why !== undefined) return why;
  if (KUBERNETES_KEY.test(key) && !unprotected.includes(key)) {
    return 'Kubernetes finds its pods by it, and the policy does not name it under unprotect';
  }
  return undefined;
}
