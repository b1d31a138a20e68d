import { ApiError } from '../errors.ts';
import type { Service } from '../http.ts';
import { createRpcService, need, type RpcOperation, type RpcParameters } from '../rpc.ts';
import type { ServiceContext } from '../service-context.ts';
import { checkDocument, exists, type RamState } from './state.ts';

/** The part of RAM 2015-05-01 that keeps roles, custom policies and their attachments. */
export function createRamService(context: ServiceContext, ram: RamState): Service {
  return createRpcService(context, {
    name: 'ram',
    version: '2015-05-01',
    operations: { ...roleOperations(ram), ...policyOperations(ram), ...attachmentOperations(ram) },
  });
}

type Answer = RpcOperation['answer'];

function on(what: 'role' | 'policy', answer: Answer): RpcOperation {
  const field = what === 'role' ? 'RoleName' : 'PolicyName';
  return {
    resource: (parameters, { accountId }) => `acs:ram:*:${accountId}:${what}/${parameters(field) ?? ''}`,
    answer,
  };
}

function roleOperations(ram: RamState): Readonly<Record<string, RpcOperation>> {
  const nameOf = (parameters: RpcParameters) => need(parameters, 'RoleName');
  const describe: Answer = (parameters, { accountId }) => {
    const name = nameOf(parameters);
    const { description, trust } = ram.role(name);
    const Arn = `acs:ram::${accountId}:role/${name}`;
    return { Role: { RoleName: name, Arn, Description: description, AssumeRolePolicyDocument: trust } };
  };
  return {
    GetRole: on('role', describe),
    CreateRole: on('role', (parameters, identity) => {
      const name = nameOf(parameters);
      const trust = need(parameters, 'AssumeRolePolicyDocument');
      if (ram.roles.has(name)) throw exists('Role', name);
      checkDocument(trust);
      ram.roles.set(name, { description: parameters('Description') ?? '', trust, attached: new Set() });
      return describe(parameters, identity);
    }),
    UpdateRole: on('role', (parameters, identity) => {
      const role = ram.role(nameOf(parameters));
      role.trust = parameters('NewAssumeRolePolicyDocument') ?? role.trust;
      role.description = parameters('NewDescription') ?? role.description;
      checkDocument(role.trust);
      return describe(parameters, identity);
    }),
    DeleteRole: on('role', (parameters) => {
      ram.deleteRole(nameOf(parameters));
      return {};
    }),
  };
}

function policyOperations(ram: RamState): Readonly<Record<string, RpcOperation>> {
  const nameOf = (parameters: RpcParameters) => need(parameters, 'PolicyName');
  return {
    GetPolicy: on('policy', (parameters) => {
      needCustom(parameters);
      const name = nameOf(parameters);
      const { description, versions, defaultVersion } = ram.policy(name);
      const version = versions.find(({ id }) => id === defaultVersion);
      return {
        Policy: {
          PolicyName: name,
          PolicyType: 'Custom',
          Description: description,
          DefaultVersion: defaultVersion,
        },
        DefaultPolicyVersion: { VersionId: defaultVersion, PolicyDocument: version?.document },
      };
    }),
    CreatePolicy: on('policy', (parameters) => {
      const name = nameOf(parameters);
      ram.createPolicy(name, need(parameters, 'PolicyDocument'), parameters('Description') ?? '');
      return { Policy: { PolicyName: name, PolicyType: 'Custom' } };
    }),
    UpdatePolicyDescription: on('policy', (parameters) => {
      ram.policy(nameOf(parameters)).description = need(parameters, 'NewDescription');
      return {};
    }),
    CreatePolicyVersion: on('policy', (parameters) => {
      const version = ram.addVersion(
        nameOf(parameters),
        need(parameters, 'PolicyDocument'),
        parameters('SetAsDefault') === 'true',
        parameters('RotateStrategy') === 'DeleteOldestNonDefaultVersionWhenLimitExceeded',
      );
      return { PolicyVersion: { VersionId: version.id } };
    }),
    ListPolicyVersions: on('policy', (parameters) => {
      needCustom(parameters);
      const { versions, defaultVersion } = ram.policy(nameOf(parameters));
      const PolicyVersion = versions.map(({ id }) => ({
        VersionId: id,
        IsDefaultVersion: id === defaultVersion,
      }));
      return { PolicyVersions: { PolicyVersion } };
    }),
    DeletePolicyVersion: on('policy', (parameters) => {
      const policy = ram.policy(nameOf(parameters));
      const id = need(parameters, 'VersionId');
      if (id === policy.defaultVersion)
        throw new ApiError('DeleteConflict.Policy.Version.Default', 'It is the default version.', {}, 409);
      policy.versions = policy.versions.filter((version) => version.id !== id);
      return {};
    }),
    DeletePolicy: on('policy', (parameters) => {
      ram.deletePolicy(nameOf(parameters));
      return {};
    }),
  };
}

function attachmentOperations(ram: RamState): Readonly<Record<string, RpcOperation>> {
  const read = (parameters: RpcParameters) => {
    needCustom(parameters);
    const name = need(parameters, 'PolicyName');
    ram.policy(name);
    return { name, attached: ram.role(need(parameters, 'RoleName')).attached };
  };
  return {
    ListPoliciesForRole: on('role', (parameters) => {
      const { attached } = ram.role(need(parameters, 'RoleName'));
      return {
        Policies: { Policy: [...attached].map((PolicyName) => ({ PolicyName, PolicyType: 'Custom' })) },
      };
    }),
    AttachPolicyToRole: on('role', (parameters) => {
      const { name, attached } = read(parameters);
      if (attached.has(name)) throw exists('Role.Policy', name);
      attached.add(name);
      return {};
    }),
    DetachPolicyFromRole: on('role', (parameters) => {
      const { name, attached } = read(parameters);
      if (!attached.delete(name))
        throw new ApiError('EntityNotExist.Role.Policy', `It is not attached: ${name}.`, {}, 404);
      return {};
    }),
  };
}

function needCustom(parameters: RpcParameters): void {
  if (need(parameters, 'PolicyType') !== 'Custom')
    throw new ApiError('InvalidParameter.PolicyType', 'Only custom policies are kept here.');
}
