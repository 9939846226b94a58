/** Where a journal ended, and goes on. */
import { open } from 'node:fs/promises';
import type { RecordsLog } from '../records-log.ts';
import { linesOf, type Segment } from './segment.ts';

export interface End {
  /** The segment begins as it should; one that was just being made when the switch was killed does not. */
  readonly headed: boolean;
  readonly nextSeq: number;
  readonly bytes: number;
}

/**
 * A killed switch leaves at most an unfinished line, which nobody was told of: it is cut off. A complete line that is
 * damaged stays, for it may have been loaded already: its number is not given out again, and `verify` tells of it.
 */
export async function repairEnd(last: Segment, log: RecordsLog): Promise<End> {
  let headed = false;
  let nextSeq = last.first;
  let bytes = 0;
  const lines = linesOf(last.path);
  let step = await lines.next();
  for (; step.done !== true; step = await lines.next()) {
    const { line, end, offset } = step.value;
    if (line.kind === 'header') headed = true;
    else if (line.kind === 'event') nextSeq = line.seq + 1;
    else {
      nextSeq += 1;
      log.error(
        { event: 'journal_line_damaged', segment: last.path, offset, reason: line.reason },
        'a line of the journal is damaged',
      );
    }
    bytes = end;
  }
  const torn = step.value;
  if (torn > 0) {
    log.warn(
      { event: 'journal_line_torn', segment: last.path, bytes: torn },
      'the last line of the journal was unfinished and is cut off',
    );
    await cutTo(bytes, last.path);
  }
  return { headed, nextSeq, bytes };
}

async function cutTo(bytes: number, path: string): Promise<void> {
  const file = await open(path, 'r+');
  try {
    await file.truncate(bytes);
    await file.datasync();
  } finally {
    await file.close();
  }
}
