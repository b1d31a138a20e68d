import { type Answer, type Rpc, RpcError } from './rpc.ts';
import type { Document, Found, Keeper, Thing } from './things.ts';
import { MARK } from './wanted.ts';

const CUSTOM = { PolicyType: 'Custom' };

/** Keeps the role, the policies and what is attached to the role (RAM 2015-05-01). */
export function createRamKeeper(rpc: Rpc): Keeper {
  const keepers: Readonly<Record<string, Keeper>> = {
    role: createRoleKeeper(rpc),
    policy: createPolicyKeeper(rpc),
    attachment: createAttachmentKeeper(rpc),
  };
  const of = ({ kind }: Thing): Keeper => {
    const keeper = keepers[kind];
    if (keeper === undefined) throw new Error(`RAM keeps no ${kind}`);
    return keeper;
  };
  return {
    find: (thing) => of(thing).find(thing),
    make: (thing) => of(thing).make(thing),
    change: (thing) => of(thing).change(thing),
    remove: (thing) => of(thing).remove(thing),
  };
}

function createRoleKeeper(rpc: Rpc): Keeper {
  const nameOf = ({ name }: Thing) => ({ RoleName: name });
  return {
    async find(thing) {
      const role = partOf(await unlessMissing(rpc('GetRole', nameOf(thing))), 'Role');
      return role && foundWith(role.Description, { trust: readJson(role.AssumeRolePolicyDocument) });
    },
    async make(thing) {
      const { description, trust } = thing.document;
      const role = { AssumeRolePolicyDocument: JSON.stringify(trust), Description: description };
      await rpc('CreateRole', { ...nameOf(thing), ...role });
    },
    async change(thing) {
      const { description, trust } = thing.document;
      const role = { NewAssumeRolePolicyDocument: JSON.stringify(trust), NewDescription: description };
      await rpc('UpdateRole', { ...nameOf(thing), ...role });
    },
    async remove(thing) {
      await rpc('DeleteRole', nameOf(thing));
    },
  };
}

function createPolicyKeeper(rpc: Rpc): Keeper {
  const nameOf = ({ name }: Thing) => ({ PolicyName: name });
  return {
    async find(thing) {
      const answer = await unlessMissing(rpc('GetPolicy', { ...CUSTOM, ...nameOf(thing) }));
      const policy = partOf(answer, 'Policy');
      const version = partOf(answer, 'DefaultPolicyVersion');
      return policy && foundWith(policy.Description, { document: readJson(version?.PolicyDocument) });
    },
    async make(thing) {
      const { description, document } = thing.document;
      const policy = { PolicyDocument: JSON.stringify(document), Description: description };
      await rpc('CreatePolicy', { ...nameOf(thing), ...policy });
    },
    async change(thing) {
      const { description, document } = thing.document;
      // RAM keeps five versions, and would refuse the sixth.
      const RotateStrategy = 'DeleteOldestNonDefaultVersionWhenLimitExceeded';
      await rpc('CreatePolicyVersion', {
        ...nameOf(thing),
        ...{ PolicyDocument: JSON.stringify(document), SetAsDefault: true, RotateStrategy },
      });
      await rpc('UpdatePolicyDescription', { ...nameOf(thing), NewDescription: description });
    },
    async remove(thing) {
      // A policy with older versions is not deleted.
      const listed = await rpc('ListPolicyVersions', { ...CUSTOM, ...nameOf(thing) });
      const versions = listOf(partOf(listed, 'PolicyVersions'), 'PolicyVersion');
      for (const { VersionId, IsDefaultVersion } of versions) {
        if (IsDefaultVersion !== true) await rpc('DeletePolicyVersion', { ...nameOf(thing), VersionId });
      }
      await rpc('DeletePolicy', nameOf(thing));
    },
  };
}

function createAttachmentKeeper(rpc: Rpc): Keeper {
  const both = ({ name, of = '' }: Thing) => ({ ...CUSTOM, PolicyName: name, RoleName: of });
  return {
    async find(thing) {
      const answer = await unlessMissing(rpc('ListPoliciesForRole', { RoleName: thing.of }));
      const attached = listOf(partOf(answer, 'Policies'), 'Policy');
      const isThere = attached.some(({ PolicyName, PolicyType }) => {
        return PolicyName === thing.name && PolicyType === CUSTOM.PolicyType;
      });
      return isThere ? { document: {}, ours: true } : undefined;
    },
    async make(thing) {
      await rpc('AttachPolicyToRole', both(thing));
    },
    // Nothing of it can differ.
    change: async () => {},
    async remove(thing) {
      await rpc('DetachPolicyFromRole', both(thing));
    },
  };
}

function foundWith(description: unknown, rest: Document): Found {
  const text = typeof description === 'string' ? description : '';
  return { document: { description: text, ...rest }, ours: text.startsWith(MARK) };
}

async function unlessMissing(call: Promise<Answer>): Promise<Answer | undefined> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof RpcError && error.code.startsWith('EntityNotExist')) return undefined;
    throw error;
  }
}

function partOf(answer: Answer | undefined, name: string): Answer | undefined {
  return answer?.[name] as Answer | undefined;
}

function listOf(answer: Answer | undefined, name: string): readonly Answer[] {
  return (answer?.[name] ?? []) as readonly Answer[];
}

function readJson(text: unknown): unknown {
  try {
    return JSON.parse(String(text));
  } catch {
    return undefined;
  }
}
