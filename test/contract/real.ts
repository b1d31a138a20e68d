import { createSystemClock } from '../../lib/cloud/clock.ts';
import { readConfig } from '../../lib/cloud/config.ts';
import { connectDoctor } from '../../lib/cloud/connect-doctor.ts';
import { createCredentialChain } from '../../lib/cloud/credential-chain.ts';
import { createDoctorNotes } from '../../lib/cloud/doctor-notes.ts';
import { createEciClient } from '../../lib/cloud/eci/client.ts';
import { eciEndpoints } from '../../lib/cloud/eci/endpoints.ts';
import { createLab } from '../../lib/doctor/lab.ts';
import { cleanUp, makeGroup, waitUntil } from '../../lib/doctor/writing/group.ts';
import { OWN, type Subject, VALUE } from './facts.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** A container group that the doctor makes in a real account, and takes away in `close`. */
export async function realSubject(env: Env): Promise<Subject & { readonly close: () => Promise<void> }> {
  const {
    TAGSWEEP_REGION: region,
    TAGSWEEP_VSWITCH: vSwitchId,
    TAGSWEEP_SECURITY_GROUP: securityGroupId,
  } = env;
  if (!region || !vSwitchId || !securityGroupId) {
    throw new Error(
      'Set TAGSWEEP_REGION, TAGSWEEP_VSWITCH and TAGSWEEP_SECURITY_GROUP: a container group is made there for ten minutes at the most.',
    );
  }
  const config = readConfig({ TAGSWEEP_REGION: region, TAGSWEEP_ECI_ENDPOINT: env.TAGSWEEP_ECI_ENDPOINT });
  const credentials = createCredentialChain({ env });
  const world = connectDoctor(config, credentials);
  const lab = createLab({ ...world, region });
  const notes = createDoctorNotes('.tagsweep/doctor');
  const run = `conformance-${Date.now().toString(36)}`;
  const note = { run, region, name: `tagsweep-doctor-${run}` };
  const close = async (): Promise<void> => {
    for (const left of notes.all().filter((one) => one.run === run)) {
      await cleanUp(createLab({ ...world, region }), { ...note, ...left }, notes);
    }
  };
  try {
    const id = await makeGroup(lab, run, { vSwitchId, securityGroupId }, notes);
    const eci = createEciClient({ ...eciEndpoints(config.eciNetwork, config.eciEndpoint), credentials });
    const tags = [OWN.stays, OWN.goes].map((key) => ({ key, value: VALUE }));
    await waitUntil(lab, id, ({ raw }) => raw.Status === 'Running');
    await eci.tagResources({ region, type: 'ContainerGroup', ids: [id], tags });
    await waitUntil(lab, id, (item) => tags.every(({ key }) => item.tags.some((one) => one.key === key)));
    const clock = createSystemClock();
    return { eci, region, id, pause: () => clock.sleep(3000), close };
  } catch (error) {
    await close();
    throw error;
  }
}
