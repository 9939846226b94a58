/** `did you mean "priority"?`, where a name is near enough to be a slip; null where none is. */
export function didYouMean(written: string, names: Iterable<string>): string | null {
  const name = nearest(written, names);
  return name === null ? null : `did you mean "${name}"?`;
}

/** The nearest name, or the names there are. */
export function offer(written: string, names: readonly string[], none: string): string {
  const meant = didYouMean(written, names);
  if (meant !== null) return meant;
  if (names.length === 0) return none;
  const shown = names.slice(0, 12).join(', ');
  return `one of: ${shown}${names.length > 12 ? `, … (${names.length} in all)` : ''}`;
}

/** Null where none is near enough to be a slip. */
export function nearest(written: string, names: Iterable<string>): string | null {
  const from = written.toLowerCase();
  let best: string | null = null;
  // A third of the letters may be wrong; of one letter, none.
  let least = from.length < 2 ? 1 : Math.max(1, Math.floor(from.length / 3)) + 1;
  for (const name of names) {
    if (Math.abs(name.length - from.length) >= least) continue;
    const distance = editDistance(from, name.toLowerCase());
    if (distance < least) [best, least] = [name, distance];
  }
  return best;
}

/** Optimal string alignment: insertions, deletions, changes and swaps of neighbours cost 1 each. */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = (last[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      let cost = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, change);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        cost = Math.min(cost, (beforeLast[j - 2] ?? 0) + 1);
      }
      row.push(cost);
    }
    [beforeLast, last] = [last, row];
  }
  return last[b.length] ?? 0;
}
