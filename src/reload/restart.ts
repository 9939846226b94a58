import { isDeepStrictEqual } from 'node:util';
import type { Standing } from './parcels.ts';

/** What a switch is started with and keeps until it stops. */
type Fixed = Pick<Standing, 'file' | 'engine' | 'data' | 'database' | 'http'>;

/** The entries of the config that a reload cannot change, where `next` has them otherwise: `engine.listen`, `http.token`. */
export function needsRestart(running: Fixed, next: Fixed): readonly string[] {
  const before = named(running);
  const after = named(next);
  return Object.keys(before).filter((name) => !isDeepStrictEqual(before[name], after[name]));
}

/** `next` in all that a reload can change, `running` in the rest. */
export function asFarAsItGoes(running: Fixed, next: Standing): Standing {
  const { file, engine, data, database, http } = running;
  const media = isSet(engine) && isSet(next.engine) ? next.engine.media : engine.media;
  return { ...next, file, engine: { ...engine, media }, data, database, http };
}

/** Which FreeSWITCHes there are, and what each may have, changes while calls go on. */
const isSet = ({ media }: Fixed['engine']): boolean => media.kind === 'freeswitch';

function named({ engine, data, database, http }: Fixed): Readonly<Record<string, unknown>> {
  const { sip, media } = engine;
  const embedded = sip.kind === 'embedded';
  return {
    'engine.sip': embedded ? sip.kind : sip,
    'engine.media': media.kind,
    'engine.listen': embedded ? sip.listen : [],
    data,
    database,
    'http.listen': [http.host, http.port],
    'http.token': http.token,
    'http.rate': http.rate,
  };
}
