import type { ApiName } from '../ports.ts';
import type { Region } from '../resource.ts';

/** The operations that only the doctor sends. */
export type DoctorCall =
  | 'ListUsage'
  | 'DescribeContainerGroupPrice'
  | 'CreateContainerGroup'
  | 'DeleteContainerGroup';

/** The operations that a probe may send; no other can be. */
export type ProbeAction = Exclude<ApiName, 'DescribeRegions'> | DoctorCall;

/** One call, by the names of the API; lists and objects are numbered as the API wants them. */
export interface ProbeCall {
  readonly action: ProbeAction;
  readonly region: Region;
  /** `RegionId` is added. */
  readonly parameters: Readonly<Record<string, unknown>>;
  /** In the body of a form, instead of the query. */
  readonly asForm?: boolean;
}

/** An answer as it came, before any model drops what it does not know. */
export interface ProbeAnswer {
  readonly body: Readonly<Record<string, unknown>>;
  readonly requestId: string;
  /** The service's clock, from its `Date` header, whole seconds; epoch milliseconds. */
  readonly serverAtMs?: number;
}

/** ECI, one attempt a call and nothing interpreted. Whatever goes wrong rejects with an `EciError`. */
export interface ProbeApi {
  ask(call: ProbeCall): Promise<ProbeAnswer>;
}
