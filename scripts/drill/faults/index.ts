import { databaseAway } from './database-away.ts';
import { diskFull } from './disk-full.ts';
import { drachtioKilled } from './drachtio-killed.ts';
import { drachtioSilent } from './drachtio-silent.ts';
import type { Fault } from './fault.ts';
import { freeswitchCut } from './freeswitch-cut.ts';
import { freeswitchHung } from './freeswitch-hung.ts';
import { freeswitchKilled } from './freeswitch-killed.ts';
import { killed } from './killed.ts';
import { neverAcked } from './never-acked.ts';
import { stalled } from './stalled.ts';
import { terminated } from './terminated.ts';
import { trunk503 } from './trunk-503.ts';
import { trunkSilent } from './trunk-silent.ts';

/** In the order of the table in docs/faults.md. */
export const faults: readonly Fault[] = [
  ...[drachtioKilled, drachtioSilent, freeswitchKilled, freeswitchCut, freeswitchHung],
  ...[databaseAway, trunkSilent, trunk503, neverAcked, diskFull, stalled, terminated, killed],
];
