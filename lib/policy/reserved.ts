import type { TagKey } from '../resource.ts';

/** Keys that begin so belong to the cloud; no policy can remove them. */
export const RESERVED_PREFIXES = ['acs:', 'aliyun'] as const;

/**
 * Keys by which ACK, virtual nodes and virtual-kubelet find their pods; without them a pod is lost or made
 * again. Case-sensitive, and without a prefix, so they are named one by one.
 *
 * @see ECI API reference, section 7.
 */
export const KUBERNETES_KEYS: readonly TagKey[] = [
  'ClusterId',
  'ClusterName',
  'CreationTimestamp',
  'ManagedBy',
  'NameSpace',
  'NodeName',
  'OwnerReferenceKind',
  'OwnerReferenceName',
  'PodName',
  'UID',
];

/** The same for whole families of keys. */
export const KUBERNETES_PREFIXES = [
  'ack.aliyun.com',
  'ack.alibabacloud.com/',
  'k8s.io/',
  'k8s.aliyun.com',
  'kubernetes.io/',
  'alibabacloud.com/',
] as const;

const KUBERNETES_KEY_SET: ReadonlySet<string> = new Set(KUBERNETES_KEYS);

export function isReservedKey(key: TagKey): boolean {
  return RESERVED_PREFIXES.some((prefix) => key.startsWith(prefix));
}

export function isKubernetesKey(key: TagKey): boolean {
  return KUBERNETES_KEY_SET.has(key) || KUBERNETES_PREFIXES.some((prefix) => key.startsWith(prefix));
}
