import { expect, test } from 'vitest';
import { noBid, type BidOutcome } from '../../../src/bids/outcome.ts';
import { standingBid } from '../../../src/calls/bids.ts';

const bids = new Map<string, BidOutcome>([
  ['sunrise', { kind: 'bid', price: 12_500_000, expiresAt: 1_000 }],
  ['helio', noBid('breaker_open')],
]);

test.each([
  ['a bid that stands', 'sunrise', 999, 12_500_000],
  ['a bid that ran out while others were tried', 'sunrise', 1_000, 'expired'],
  ['what came in place of a bid', 'helio', 999, 'breaker_open'],
  ['a buyer who was not asked', 'brightside', 999, null],
])('%s', (_, buyer, now, standing) => {
  expect(standingBid(bids, buyer, now)).toBe(standing);
});
