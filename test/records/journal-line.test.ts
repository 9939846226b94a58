import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { crc32 as own, crc32ByTable } from '../../src/records/journal/crc32.ts';
import { decodeLine } from '../../src/records/journal/line.ts';
import { isoTime } from '../../src/records/loader/iso-time.ts';
import { UnreadableEntry } from '../../src/records/loader/pg-error.ts';

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
