/** A statement as one page for the printer: no script, nothing to load, every text escaped. */
import type { FullStatement, StatementLine, StatementSum } from './show-statement.ts';
import { aboutLine, onTheClock } from './words.ts';

/** Whose statement it is, as a Config has it. */
export interface StatingNetwork {
  readonly name: string;
  readonly timezone: string;
  readonly network: {
    readonly publishers: ReadonlyMap<string, { readonly name: string }>;
    readonly buyers: ReadonlyMap<string, { readonly name: string }>;
  };
}

export function statementPage(statement: FullStatement, config: StatingNetwork): string {
  const { id, publisher, buyer, month, currency, total, sums, lines } = statement;
  const party = publisher ?? buyer ?? '';
  const { publishers, buyers } = config.network;
  const named = (publisher === null ? buyers : publishers).get(party)?.name ?? party;
  const title = `${config.name}: ${party}, ${month}`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width">
<title>${escaped(title)}</title>
<style>${style}</style>
</head>
<body>
<header>
  <div>
    <p class="from">${escaped(config.name)}</p>
    <h1>Statement for ${escaped(monthInWords(month))}</h1>
    <p>${publisher === null ? 'To be paid by' : 'To be paid to'} <strong>${escaped(named)}</strong>${
      named === party ? '' : ` (${escaped(party)})`
    }</p>
  </div>
  <p class="total"><span>Total ${escaped(currency)}</span>${amount(total)}</p>
</header>
<dl>
  <dt>Statement</dt><dd>${escaped(id)}</dd>
  <dt>Period</dt><dd>up to ${escaped(onTheClock(statement.to, config))} (${escaped(config.timezone)})</dd>
  <dt>Closed</dt><dd>${escaped(onTheClock(statement.closed_at, config))} by ${escaped(statement.closed_by)}</dd>
</dl>
${lines.length === 0 ? '<p>Nothing fell due.</p>' : `${summary(sums, total)}\n${details(statement, config)}`}
</body>
</html>
`;
}

const summary = (sums: readonly StatementSum[], total: string): string => `<table class="summary">
<thead><tr><th>Campaign</th><th>For</th><th class="number">Lines</th><th class="number">Amount</th></tr></thead>
<tbody>
${sums
  .map(
    (sum) =>
      `<tr><td>${escaped(sum.campaign ?? '–')}</td><td>${kinds[sum.kind]}</td><td class="number">${sum.lines}</td>${cell(sum.amount)}</tr>`,
  )
  .join('\n')}
</tbody>
<tfoot><tr><th colspan="3">Total</th>${cell(total)}</tr></tfoot>
</table>`;

const kinds: Readonly<Record<StatementSum['kind'], string>> = {
  call: 'Calls',
  conversion: 'Conversions reported later',
  dispute: 'Disputes',
  adjustment: 'Adjustments',
};

const details = ({ lines, from }: FullStatement, config: StatingNetwork): string => `<table class="lines">
<thead><tr><th>Date</th><th>For</th><th>Campaign</th><th>Source</th><th>Call</th><th class="number">Amount</th></tr></thead>
<tbody>
${lines.map((line) => row(line, from, config)).join('\n')}
</tbody>
</table>`;

function row(line: StatementLine, from: string, config: StatingNetwork): string {
  const isLate = line.at < from;
  const about = `${escaped(aboutLine(line))}${isLate ? ' <em>earlier month</em>' : ''}`;
  const texts = [line.campaign ?? '–', line.source ?? '–', line.call ?? '–'];
  return `<tr><td class="time">${escaped(onTheClock(line.at, config))}</td><td>${about}</td>${texts
    .map((text, at) => `<td${at === 2 ? ' class="call"' : ''}>${escaped(text)}</td>`)
    .join('')}${cell(line.amount)}</tr>`;
}

const cell = (text: string): string => `<td class="number">${amount(text)}</td>`;

/** `-1234567.50` to `−1,234,567.50`. */
function amount(text: string): string {
  const [units = '', decimals] = text.replace('-', '').split('.');
  const grouped = units.replace(/\B(?=(\d{3})+$)/g, ',');
  return `${text.startsWith('-') ? '−' : ''}${grouped}${decimals === undefined ? '' : `.${decimals}`}`;
}

function monthInWords(month: string): string {
  const [year, number] = month.split('-').map(Number);
  const first = new Date(Date.UTC(year ?? 0, (number ?? 1) - 1));
  return first.toLocaleDateString('en', { month: 'long', year: 'numeric', timeZone: 'UTC' });
}

const escaped = (text: string): string =>
  text.replace(/[&<>"']/g, (sign) => `&#${sign.codePointAt(0) ?? 0};`);

const style = `
@page { size: auto; margin: 18mm 16mm; @bottom-right { content: counter(page) " / " counter(pages); font-size: 8pt; } }
* { box-sizing: border-box; }
body { margin: 2rem auto; max-width: 60rem; padding: 0 1rem; color: #111; background: #fff;
  font: 10pt/1.45 system-ui, "Helvetica Neue", Arial, sans-serif; }
header { display: flex; justify-content: space-between; align-items: flex-end; gap: 2rem;
  border-bottom: 2px solid #111; padding-bottom: .75rem; }
header p { margin: 0; }
h1 { font-size: 18pt; line-height: 1.2; margin: .15rem 0 .4rem; }
.from { color: #555; }
.total { font-size: 18pt; font-weight: 600; text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
.total span { display: block; font-size: 9pt; font-weight: 400; color: #555; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .1rem 1rem; margin: 1rem 0 1.5rem; }
dt { color: #555; }
dd { margin: 0; overflow-wrap: anywhere; }
table { width: 100%; border-collapse: collapse; margin-bottom: 1.75rem; }
th { text-align: left; font-weight: 600; white-space: nowrap; border-bottom: 1px solid #111; }
th, td { padding: .25rem .5rem .25rem 0; vertical-align: top; overflow-wrap: break-word; }
th:last-child, td:last-child { padding-right: 0; }
tbody td { border-bottom: 1px solid #ddd; }
tfoot th, tfoot td { border-top: 1px solid #111; border-bottom: 0; font-weight: 600; }
.number { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
.time { white-space: nowrap; font-variant-numeric: tabular-nums; }
.lines { font-size: 8.5pt; }
.call { font-family: ui-monospace, Menlo, Consolas, monospace; font-size: 7.5pt; }
em { font-style: normal; color: #555; border: 1px solid #bbb; border-radius: 3px; padding: 0 .25em; font-size: .85em; }
thead { display: table-header-group; }
tfoot { display: table-row-group; }
tr { break-inside: avoid; }
@media print { body { margin: 0; max-width: none; padding: 0; } .lines { font-size: 8pt; } .lines .call { font-size: 6.5pt; } }
`;
