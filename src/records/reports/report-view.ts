import type { Figures } from './figures.ts';
import type { Report, ReportQuery } from './report.ts';

interface ReportView<Told = Figures> {
  readonly by: ReportQuery['by'];
  readonly from: string | null;
  readonly to: string | null;
  readonly timezone: string;
  readonly rows: readonly (Told & Readonly<Record<string, unknown>>)[];
  readonly totals: readonly Told[];
}

/** Every row names what it is of: `{ "buyer": "sunrise", "hour": 9, "currency": "USD", "calls": 12, … }`. */
export function reportView(report: Report, query: ReportQuery): ReportView;
export function reportView<Told>(
  report: Report,
  query: ReportQuery,
  told: (figures: Figures) => Told,
): ReportView<Told>;
export function reportView(
  { rows, totals }: Report,
  { by, from, to, timezone }: ReportQuery,
  told: (figures: Figures) => object = (figures) => figures,
): ReportView<object> {
  return {
    by,
    from: from?.toISOString() ?? null,
    to: to?.toISOString() ?? null,
    timezone,
    rows: rows.map(({ keys, ...figures }) => ({
      ...Object.fromEntries(by.map((key, at) => [key, keys[at] ?? null])),
      ...told(figures),
    })),
    totals: totals.map(told),
  };
}
