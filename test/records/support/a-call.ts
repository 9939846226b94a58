/** Calls and terms to test with. */
import type { AttemptRecord, CallRecord, JournalEvent } from '../../../src/records/events.ts';
import type { Journal } from '../../../src/records/journal/journal.ts';
import { inParts } from '../../../src/settlement/terms-parts.ts';
import type { TermsBook } from '../../../src/settlement/terms.ts';

const start = Date.UTC(2026, 2, 2, 15, 0, 0);
const day = 86_400_000;

/** 45.00 from 90 s, once in 30 days; 30.00 of it to the publisher, 60 % from 60 s. */
export const terms: TermsBook = {
  currency: 'USD',
  minorDigits: 2,
  timezone: 'America/New_York',
  hold: 0,
  publishers: new Map(),
  buyers: new Map([
    [
      'sunrise',
      {
        buyer: 'sunrise',
        revenue: [
          {
            pays: { kind: 'flat', amount: 45_000_000n },
            when: [{ kind: 'compare', attribute: 'connected', operator: '>=', value: 90_000 }],
          },
        ],
        oncePerCaller: 30 * day,
      },
    ],
    [
      'helio',
      {
        buyer: 'helio',
        revenue: [
          {
            pays: { kind: 'flat', amount: 38_000_000n },
            when: [{ kind: 'compare', attribute: 'connected', operator: '>=', value: 60_000 }],
          },
        ],
        oncePerCaller: null,
      },
    ],
  ]),
  campaigns: new Map([
    [
      'solar',
      {
        campaign: 'solar',
        payout: [
          {
            pays: { kind: 'flat', amount: 30_000_000n },
            when: [{ kind: 'compare', attribute: 'connected', operator: '>=', value: 90_000 }],
          },
          {
            pays: { kind: 'share', ppm: 600_000, round: 'half_even' },
            when: [{ kind: 'compare', attribute: 'connected', operator: '>=', value: 60_000 }],
          },
        ],
        oncePerCaller: 30 * day,
        disputes: { within: null, payout: 'reverse' },
      },
    ],
  ]),
};

/** How a table comes to stand in the journal: its terms, then itself. */
export function tableEvents(hash = 'table-1', book = terms): readonly JournalEvent[] {
  const { currency, minorDigits, parts } = inParts(book);
  return [
    ...parts.map(({ digest, text }): JournalEvent => ({ type: 'terms', at: start, digest, terms: text })),
    { type: 'table', at: start, hash, currency, minorDigits, parts: parts.map(({ digest }) => digest) },
  ];
}

export function writeTable(journal: Pick<Journal, 'append'>): void {
  for (const event of tableEvents()) journal.append(event);
}

let made = 0;

/** By default answered after 1 s, connected after 3 s to sunrise, hung up by the caller after 95 s of talk. */
export function aCall(given: Partial<CallRecord> & { readonly talk?: number } = {}): CallRecord {
  const { talk = 95_000, ...fields } = given;
  made += 1;
  const startedAt = fields.startedAt ?? start + made * 1000;
  const connectedAt = fields.connectedAt === undefined ? startedAt + 3000 : fields.connectedAt;
  const buyer = fields.buyer === undefined ? 'sunrise' : fields.buyer;
  const endedAt = fields.endedAt ?? (connectedAt ?? startedAt) + talk;
  const planned = { buyer: buyer ?? 'sunrise', trunk: 'sunrise-pbx', dial: '+12145550111', priority: 1 };
  const attempt: AttemptRecord = {
    ...planned,
    startedAt: startedAt + 1000,
    ringingAt: startedAt + 1500,
    answeredAt: connectedAt,
    endedAt,
    result: connectedAt === null ? 'busy' : 'answered',
    status: connectedAt === null ? 486 : 200,
    reason: connectedAt === null ? 'Busy Here' : 'OK',
  };
  return {
    call: `call-${process.pid}-${made}`,
    from: `+1214555${String(made).padStart(4, '0')}`,
    to: '+18005550100',
    carrier: 'voxlink',
    campaign: 'solar',
    publisher: 'clickwise',
    source: 'google-ads',
    attributes: { 'caller.state': 'TX', 'ivr.homeowner': true },
    table: 'table-1',
    answeredAt: startedAt + 1000,
    outcome: connectedAt === null ? 'no_buyer' : 'connected',
    cause: connectedAt === null ? 'no_buyer' : 'caller_hangup',
    hungUpBy: 'caller',
    attempts: [attempt],
    plan: [planned],
    leftOut: [{ buyer: 'brightside', rule: 'accepts', about: 'ivr.homeowner', seen: true, limit: false }],
    media: 'anchored',
    recording: null,
    ...fields,
    buyer,
    startedAt,
    connectedAt,
    endedAt,
  };
}

export const ended = (record: CallRecord): JournalEvent => ({ type: 'ended', at: record.endedAt, record });

/** What a call leaves in the journal before it ends. */
export function offered(record: CallRecord): JournalEvent {
  const { call, from, to, carrier, campaign, publisher, source, attributes, table } = record;
  return {
    type: 'offered',
    at: record.startedAt,
    call,
    from,
    to,
    carrier,
    campaign,
    publisher,
    source,
    attributes,
    table,
  };
}
