/** What buyers report after a call: a name, and an amount where there is one. */
import type { Money } from './money.ts';

/** By name; null where no report of that name had an amount. */
export type Reported = ReadonlyMap<string, Money | null>;

export interface Report {
  readonly name: string;
  readonly amount: Money | null;
}

/** Reports of one name, under different keys, add up; those without an amount add nothing. In no particular order. */
export function reportedBy(reports: readonly Report[]): Reported {
  const sums = new Map<string, Money | null>();
  for (const { name, amount } of reports) {
    const sum = sums.get(name) ?? null;
    sums.set(name, amount === null ? sum : (sum ?? 0n) + amount);
  }
  return sums;
}

/** Letters, digits and _, as of every attribute. */
export const isReportName = (text: string): boolean => /^[a-z][a-z0-9_]{0,62}$/i.test(text);

const prefix = 'reported.';

/** `reported.sale`: `yes` once a sale was reported, else not known. */
export const reportedAttribute = (name: string): string => `${prefix}${name}`;

/** `sale` of `reported.sale`; null for any other attribute. */
export const reportedName = (attribute: string): string | null =>
  attribute.startsWith(prefix) ? attribute.slice(prefix.length) : null;
