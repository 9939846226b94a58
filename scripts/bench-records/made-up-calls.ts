/** Calls of a busy afternoon, and what they are paid; the same in every run. */
import type { AttemptRecord, CallRecord, JournalEvent, LeftOutLine } from '../../src/records/events.ts';
import { termsToJson } from '../../src/settlement/terms-json.ts';
import type { Condition } from '../../src/conditions/condition.ts';
import type { PayRule, TermsBook } from '../../src/settlement/terms.ts';

const start = Date.UTC(2026, 10, 2, 14);
const day = 86_400_000;
const buyers = Array.from({ length: 200 }, (_, n) => `buyer-${n}`);
const campaigns = Array.from({ length: 40 }, (_, n) => `campaign-${n}`);
const publishers = Array.from({ length: 60 }, (_, n) => `publisher-${n}`);

const lasts = (value: number): Condition => ({
  kind: 'compare',
  attribute: 'connected',
  operator: '>=',
  value,
});
const flat = (amount: bigint, from: number): PayRule => ({
  pays: { kind: 'flat', amount },
  when: [lasts(from)],
});

/** Every buyer and campaign pays once a caller, one publisher in ten has a cap. */
export const terms: TermsBook = {
  ...{ currency: 'USD', minorDigits: 2, timezone: 'America/New_York', hold: 14 * day },
  buyers: new Map(
    buyers.map((buyer) => [buyer, { buyer, revenue: [flat(45_000_000n, 90_000)], oncePerCaller: 30 * day }]),
  ),
  campaigns: new Map(
    campaigns.map((campaign) => [
      campaign,
      {
        ...{
          campaign,
          payout: [flat(30_000_000n, 90_000), flat(2_000_000n, 30_000)],
          oncePerCaller: 30 * day,
        },
        disputes: { within: 14 * day, payout: 'reverse' },
      },
    ]),
  ),
  publishers: new Map(
    publishers
      .filter((_, n) => n % 10 === 0)
      .map((publisher) => [
        publisher,
        { publisher, hold: 30 * day, caps: [{ limit: 20_000_000_000n, per: 'day', campaign: null }] },
      ]),
  ),
};

const table = 'bench';
export const tableEvent: JournalEvent = { type: 'table', at: start, hash: table, terms: termsToJson(terms) };

/** The events of each of so many calls, from the call with this number. */
export function madeUpCall(number: number): readonly JournalEvent[] {
  const record = recordOf(number);
  const { call, from, to, carrier, campaign, publisher, source, attributes, startedAt } = record;
  const identity = { call, from, to, carrier, campaign, publisher, source, attributes, table };
  const events: JournalEvent[] = [
    { type: 'offered', at: startedAt, ...identity },
    { type: 'answered', at: startedAt + 400, call },
    { type: 'routed', at: startedAt + 410, call, attributes, plan: record.plan, leftOut: record.leftOut },
    ...record.attempts.map(({ buyer, trunk, dial, priority, startedAt: at }): JournalEvent => {
      return { type: 'attempted', at, call, attempt: { buyer, trunk, dial, priority } };
    }),
  ];
  if (record.connectedAt !== null && record.buyer !== null)
    events.push({ type: 'connected', at: record.connectedAt, call, buyer: record.buyer });
  events.push({ type: 'ended', at: record.endedAt, record });
  const legs = record.connectedAt === null ? [0] : [0, record.attempts.length];
  const packets = Math.round((record.endedAt - startedAt) / 20);
  for (const leg of legs)
    events.push({
      ...{ type: 'media', at: record.endedAt + 50, call, startedAt, leg, codec: 'PCMU' },
      ...{
        packetsSent: packets,
        packetsReceived: packets - (number % 3),
        packetsLost: number % 3,
        jitter: 1.5,
      },
    });
  return events;
}

function recordOf(number: number): CallRecord {
  const pick = (salt: number, below: number): number => mixed(number * 31 + salt) % below;
  const of = (list: readonly string[], salt: number): string => list[pick(salt, list.length)] ?? '';
  const startedAt = start + number * 20;
  const attempted = [1, 1, 1, 2, 2, 3][pick(1, 6)] ?? 1;
  const isConnected = pick(2, 10) < 8;
  const talk = pick(3, 300_000);
  const plan = Array.from({ length: 3 }, (_, n) => ({
    ...{
      buyer: of(buyers, 10 + n),
      trunk: `trunk-${pick(20 + n, 50)}`,
      dial: '+12145550111',
      priority: n + 1,
    },
  }));
  const connectedAt = isConnected ? startedAt + attempted * 3000 : null;
  const endedAt = (connectedAt ?? startedAt + attempted * 3000) + (isConnected ? talk : 0);
  const attempts = plan.slice(0, attempted).map((line, n): AttemptRecord => {
    const isLast = n === attempted - 1;
    const answered = isLast ? connectedAt : null;
    const at = startedAt + 450 + n * 3000;
    return {
      ...line,
      ...{ startedAt: at, ringingAt: at + 180, answeredAt: answered, endedAt: isLast ? endedAt : at + 2500 },
      ...{ acknowledgedAt: answered, byeAt: answered === null ? null : endedAt },
      sipCallId: `${mixed(number + n).toString(16)}-${n}@192.0.2.10`,
      result: answered === null ? 'busy' : 'answered',
      status: answered === null ? 486 : 200,
      reason: answered === null ? 'Busy Here' : 'OK',
    };
  });
  return {
    call: `0198-${number.toString(36).padStart(8, '0')}-${mixed(number).toString(16).padStart(8, '0')}`,
    from: `+1214${String(pick(4, 5_000_000)).padStart(7, '0')}`,
    to: `+1800${String(pick(5, 383_000)).padStart(7, '0')}`,
    ...{ carrier: 'voxlink', campaign: of(campaigns, 6), publisher: of(publishers, 7), source: 'google-ads' },
    attributes: {
      ...{ 'caller.state': 'TX', 'caller.area_code': '214', 'caller.country': 'US', 'ivr.homeowner': 'yes' },
      ...{ 'ivr.age': 30 + pick(8, 50), day: 'monday' },
    },
    ...{ table, startedAt, ringingAt: null, answeredAt: startedAt + 400, acknowledgedAt: startedAt + 430 },
    ...{
      connectedAt,
      byeAt: endedAt,
      endedAt,
      sipCallId: `${mixed(number).toString(16)}@198.51.100.7`,
      codec: 'PCMU',
    },
    outcome: isConnected ? 'connected' : 'no_buyer',
    cause: isConnected ? 'caller_hangup' : 'no_buyer',
    hungUpBy: isConnected ? 'caller' : 'switch',
    buyer: isConnected ? (plan[attempted - 1]?.buyer ?? null) : null,
    ...{ attempts, plan, leftOut, media: 'anchored', recording: null },
  };
}

const leftOut: readonly LeftOutLine[] = Array.from({ length: 7 }, (_, n) => ({
  ...{ buyer: `buyer-${n}`, rule: 'accepts', about: 'caller.state', seen: 'TX', limit: ['NY', 'NJ', 'CT'] },
}));

/** A number that looks like no other, of 32 bits. */
function mixed(value: number): number {
  let bits = (value + 0x9e3779b9) | 0;
  bits = Math.imul(bits ^ (bits >>> 16), 0x21f0aaad);
  bits = Math.imul(bits ^ (bits >>> 15), 0x735a2d97);
  return (bits ^ (bits >>> 15)) >>> 0;
}
