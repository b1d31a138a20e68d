import type { Region } from '../../resource.ts';

/** What is written down before the first change, so that a crash leaves nothing behind unknown. */
export interface DoctorNote {
  readonly run: string;
  readonly region: Region;
  /** The name under which the group is made; left out: a resource that the user named. */
  readonly name?: string;
  /** Known once the service has answered. */
  readonly id?: string;
}

/** Where notes are kept; each change is on disk when it returns. */
export interface DoctorNotes {
  keep(note: DoctorNote): void;
  forget(note: DoctorNote): void;
  all(): readonly DoctorNote[];
}
