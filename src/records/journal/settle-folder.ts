/** The journal's folder at a start: whose journal it is, and what else lies there. */
import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import type { JournalOptions } from './journal.ts';
import { moveToQuarantine } from './quarantine.ts';
import type { Segment } from './segment.ts';
import { nameFile, surveyJournal } from './survey.ts';

/**
 * What has a segment's name and is none of this journal's is moved to quarantine/, and what else lies there is told.
 * `next`: the least number that was given to nothing, in case the newest segment is one that we cannot read.
 */
export async function settleFolder({ dir, log }: Pick<JournalOptions, 'dir' | 'log'>): Promise<{
  readonly journal: string;
  readonly segments: readonly Segment[];
  readonly next: number;
}> {
  const { journal: known, segments, foreign, strangers } = await surveyJournal(dir);
  for (const name of strangers)
    log.warn(
      { event: 'journal_stranger', file: name },
      'a file in the journal’s folder is none of the journal',
    );
  let next = 1;
  for (const { path, reason, lastTaken } of foreign) {
    const place = await moveToQuarantine(dir, path);
    log.error(
      { event: 'journal_quarantined', segment: path, reason, place },
      'a segment is none of this journal and was moved to quarantine',
    );
    next = Math.max(next, lastTaken + 1);
  }
  const journal = known ?? randomUUID();
  await writeFile(nameFile(dir), `${journal}\n`, { mode: 0o600, flush: true });
  return { journal, segments, next };
}
