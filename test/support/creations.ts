import { rawCall } from '../emulator/support/rpc.ts';

/** Creates the container group number `n` as a user would; the same number twice is the same resource. */
export async function createContainerGroup(emulatorUrl: string, n: number): Promise<void> {
  await rawCall(emulatorUrl, {
    action: 'CreateContainerGroup',
    parameters: {
      RegionId: 'cn-hangzhou',
      ContainerGroupName: `pod-${n}`,
      ClientToken: `create-${n}`,
      'Tag.1.Key': 'ci-run',
      'Tag.1.Value': String(n),
      'Tag.2.Key': 'team',
      'Tag.2.Value': 'web',
    },
  });
}
