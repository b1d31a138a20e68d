import { createOperation } from './create.ts';
import type { Call } from './operation.ts';

/** CreateContainerGroup: the group runs at once; one that is never restarted begins and ends as jobs do. */
export const createContainerGroup = createOperation({
  name: 'CreateContainerGroup',
  type: 'ContainerGroup',
  nameParameter: 'ContainerGroupName',
  idField: 'ContainerGroupId',
  prefix: 'eci',
  status: 'Running',
  live: liveAsJob,
});

function liveAsJob(call: Call, id: string): void {
  if (call.parameters.text('RestartPolicy') !== 'Never') return;
  const { context } = call;
  const { groupPendingMs, groupRunMs } = context.behavior();
  const ref = { region: call.region, type: 'ContainerGroup', id } as const;
  const become = (status: string): void => {
    if (context.state.get(ref) !== undefined) context.state.setStatus(ref, status);
  };
  const later = (ms: number, status: string): void => {
    const timer = setTimeout(become, ms, status);
    timer.unref();
    context.closing.addEventListener('abort', () => clearTimeout(timer));
  };
  if (groupPendingMs > 0) {
    become('Pending');
    later(groupPendingMs, 'Running');
  }
  const deadlineMs = (call.parameters.integer('ActiveDeadlineSeconds', 1, 86_400, 86_400) ?? 86_400) * 1000;
  const runsMs = Math.min(groupRunMs, deadlineMs);
  later(groupPendingMs + runsMs, runsMs < deadlineMs ? 'Succeeded' : 'Failed');
}
