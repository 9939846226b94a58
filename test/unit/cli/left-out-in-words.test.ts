import { expect, test } from 'vitest';
import { inWords, withMoney } from '../../../src/cli/left-out-in-words.ts';

test.each([
  ['timeout', 'did not bid in time'],
  ['below_min', 'bid less than 5.00'],
  ['breaker_open', 'was not asked for a bid, after failures in a row'],
  [4_000_000, 'bid 4.00, less than 5.00'],
  // Nobody was asked, as in a simulation.
  [null, 'did not bid'],
])('a bidder of whom was seen %s', (seen, said) => {
  expect(inWords(withMoney({ buyer: 'helio', rule: 'bid', seen, limit: 5_000_000 }, 2))).toBe(said);
});
