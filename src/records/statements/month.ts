/** A month on the network's clock: what a statement is of. */
import { capPeriod } from '../../settlement/cap-period.ts';

export interface Month {
  /** `2026-11`. */
  readonly name: string;
  /** From its first instant to that of the next month, where clocks change too. */
  readonly from: Date;
  readonly to: Date;
}

/** Null where the text names no month. */
export function parseMonth(text: string, timezone: string): Month | null {
  const parts = /^(\d{4})-(0[1-9]|1[0-2])$/.exec(text);
  if (parts === null) return null;
  // In every zone an instant of that month.
  const middle = Date.UTC(Number(parts[1]), Number(parts[2]) - 1, 15);
  const { from, to } = capPeriod('month', timezone, middle);
  return { name: text, from: new Date(from), to: new Date(to) };
}
