import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { crc32 as own, crc32ByTable } from '../../src/records/journal/crc32.ts';
import type { JournalEvent } from '../../src/records/events.ts';
import { decodeBut, decodeLine, encodeEvent } from '../../src/records/journal/line.ts';
import { isoTime } from '../../src/records/loader/iso-time.ts';
import { UnreadableEntry } from '../../src/records/loader/pg-error.ts';
import { markOf } from '../../src/records/loader/position.ts';

it('the checksum is that of gzip, by whichever way it is counted, of a text as of its bytes', () => {
  expect(crc32ByTable('123456789')).toBe(0xcbf43926);
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(crc32ByTable(text)).toBe(crc32(text));
      expect(own(text)).toBe(own(Buffer.from(text)));
    }),
  );
});

it('what is shorter than a checksum, or has another, is no line', () => {
  for (const text of ['', '{', '","crc":"', ',"crc":"00000000"}'.repeat(2)])
    expect(decodeLine(Buffer.from(text))).toEqual({ kind: 'bad', reason: 'checksum' });
});

it('an event that is passed over has its number, its checksum and its mark, and is not parsed', () => {
  const decode = decodeBut(new Set(['answered', 'routed']));
  const attributes = fc.dictionary(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }));
  fc.assert(
    fc.property(
      fc.maxSafeNat(),
      fc.string({ unit: 'binary' }),
      attributes,
      fc.nat(),
      (seq, call, has, at) => {
        const routed: JournalEvent = { type: 'routed', at: 1, call, attributes: has, plan: [], leftOut: [] };
        for (const event of [routed, { type: 'answered', at: 1, call } as const]) {
          const bytes = bytesOf(seq, event);
          const [passed, parsed] = [decode(bytes), decodeLine(bytes)];
          if (passed.kind !== 'event' || parsed.kind !== 'event') throw new Error('no event');
          if (seq < 10 ** 15) expect(passed.event.type).toBe('passed over');
          expect(passed.seq).toBe(seq);
          expect(markOf(passed.event)).toBe(markOf(parsed.event));
          const where = at % bytes.length;
          bytes.writeUInt8(bytes.readUInt8(where) ^ 1, where);
          expect(decode(bytes)).toEqual({ kind: 'bad', reason: 'checksum' });
        }
      },
    ),
  );
});

it('nothing else is passed over: not another type, nor what names one elsewhere', () => {
  const decode = decodeBut(new Set(['answered']));
  const others = [
    { type: 'connected', at: 1, call: '"event":{"type":"answered"', buyer: 'b' },
    { at: 1, type: 'answered', call: 'c' },
    { type: 'answered in part', at: 1, call: 'c' },
    { type: 'alive', at: 1, calls: ['answered'] },
  ] as unknown as JournalEvent[];
  for (const event of others) {
    const bytes = bytesOf(7, event);
    expect(decode(bytes)).toEqual(decodeLine(bytes));
    expect(decode(bytes)).toMatchObject({ kind: 'event', seq: 7, event });
  }
});

const bytesOf = (seq: number, event: JournalEvent): Buffer =>
  Buffer.from(encodeEvent(seq, event).slice(0, -1));

it('an instant is written as Date writes it, and what is none is refused', () => {
  fc.assert(
    fc.property(fc.date({ noInvalidDate: true }), fc.integer({ min: 0, max: 86_400_000 }), (date, later) => {
      for (const at of [date.getTime(), date.getTime() + later, date.getTime() - later, later + 0.5])
        if (Math.abs(at) <= 8.64e15) expect(isoTime(at)).toBe(new Date(at).toISOString());
    }),
  );
  // Those of the same day as the one before are no exception.
  for (const [before, at] of [
    [5, null],
    [5, undefined],
    [8.64e15, 8.64e15 + 1],
  ] as const) {
    isoTime(before);
    expect(() => isoTime(at as unknown as number)).toThrow(UnreadableEntry);
  }
  for (const at of [null, Number.NaN, Number.POSITIVE_INFINITY, 8.64e15 + 1])
    expect(() => isoTime(at as number)).toThrow(UnreadableEntry);
});
