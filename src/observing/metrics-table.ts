/** The table of docs/metrics.md, from the very registry that a switch exposes. */
import { Registry } from 'prom-client';
import { createEvents } from '../events.ts';
import { exposeGauges } from './gauges.ts';

/** As Markdown, by name. */
export function metricsTable(): string {
  const metrics = registryOfAll().getMetricsAsArray();
  const rows = metrics
    .map((metric) => {
      const { name, help, type, labelNames = [] } = metric as unknown as Described;
      return { name, help, type: String(type), labels: labelNames.map((label) => `\`${label}\``).join(', ') };
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, type, labels, help }) => `| \`${name}\` | ${type} | ${labels} | ${help} |`);
  return ['| metric | type | labels | |', '|---|---|---|---|', ...rows].join('\n');
}

interface Described {
  readonly name: string;
  readonly help: string;
  readonly type: unknown;
  readonly labelNames?: readonly string[];
}

const begin = '<!-- generated: npm run metrics-doc -->';
const end = '<!-- end of what is generated -->';

/** The document with this table between its marks. */
export function withTable(document: string, table: string): string {
  const [before = '', rest = ''] = document.split(begin);
  const after = rest.split(end)[1];
  if (after === undefined) throw new Error('docs/metrics.md has lost the marks of its table');
  return `${before}${begin}\n\n${table}\n\n${end}${after}`;
}

/** Of a switch with the embedded engine, which has all of them; nothing is read of what is watched. */
export function registryOfAll(): Registry {
  const registry = new Registry();
  createEvents(() => undefined, registry);
  const unread = (): never => {
    throw new Error('is described, not read');
  };
  const stats = { stats: unread };
  const usages = { of: unread, timezoneOf: unread };
  exposeGauges(registry, {
    calls: { size: 0 },
    books: { held: unread },
    overload: { limit: null, isStalled: false },
    engines: {
      signalling: { link: new AbortController().signal },
      media: { ready: false, servers: unread },
      sip: stats,
      rtp: stats,
    },
    journal: { ...stats, healthy: false },
    ...{ loader: stats, holdings: stats, webhooks: { figures: unread } },
    floor: { usages, now: unread, table: unread },
    notReady: unread,
    trace: { size: unread },
    loop: { delay: unread },
    sipLoad: unread,
    data: '',
  });
  return registry;
}
