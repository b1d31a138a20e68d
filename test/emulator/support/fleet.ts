import type { FleetResource, Type } from '../../../emulator/resource.ts';

/** 45 container groups and three of each other type in cn-hangzhou, tagged `env` and `ci-run`. */
export function aFleet(): FleetResource[] {
  return [
    ...some('ContainerGroup', 'eci', 45),
    ...some('ImageCache', 'imc', 3),
    ...some('DataCache', 'edc', 3),
    ...some('VirtualNode', 'vnd', 3),
  ];
}

function some(type: Type, prefix: string, count: number): FleetResource[] {
  return Array.from({ length: count }, (_, index) => ({
    id: `${prefix}-${index + 1}`,
    type,
    region: 'cn-hangzhou',
    name: `${prefix}-name-${index + 1}`,
    created: '2026-01-01T00:00:30Z',
    tags: { env: index % 2 === 0 ? 'dev' : 'test', 'ci-run': String(index) },
  }));
}
