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
