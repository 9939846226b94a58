import { z } from 'zod';
import type { TimeRange } from '../../routing/network.ts';
import { parseDate, parseTimeRange, parseWeekdays } from '../values/hours.ts';
import { bad, good } from '../values/parsed.ts';
import type { Parsed } from '../values/parsed.ts';
import { field } from './fields.ts';
import { choice, dates, week, withForm } from './forms.ts';

const ranges = z.union([
  field((text): Parsed<readonly TimeRange[]> => {
    if (text === 'closed') return good([]);
    const range = parseTimeRange(text);
    return range.ok ? good([range.value]) : range;
  }),
  z.array(field(parseTimeRange)),
]);

const always = field(
  (text): Parsed<'always'> =>
    text === 'always'
      ? good('always')
      : bad(`"${text}" are no hours`, 'always, or ranges by weekday: { mon-fri: [ 08:00-17:00 ] }'),
  choice(['always']),
);

/** `always`, or ranges by ISO weekday; days not named are closed. */
export const hours = () =>
  z.union([
    always,
    withForm(
      week,
      keyed(parseWeekdays, (days, found, refuse) => {
        const open = new Map<number, readonly TimeRange[]>();
        for (const [key, value] of found) {
          for (const day of days(key)) {
            if (open.has(day))
              refuse(key, `"${key}" has a day that an earlier line has`, 'name each weekday once');
            else open.set(day, value);
          }
        }
        return open;
      }),
    ),
  ]);

/** Ranges by date, or `closed`. */
export const except = () =>
  withForm(
    dates,
    keyed(parseDate, (date, found) => new Map(found.map(([key, value]) => [date(key), value] as const))),
  );

type Entry = readonly [key: string, ranges: readonly TimeRange[]];

/** Ranges under keys with a meaning: what is wrong with the keys and what is wrong under them are both told. */
function keyed<K, T>(
  parseKey: (text: string) => Parsed<K>,
  build: (
    read: (key: string) => K,
    found: readonly Entry[],
    refuse: (key: string, message: string, hint: string) => void,
  ) => T,
) {
  return z.record(z.string(), z.unknown()).transform((map, context): T => {
    const keys = new Map<string, K>();
    const found: Entry[] = [];
    const refuse = (key: string, message: string, hint: string): void => {
      context.addIssue({ code: 'custom', message, path: [key], params: { hint, key: true } });
    };
    for (const [key, value] of Object.entries(map)) {
      const parsed = parseKey(key);
      if (parsed.ok) keys.set(key, parsed.value);
      else refuse(key, parsed.message, parsed.hint);
      const read = ranges.safeParse(value);
      if (read.success) found.push([key, read.data]);
      else context.issues.push(...read.error.issues.map((issue) => under(key, issue)));
    }
    return build(
      (key) => keys.get(key) as K,
      found.filter(([key]) => keys.has(key)),
      refuse,
    );
  });
}

const under = (key: string, issue: z.core.$ZodIssue): z.core.$ZodRawIssue =>
  ({ ...issue, path: [key, ...issue.path] }) as z.core.$ZodRawIssue;
