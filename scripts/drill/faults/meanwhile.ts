/** What became of calls that came while a fault lasted, as their callers heard it. */
import type { Invited } from '../far-ends.ts';
import type { Meanwhile } from './fault.ts';

/** Milliseconds since the epoch. */
export interface Span {
  readonly from: number;
  readonly until: number;
}

/** What is not as stated, in words. `connected`: how many of them reached a buyer, then or later. */
export function meanwhileAs(
  stated: Meanwhile,
  invited: readonly Invited[],
  { from, until }: Span,
  connected: number,
): readonly string[] {
  const came = invited.filter(({ at }) => at >= from && at <= until);
  if (came.length === 0) return ['no call came while it lasted'];
  const answers = came.flatMap(({ answer }) => (answer && answer.at <= until ? [answer.status] : []));
  const taken = answers.filter((status) => status === 200).length;
  switch (stated) {
    case 'carried':
      return connected > 0 ? [] : ['no call came through while it lasted'];
    case 'not answered':
      return taken > 0 ? [`${taken} of ${came.length} calls were answered while it lasted`] : [];
    case 'refused': {
      const others = answers.filter((status) => status !== 503);
      if (answers.length === 0) return [`none of ${came.length} calls was refused while it lasted`];
      return others.length > 0 ? [`calls were to get 503 while it lasted: ${others.join(', ')}`] : [];
    }
  }
}
