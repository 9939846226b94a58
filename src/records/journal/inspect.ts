/** Looks at a journal from outside, while a switch may be writing it: is every line there and as it was written? */
import { stat } from 'node:fs/promises';
import { linesOf, type Segment } from './segment.ts';
import { surveyJournal } from './survey.ts';
import type { Damage } from './reader.ts';

export interface Inspection {
  /** Every line is sound, no number is missing, and every segment is this journal's. An unfinished last line is no fault: it was never promised. */
  readonly whole: boolean;
  readonly journal: string | null;
  readonly segments: number;
  readonly bytes: number;
  readonly events: number;
  readonly firstSeq: number | null;
  readonly lastSeq: number | null;
  readonly damage: readonly Damage[];
  /** Numbers that should be there and are not, both ends included. */
  readonly gaps: readonly { readonly from: number; readonly to: number }[];
  /** Bytes of an unfinished last line. */
  readonly unfinished: number;
  /** Files that have a segment's name and are none of this journal's: the next start moves them to quarantine/. */
  readonly foreign: readonly { readonly path: string; readonly reason: string }[];
  /** Names of other files in the folder, and of what lies in quarantine/: no fault. */
  readonly strangers: readonly string[];
  readonly quarantined: readonly string[];
}

/** Throws where the folder cannot be read. */
export async function inspectJournal(dir: string): Promise<Inspection> {
  const found = new Findings();
  const { journal, segments, foreign, strangers, quarantined } = await surveyJournal(dir);
  for (const segment of segments) await inspectSegment(segment, segment === segments.at(-1), found);
  const result = found.result();
  return {
    ...result,
    whole: result.whole && foreign.length === 0,
    ...{ journal, segments: segments.length, strangers, quarantined },
    foreign: foreign.map(({ path, reason }) => ({ path, reason })),
  };
}

async function inspectSegment(segment: Segment, last: boolean, found: Findings): Promise<void> {
  const { size } = await stat(segment.path);
  found.bytes += size;
  const lines = linesOf(segment.path, 0, size);
  let step = await lines.next();
  for (; step.done !== true; step = await lines.next()) {
    const { line, offset, number } = step.value;
    const fault = (reason: string) => found.damage.push({ segment: segment.path, offset, reason });
    if (line.kind === 'bad') fault(line.reason);
    else if ((line.kind === 'header') !== (number === 1)) fault('a header out of place');
    else if (line.kind === 'event') found.number(line.seq, fault);
    else found.expect(line.first);
  }
  if (step.value > 0 && last) found.unfinished = step.value;
  if (step.value > 0 && !last)
    found.damage.push({ segment: segment.path, offset: size - step.value, reason: 'unfinished' });
}

class Findings {
  bytes = 0;
  unfinished = 0;
  readonly damage: Damage[] = [];
  readonly #gaps: { from: number; to: number }[] = [];
  #events = 0;
  #first: number | null = null;
  #next: number | null = null;

  /** What was deleted before the first segment is no gap. */
  expect(seq: number): void {
    if (this.#next !== null && seq > this.#next) this.#gaps.push({ from: this.#next, to: seq - 1 });
    this.#next = Math.max(this.#next ?? seq, seq);
  }

  number(seq: number, fault: (reason: string) => void): void {
    if (this.#next !== null && seq < this.#next) fault(`number ${seq} again`);
    this.expect(seq);
    this.#first ??= seq;
    this.#next = Math.max(this.#next ?? 0, seq + 1);
    this.#events += 1;
  }

  result(): Omit<Inspection, 'journal' | 'segments' | 'foreign' | 'strangers' | 'quarantined'> {
    return {
      whole: this.damage.length === 0 && this.#gaps.length === 0,
      bytes: this.bytes,
      events: this.#events,
      firstSeq: this.#first,
      lastSeq: this.#events > 0 && this.#next !== null ? this.#next - 1 : null,
      damage: this.damage,
      gaps: this.#gaps,
      unfinished: this.unfinished,
    };
  }
}
