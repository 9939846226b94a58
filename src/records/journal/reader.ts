/** Reads a journal in order, each number once, from any number, up to what is durable; remembers where it is between two reads. */
import type { JournalEvent } from '../events.ts';
import { decodeLine, type Decode } from './line.ts';
import { decodedLinesOf, type Segment } from './segment.ts';

export interface Entry<Event = JournalEvent> {
  readonly seq: number;
  readonly event: Event;
  /** Whether its texts are known to be free of what a database must not be given. */
  readonly isPlain?: boolean;
}

export interface Damage {
  readonly segment: string;
  /** Byte offset of the line. */
  readonly offset: number;
  readonly reason: string;
}

interface Batch<Event = JournalEvent> {
  readonly entries: readonly Entry<Event>[];
  readonly damage: readonly Damage[];
}

export interface JournalReader<Event = JournalEvent> {
  /** At most `limit` entries; none where all that is durable was read. */
  next(limit: number): Promise<Batch<Event>>;
}

/** What the reader must know of the journal at the moment of a read. */
export interface ReadView {
  readonly segments: readonly Segment[];
  /** Bytes of the last segment that are durable. */
  readonly durableBytes: number;
}

export const readerFrom = (fromSeq: number, view: () => ReadView): JournalReader =>
  decodingReaderFrom(fromSeq, view, decodeLine);

export function decodingReaderFrom<Event>(
  fromSeq: number,
  view: () => ReadView,
  decode: Decode<Event>,
): JournalReader<Event> {
  let at: Place | null = null;
  let given = fromSeq - 1;

  return {
    next: async (limit) => {
      const entries: Entry<Event>[] = [];
      const damage: Damage[] = [];
      const { segments, durableBytes } = view();
      let place = at;
      let last = given;
      let index = startIndex(segments, place?.first ?? fromSeq);
      for (let segment = segments[index]; segment && entries.length < limit; segment = segments[++index]) {
        const end = index === segments.length - 1 ? durableBytes : Number.POSITIVE_INFINITY;
        let offset = place?.first === segment.first ? place.offset : 0;
        for await (const placed of decodedLinesOf(segment.path, decode, offset, end)) {
          const { line } = placed;
          offset = placed.end;
          const fault = (reason: string) =>
            damage.push({ segment: segment.path, offset: placed.offset, reason });
          if (line.kind === 'bad') fault(line.reason);
          else if (line.kind === 'event' && line.seq > last) {
            entries.push({ seq: line.seq, event: line.event, isPlain: line.isPlain });
            last = line.seq;
          } else if (line.kind === 'event' && line.seq >= fromSeq) fault(`number ${line.seq} again`);
          if (entries.length >= limit) break;
        }
        place = { first: segment.first, offset };
      }
      // Only now: a read that failed on the way is made again from where the last one ended.
      at = place;
      given = last;
      return { entries, damage };
    },
  };
}

interface Place {
  readonly first: number;
  readonly offset: number;
}

/** The last segment that starts at or before `seq`. */
function startIndex(segments: readonly Segment[], seq: number): number {
  const after = segments.findIndex((segment) => segment.first > seq);
  return Math.max(0, (after < 0 ? segments.length : after) - 1);
}
