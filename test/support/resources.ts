import { compareText, type Resource, type Tag, type TagKey } from '../../lib/resource.ts';

/** A resource as a test describes it: its tags by key; `undefined` is a property that was not seen. */
export type ResourceDraft = { readonly [K in Exclude<keyof Resource, 'tags'>]?: Resource[K] | undefined } & {
  readonly tags?: Readonly<Record<TagKey, string>> | undefined;
};

/** A running container group without tags, but for what is said. */
export function aResource(draft: ResourceDraft = {}): Resource {
  const { tags, ...rest } = draft;
  const seen = 'tags' in draft && tags === undefined ? undefined : tagsOf(tags ?? {});
  const resource = {
    region: 'cn-hangzhou',
    type: 'ContainerGroup' as const,
    id: 'eci-1',
    name: 'api-1',
    status: 'Running',
    createdAtMs: Date.UTC(2026, 0, 1),
    resourceGroupId: 'rg-default',
    ...rest,
    ...(seen !== undefined && { tags: seen }),
  };
  // `name: undefined` says that the name was not seen.
  return Object.fromEntries(
    Object.entries(resource).filter(([, value]) => value !== undefined),
  ) as unknown as Resource;
}

export function aTag(key: TagKey, value = ''): Tag {
  return { key, value };
}

/** Tags sorted by key, as an inventory holds them. */
export function tagsOf(tags: Readonly<Record<TagKey, string>>): readonly Tag[] {
  return Object.entries(tags)
    .map(([key, value]) => aTag(key, value))
    .sort((a, b) => compareText(a.key, b.key));
}
