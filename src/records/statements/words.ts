/** What a statement says in words, whatever it is written as. */
import { DateTime } from 'luxon';
import { formatSeconds } from '../../conditions/duration.ts';
import type { StatementLine } from './show-statement.ts';

/** What a line is for. */
export function aboutLine({ kind, why, connected_ms: talk }: StatementLine): string {
  if (kind === 'call') return talk === null ? 'call' : `call of ${formatSeconds(talk)}`;
  if (why !== null) return `${kind}: ${why}`;
  return kind === 'dispute' ? 'dispute decided' : kind;
}

export const onTheClock = (time: string, { timezone }: { readonly timezone: string }): string =>
  DateTime.fromISO(time, { zone: timezone }).toFormat('yyyy-MM-dd HH:mm:ss');
