import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import type { DoctorNote, DoctorNotes } from '../doctor/writing/note.ts';
import { CleanupError } from '../errors.ts';
import { REGION_ID } from '../resource.ts';

const NOTE = z.strictObject({
  run: z.string().regex(/^[a-z0-9-]{1,40}$/),
  region: z.string().regex(REGION_ID),
  name: z
    .string()
    .regex(/^tagsweep-doctor-/)
    .optional(),
  id: z
    .string()
    .regex(/^[a-z0-9-]{1,64}$/)
    .optional(),
});

/** Notes as files of a folder, one a run, on disk before the change that they announce. */
export function createDoctorNotes(folder: string): DoctorNotes {
  const fileOf = ({ run }: DoctorNote) => join(folder, `${run}.json`);
  return {
    keep(note) {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      const partial = `${fileOf(note)}.new`;
      const file = openSync(partial, 'w', 0o600);
      try {
        writeSync(file, `${JSON.stringify(note)}\n`);
        fsyncSync(file);
      } finally {
        closeSync(file);
      }
      renameSync(partial, fileOf(note));
    },
    forget: (note) => rmSync(fileOf(note), { force: true }),
    all: () => filesOf(folder).map((name) => readNote(join(folder, name))),
  };
}

function filesOf(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith('.json'))
      .sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

function readNote(file: string): DoctorNote {
  try {
    return NOTE.parse(JSON.parse(readFileSync(file, 'utf8'))) as DoctorNote;
  } catch (cause) {
    throw new CleanupError(
      'INVALID_SETTING',
      `${file} is no note of the doctor. It names what an earlier run made: look for groups called tagsweep-doctor-… in the console, delete them, and then the file.`,
      { cause },
    );
  }
}
