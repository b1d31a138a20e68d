import { createContainerGroup } from './create-container-group.ts';
import { createDataCache } from './create-data-cache.ts';
import { createImageCache } from './create-image-cache.ts';
import { createVirtualNode } from './create-virtual-node.ts';
import { deleteContainerGroup } from './delete-container-group.ts';
import { deleteDataCache } from './delete-data-cache.ts';
import { deleteImageCache } from './delete-image-cache.ts';
import { deleteVirtualNode } from './delete-virtual-node.ts';
import { describeContainerGroupPrice } from './describe-container-group-price.ts';
import { describeContainerGroupStatus } from './describe-container-group-status.ts';
import { describeContainerGroups } from './describe-container-groups.ts';
import { describeDataCaches } from './describe-data-caches.ts';
import { describeImageCaches } from './describe-image-caches.ts';
import { describeRegions } from './describe-regions.ts';
import { describeVirtualNodes } from './describe-virtual-nodes.ts';
import { listTagResources } from './list-tag-resources.ts';
import { listUsage } from './list-usage.ts';
import type { Operation } from './operation.ts';
import { tagResources } from './tag-resources.ts';
import { untagResources } from './untag-resources.ts';

/** Every operation that is emulated, by its name. */
export const OPERATIONS: ReadonlyMap<string, Operation> = new Map(
  [
    describeRegions,
    describeContainerGroups,
    describeImageCaches,
    describeDataCaches,
    describeVirtualNodes,
    describeContainerGroupStatus,
    listTagResources,
    listUsage,
    describeContainerGroupPrice,
    tagResources,
    untagResources,
    createContainerGroup,
    createImageCache,
    createDataCache,
    createVirtualNode,
    deleteContainerGroup,
    deleteImageCache,
    deleteDataCache,
    deleteVirtualNode,
  ].map((operation) => [operation.name, operation]),
);
