import { describe, expect, it } from 'vitest';
import { whyReserved } from '../../../lib/apply/reserved-keys.ts';

describe('whyReserved', () => {
  it.each(['acs:', 'acs:tag:createdby', 'aliyun', 'aliyunEciVk'])(
    'never lets %s go, whatever is unprotected',
    (key) => {
      expect(whyReserved(key, [key])).toBe('it belongs to the cloud');
    },
  );

  it.each([
    'ManagedBy',
    'ClusterId',
    'ClusterName',
    'NodeName',
    'NameSpace',
    'PodName',
    'UID',
    'CreationTimestamp',
    'OwnerReferenceKind',
    'OwnerReferenceName',
    'ack.aliyun.com',
    'ack.aliyun.com/x',
    'k8s.aliyun.com',
    'ack.alibabacloud.com/x',
    'alibabacloud.com/x',
    'kubernetes.io/x',
    'k8s.io/x',
  ])('lets %s go only where the policy names it', (key) => {
    expect(whyReserved(key, [])).toMatch(/^Kubernetes finds its pods by it/);
    expect(whyReserved(key, ['other'])).toBeDefined();
    expect(whyReserved(key, ['other', key])).toBeUndefined();
  });

  it.each([
    'my-acs:x',
    'ACS:x',
    'my-aliyun',
    'MyPodName',
    'PodNames',
    'podname',
    'OwnerReference',
    'my-ack.aliyun.com',
    'my-k8s.io/x',
    'k8s.io',
    'kubernetes.io',
    'k8sxio/x',
  ])('lets %s go', (key) => {
    expect(whyReserved(key, [])).toBeUndefined();
  });
});
