/** Durations as the config writes them: `500ms`, `90s`, `1.5m`, `2h`, `30d`. */

const units: ReadonlyMap<string, number> = new Map([
  ['ms', 1],
  ['s', 1_000],
  ['m', 60_000],
  ['h', 3_600_000],
  ['d', 86_400_000],
]);

/** Whole milliseconds; null where the text is no duration, lacks its unit or is finer than a millisecond. */
export function parseDuration(text: string): number | null {
  const parts = /^(\d{1,9})(?:\.(\d{1,6}))?\s?(ms|s|m|h|d)$/.exec(text);
  const unit = units.get(parts?.[3] ?? '');
  if (parts === null || unit === undefined) return null;
  const decimals = parts[2] ?? '';
  const scale = 10 ** decimals.length;
  const scaled = Number(`${parts[1] ?? ''}${decimals}`) * unit;
  return scaled % scale === 0 ? scaled / scale : null;
}

/** In seconds, to the millisecond and no further than needed: `90 s`, `88.412 s`. */
export function formatSeconds(milliseconds: number): string {
  return `${Number((milliseconds / 1000).toFixed(3))} s`;
}

/** For people, in its two greatest units: `3 days`, `29 days 23 h`, `14 min 3 s`; below a minute as `formatSeconds` has it. */
export function formatSpan(milliseconds: number): string {
  if (milliseconds < minute) return formatSeconds(milliseconds);
  const at = spans.findIndex(({ ms }) => milliseconds >= ms);
  const [greatest, next] = [spans[at], spans[at + 1]];
  if (!greatest) return formatSeconds(milliseconds);
  const whole = Math.floor(milliseconds / greatest.ms);
  const rest = next ? Math.floor((milliseconds % greatest.ms) / next.ms) : 0;
  return `${greatest.say(whole)}${next && rest > 0 ? ` ${next.say(rest)}` : ''}`;
}

const minute = 60_000;
const spans = [
  { ms: 24 * 60 * minute, say: (days: number) => `${days} ${days === 1 ? 'day' : 'days'}` },
  { ms: 60 * minute, say: (hours: number) => `${hours} h` },
  { ms: minute, say: (minutes: number) => `${minutes} min` },
  { ms: 1_000, say: (seconds: number) => `${seconds} s` },
];
